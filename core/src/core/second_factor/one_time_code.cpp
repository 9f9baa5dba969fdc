#include "second_factor/one_time_code.hpp"

#include <algorithm>
#include <array>

namespace baluhost {
namespace {

constexpr std::size_t kBlockBytes = 64;

/// HMAC-SHA-1 (RFC 2104).
Sha1Digest hmac_sha1(std::string_view key, std::string_view message, Digester& digester) {
  const auto hash = [&](char pad, std::string_view rest) {
    std::array<char, kBlockBytes> block{};
    std::ranges::copy(key.substr(0, kBlockBytes), block.begin());
    for (char& byte : block) byte = static_cast<char>(byte ^ pad);
    const auto stream = digester.sha1_stream();
    stream->update({block.data(), block.size()});
    stream->update(rest);
    return stream->digest();
  };
  constexpr char inner = 0x36;
  constexpr char outer = 0x5c;
  return hash(outer, hash(inner, message).view());
}

/// Eight bytes, the first one first (RFC 4226 section 5.1).
std::string big_endian(std::uint64_t number) {
  std::string bytes;
  for (unsigned shift = 64; shift > 0; shift -= 8)
    bytes += static_cast<char>(number >> (shift - 8) & 0xffU);
  return bytes;
}

} // namespace

std::string hotp(const Secret& seed, std::uint64_t counter, std::size_t digits,
                 Digester& digester) {
  const auto mac = hmac_sha1(seed.reveal(), big_endian(counter), digester);
  const std::size_t offset = mac.bytes.back() & 0xfU;
  std::uint32_t number = mac.bytes[offset] & 0x7fU;
  for (std::size_t i = 1; i < sizeof number; ++i) number = number << 8U | mac.bytes[offset + i];
  std::string code(digits, '0');
  for (std::size_t i = digits; i > 0; number /= 10)
    code[--i] = static_cast<char>('0' + number % 10);
  return code;
}

std::optional<TotpStep> step_of_code(const Secret& seed, std::string_view code, Timestamp now,
                                     Digester& digester) {
  std::optional<TotpStep> found;
  const auto present = totp_step(now);
  for (const TotpStep step : {TotpStep{present.value - 1}, present}) {
    const auto counter = static_cast<std::uint64_t>(step.value);
    const auto right = hotp(seed, counter, SecondFactorLimits::digits, digester);
    if (equal_in_constant_time(code, right)) found = step;
  }
  return found;
}

} // namespace baluhost
