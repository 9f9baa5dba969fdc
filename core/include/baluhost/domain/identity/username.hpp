#pragma once

#include "baluhost/domain/result.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace baluhost {

/// A user's name, lower case, immutable: `[a-z0-9][a-z0-9._-]{1,31}`, no reserved word. Also the
/// name of the user's home.
class Username {
 public:
  /// Lower-cases ASCII letters first; white space is refused, not trimmed. Else invalid_request.
  static Result<Username> parse(std::string_view text);

  /// Its text.
  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  auto operator<=>(const Username&) const = default;

 private:
  explicit Username(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// An e-mail address, at most 254 bytes (RFC 5321 section 4.5.3.1.3), of one `@`, a dot-atom and a
/// host name; ASCII. Compared without case.
class Email {
 public:
  /// White space is refused, not trimmed. Kept as written but for the host, which is lower-cased.
  /// Else invalid_request.
  static Result<Email> parse(std::string_view text);

  /// Its text.
  [[nodiscard]] const std::string& str() const noexcept { return text_; }

  /// All lower case: what must be unique.
  [[nodiscard]] std::string key() const;
  auto operator<=>(const Email&) const = default;

 private:
  explicit Email(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

} // namespace baluhost
