#include "keys/key_secret.hpp"

#include "baluhost/domain/base32.hpp"

#include <string>

namespace baluhost {
namespace {

constexpr std::size_t kRandomBytes = 16;
constexpr std::size_t kRandomDigits = 26;
constexpr std::size_t kChecksumDigits = 6;

std::string checksum(std::string_view text, Digester& digester) {
  return to_base32(digester.sha256(text).view()).substr(0, kChecksumDigits);
}

} // namespace

Result<Secret> make_key_secret(RandomSource& random, Digester& digester) {
  BALUHOST_TRY(const auto bytes, random.bytes(kRandomBytes));
  auto text = std::string{kKeyPrefix} + to_base32(bytes);
  text += checksum(text, digester);
  return Secret{std::move(text)};
}

std::optional<KeyHash> read_key_secret(std::string_view text, Digester& digester) {
  constexpr auto before_checksum = kKeyPrefix.size() + kRandomDigits;
  if (text.size() != before_checksum + kChecksumDigits || !text.starts_with(kKeyPrefix) ||
      text.substr(before_checksum) != checksum(text.substr(0, before_checksum), digester)) {
    return std::nullopt;
  }
  return KeyHash{digester.sha256(text)};
}

} // namespace baluhost
