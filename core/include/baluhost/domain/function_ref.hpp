#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace baluhost {

template <class Signature>
class FunctionRef;

/// A borrowed callable, a plain function too: two pointers, no allocation. An object must not
/// outlive the call it is passed to.
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  /// Borrows `callable`.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
           std::is_invocable_r_v<R, F&, Args...>) FunctionRef(F&& callable)
  noexcept
      : borrowed_(borrow(callable)), call_([](Borrowed borrowed, Args... args) -> R {
          using Callable = std::remove_reference_t<F>;
          if constexpr (std::is_function_v<Callable>) {
            return (*reinterpret_cast<Callable*>(borrowed.function))(std::forward<Args>(args)...);
          } else {
            return (*static_cast<Callable*>(borrowed.object))(std::forward<Args>(args)...);
          }
        }) {}

  /// Calls it.
  R operator()(Args... args) const { return call_(borrowed_, std::forward<Args>(args)...); }

 private:
  union Borrowed {
    void* object;
    void (*function)();
  };

  template <class F>
  static Borrowed borrow(F& callable) noexcept {
    if constexpr (std::is_function_v<F>) {
      return {.function = reinterpret_cast<void (*)()>(&callable)};
    } else {
      return {.object = const_cast<void*>(static_cast<const void*>(std::addressof(callable)))};
    }
  }

  Borrowed borrowed_;
  R (*call_)(Borrowed, Args...);
};

} // namespace baluhost
