#pragma once

#include "baluhost/domain/ascii.hpp"

#include <cstddef>
#include <string_view>

/// Small text tools of HTTP: tokens, case, list elements. Bytes only, no locale.
namespace baluhost::http {

/// Header fields that several places read or write. In what is read, case does not count.
namespace field_names {
inline constexpr std::string_view kRequestedMethod = "Access-Control-Request-Method";
inline constexpr std::string_view kAllow = "Allow";
inline constexpr std::string_view kContentDisposition = "Content-Disposition";
inline constexpr std::string_view kContentRange = "Content-Range";
inline constexpr std::string_view kContentType = "Content-Type";
inline constexpr std::string_view kCookie = "Cookie";
inline constexpr std::string_view kETag = "ETag";
inline constexpr std::string_view kLocation = "Location";
inline constexpr std::string_view kOrigin = "Origin";
inline constexpr std::string_view kReprDigest = "Repr-Digest";
inline constexpr std::string_view kRetryAfter = "Retry-After";
inline constexpr std::string_view kSetCookie = "Set-Cookie";
inline constexpr std::string_view kUploadLength = "Upload-Length";
inline constexpr std::string_view kUploadMetadata = "Upload-Metadata";
inline constexpr std::string_view kUploadOffset = "Upload-Offset";
inline constexpr std::string_view kForwardedFor = "X-Forwarded-For";
} // namespace field_names

/// In the clear, or over TLS.
enum class Scheme { http, https };

/// RFC 9110 section 5.6.2.
constexpr bool is_token_char(char c) noexcept {
  return is_alphanumeric(c) ||
         (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
}
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_token_char(c)) return false;
  return !text.empty();
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/// Without blanks and tabs at both ends.
constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the text up to `separator` off the front of `rest`, the separator too.
constexpr std::string_view take_until(std::string_view& rest, char separator) noexcept {
  const auto at = rest.find(separator);
  const auto part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

/// True if the list, whose words are separated by blanks, holds `word`.
constexpr bool words_have(std::string_view words, std::string_view word) noexcept {
  while (!words.empty())
    if (take_until(words, ' ') == word) return !word.empty();
  return false;
}

/// True if the comma-separated list holds `token`, whatever its case.
constexpr bool list_has(std::string_view list, std::string_view token) noexcept {
  while (!list.empty())
    if (equals_ignoring_case(trimmed(take_until(list, ',')), token)) return true;
  return false;
}

} // namespace baluhost::http
