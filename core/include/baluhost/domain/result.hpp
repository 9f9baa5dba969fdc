#pragma once

#include "baluhost/domain/error.hpp"

#include <cassert>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace baluhost {

template <class T>
class [[nodiscard]] Result;

namespace detail {

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

/// `function(value of self)`, which returns a Result; else the error of `self`.
template <class Self, class F>
auto and_then(Self&& self, F&& function) {
  const auto call = [&]() -> decltype(auto) {
    if constexpr (std::is_void_v<typename std::remove_cvref_t<Self>::value_type>) {
      return std::invoke(std::forward<F>(function));
    } else {
      return std::invoke(std::forward<F>(function), std::forward<Self>(self).value());
    }
  };
  using Next = std::remove_cvref_t<decltype(call())>;
  static_assert(is_result<Next>, "what and_then calls returns a Result; for a value: transform");
  if (!self) return Next{std::forward<Self>(self).error()};
  return Next{call()};
}

/// A Result of `function(value of self)`; else the error of `self`.
template <class Self, class F>
auto transform(Self&& self, F&& function) {
  return detail::and_then(std::forward<Self>(self), [&](auto&&... value) {
    using Value = std::remove_cvref_t<
        std::invoke_result_t<F, decltype(std::forward<decltype(value)>(value))...>>;
    static_assert(!is_result<Value>,
                  "what transform calls returns a value; for a Result: and_then");
    if constexpr (std::is_void_v<Value>) {
      std::invoke(std::forward<F>(function), std::forward<decltype(value)>(value)...);
      return Result<std::conditional_t<std::is_void_v<Value>, Value, void>>{};
    } else {
      return Result<Value>{
          std::invoke(std::forward<F>(function), std::forward<decltype(value)>(value)...)};
    }
  });
}

/// `self`, or what `function(error of self)` returns.
template <class Self, class F>
auto or_else(Self&& self, F&& function) {
  using Same = std::remove_cvref_t<Self>;
  static_assert(std::is_convertible_v<std::invoke_result_t<F, Error>, Same>,
                "what or_else calls returns the same Result, a value of it or an Error");
  if (self) return Same{std::forward<Self>(self)};
  return Same{std::invoke(std::forward<F>(function), std::forward<Self>(self).error())};
}

/// Writes "ok", or `error`.
std::ostream& print(std::ostream& out, const Error* error);

/// The calls of a Result that look for themselves whether it has a value, for `Self`, which is it.
template <class Self>
class Chain {
 public:
  /// `function(value)`, which returns a Result of whatever; else the error. Of a Result of nothing,
  /// `function()`.
  template <class F>
  auto and_then(F&& function) const& {
    return detail::and_then(self(), std::forward<F>(function));
  }
  template <class F>
  auto and_then(F&& function) && {
    return detail::and_then(std::move(*this).self(), std::forward<F>(function));
  }

  /// A Result of what `function(value)`, or `function()`, returns; else the error.
  template <class F>
  auto transform(F&& function) const& {
    return detail::transform(self(), std::forward<F>(function));
  }
  template <class F>
  auto transform(F&& function) && {
    return detail::transform(std::move(*this).self(), std::forward<F>(function));
  }

  /// The same Result, or what `function(error)` returns instead: another one, a value or an error.
  template <class F>
  Self or_else(F&& function) const& {
    return detail::or_else(self(), std::forward<F>(function));
  }
  template <class F>
  Self or_else(F&& function) && {
    return detail::or_else(std::move(*this).self(), std::forward<F>(function));
  }

  /// "ok", or the error as `Error::message` has it.
  friend std::ostream& operator<<(std::ostream& out, const Self& result) {
    return detail::print(out, result ? nullptr : &result.error());
  }

 private:
  [[nodiscard]] const Self& self() const& noexcept { return static_cast<const Self&>(*this); }
  [[nodiscard]] Self&& self() && noexcept { return static_cast<Self&&>(*this); }
};

} // namespace detail

/// A value or an `Error`; spelled like `std::expected<T, Error>`, which C++20 lacks. Reading the
/// half that is not there is a broken invariant: it fails an assertion where NDEBUG is not defined,
/// and is undefined otherwise. Ask `has_value` first, or use `value_or`, `and_then`, `transform`
/// and `or_else`, which look for themselves.
template <class T>
class [[nodiscard]] Result : public detail::Chain<Result<T>> {
 public:
  /// As of `std::expected`.
  using value_type = T;

  /// From whatever becomes a value.
  template <class U = T>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  /// The half of an error.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  /// Whether there is a value.
  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value, which has to be there.
  T& value() & noexcept { return *checked<0>(state_); }
  const T& value() const& noexcept { return *checked<0>(state_); }
  T&& value() && noexcept { return std::move(*checked<0>(state_)); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }

  /// The error, which has to be there.
  Error& error() & noexcept { return *checked<1>(state_); }
  const Error& error() const& noexcept { return *checked<1>(state_); }
  Error&& error() && noexcept { return std::move(*checked<1>(state_)); }

  /// The value, or `other` in place of an error.
  template <class U>
  [[nodiscard]] T value_or(U&& other) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  [[nodiscard]] T value_or(U&& other) && {
    return has_value() ? std::move(*this).value() : static_cast<T>(std::forward<U>(other));
  }

 private:
  template <std::size_t Half, class State>
  static auto* checked(State& state) noexcept {
    auto* half = std::get_if<Half>(&state);
    assert(half != nullptr && "a Result was read for the half that it has not");
    return half;
  }

  std::variant<T, Error> state_;
};

/// Success, or an `Error`.
template <>
class [[nodiscard]] Result<void> : public detail::Chain<Result<void>> {
  template <class Self>
  static auto& checked(Self& self) noexcept {
    assert(self.error_ && "a Result was read for the error that it has not");
    return *self.error_;
  }

 public:
  /// As of `std::expected`.
  using value_type = void;

  /// Success.
  Result() = default;

  /// The half of an error.
  Result(Error error) : error_(std::move(error)) {}

  /// Whether it is success.
  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The error, which has to be there.
  Error& error() & noexcept { return checked(*this); }
  const Error& error() const& noexcept { return checked(*this); }
  Error&& error() && noexcept { return std::move(checked(*this)); }

 private:
  std::optional<Error> error_;
};

} // namespace baluhost

#define BALUHOST_DETAIL_CONCAT_(a, b) a##b
#define BALUHOST_DETAIL_NAME_(a, b) BALUHOST_DETAIL_CONCAT_(a, b)
#define BALUHOST_DETAIL_TRY_(result, declaration, expression) \
  auto result = (expression);                                 \
  if (!result) return std::move(result).error();              \
  declaration = *std::move(result)

/// `BALUHOST_TRY(auto path, FilePath::parse(text));` declares `path`, or returns the error from the
/// enclosing function.
#define BALUHOST_TRY(declaration, expression)                                             \
  BALUHOST_DETAIL_TRY_(BALUHOST_DETAIL_NAME_(baluhost_result_, __COUNTER__), declaration, \
                       expression)

#define BALUHOST_DETAIL_CHECK_(result, expression)                             \
  do {                                                                         \
    if (auto result = (expression); !result) return std::move(result).error(); \
  } while (false)

/// Returns the error of `expression`, if it has one, from the enclosing function; its value is
/// dropped.
#define BALUHOST_CHECK(expression) \
  BALUHOST_DETAIL_CHECK_(BALUHOST_DETAIL_NAME_(baluhost_result_, __COUNTER__), expression)
