#pragma once

#include "baluhost/domain/error.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace baluhost {

/// A value or an `Error`; spelled like `std::expected<T, Error>`, which C++20 lacks. Reading the
/// half that is not there is a broken invariant, and undefined: ask `has_value` first.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  template <class U = T>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept { return *std::get_if<0>(&state_); }
  const T& value() const& noexcept { return *std::get_if<0>(&state_); }
  T&& value() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }

  Error& error() & noexcept { return *std::get_if<1>(&state_); }
  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

  template <class U>
  T value_or(U&& other) && {
    return has_value() ? std::move(*this).value() : static_cast<T>(std::forward<U>(other));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  Error& error() & noexcept { return *error_; }
  const Error& error() const& noexcept { return *error_; }
  Error&& error() && noexcept { return std::move(*error_); }

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
