#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::sql {

/// A value for one placeholder: a number or a text, or the NULL of either. A text is borrowed for
/// the time of the call.
class Argument {
 public:
  template <std::integral T>
  Argument(T number) : number_(static_cast<long long>(number)) {}
  Argument(Timestamp time) : number_(time.microseconds) {}
  template <class Tag>
  Argument(NumericId<Tag> id) : number_(id.value) {}

  Argument(std::string_view text) : is_text_(true), text_(text) {}
  Argument(const std::string& text) : Argument(std::string_view{text}) {}
  Argument(const char* text) : Argument(std::string_view{text}) {}
  template <class Tag, std::size_t Bytes>
  Argument(const RandomId<Tag, Bytes>& id) : Argument(std::string_view{id.value}) {}
  template <std::size_t N>
  Argument(const Digest<N>& digest) : is_text_(true), own_(digest.hex()) {}
  Argument(const IpAddress& address) : is_text_(true), own_(address.str()) {}

  template <class T>
  Argument(const std::optional<T>& value) : Argument(value ? Argument(*value) : null_like<T>()) {}

  [[nodiscard]] bool is_text() const noexcept { return is_text_; }
  [[nodiscard]] bool is_null() const noexcept { return is_null_; }
  [[nodiscard]] long long number() const noexcept { return number_; }
  [[nodiscard]] std::string_view text() const noexcept {
    return own_.empty() ? text_ : std::string_view{own_};
  }

 private:
  template <class T>
  static Argument null_like() {
    Argument argument(0);
    argument.is_text_ = !std::integral<T> && !std::same_as<T, Timestamp> && !requires(T id) {
      { id.value } -> std::same_as<std::int64_t&>;
    };
    argument.is_null_ = true;
    return argument;
  }

  bool is_text_{false};
  bool is_null_{false};
  long long number_{};
  std::string_view text_;
  std::string own_; ///< made for this argument, so not borrowed
};

using Arguments = std::vector<Argument>;

} // namespace baluhost::sql
