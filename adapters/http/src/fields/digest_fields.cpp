#include "fields/digest_fields.hpp"

#include "fields/http_names.hpp"

namespace baluhost::http {
namespace {

constexpr bool is_key_char(char c) noexcept {
  return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}

Error malformed() { return invalid("a digest field is malformed"); }

} // namespace

Result<std::optional<Sha256Digest>> parse_digest_field(std::string_view header) {
  std::optional<Sha256Digest> found;
  auto rest = trimmed(header);
  if (rest.empty()) return malformed();
  for (;;) {
    std::size_t length = 0;
    while (length < rest.size() && is_key_char(rest[length])) ++length;
    const auto key = rest.substr(0, length);
    rest.remove_prefix(length);
    if (key.empty() || rest.size() < 3 || rest.substr(0, 2) != "=:") return malformed();
    const auto close = rest.find(':', 2);
    if (close == std::string_view::npos) return malformed();
    const auto raw = from_base64(rest.substr(2, close - 2));
    if (!raw) return malformed();
    if (key == "sha-256") {
      const auto digest = Sha256Digest::from_bytes(*raw);
      if (!digest || found) return malformed();
      found = *digest;
    }
    rest = trimmed(rest.substr(close + 1));
    if (rest.empty()) return found;
    if (rest.front() != ',') return malformed();
    rest = trimmed(rest.substr(1));
  }
}

Result<std::optional<Sha256Digest>> announced_digest(const DigestFields& fields) {
  std::optional<Sha256Digest> content;
  std::optional<Sha256Digest> repr;
  if (fields.content.data() != nullptr) {
    BALUHOST_TRY(content, parse_digest_field(fields.content));
  }
  if (fields.repr.data() != nullptr) {
    BALUHOST_TRY(repr, parse_digest_field(fields.repr));
  }
  if (content && repr && *content != *repr)
    return Error{.code = Errc::digest_mismatch,
                 .detail = "Content-Digest and Repr-Digest differ for an uncoded body"};
  return content ? content : repr;
}

std::string digest_field(const Sha256Digest& digest) {
  return "sha-256=:" + to_base64(digest.view()) + ":";
}

} // namespace baluhost::http
