#include "second_factor/recovery_codes.hpp"

#include "baluhost/domain/base32.hpp"

namespace baluhost {
namespace {

constexpr std::size_t kCharacters = SecondFactorLimits::recovery_code_bytes * 8 / 5;

} // namespace

Result<std::vector<Secret>> make_recovery_codes(RandomSource& random) {
  std::vector<Secret> codes;
  while (codes.size() < SecondFactorLimits::recovery_codes) {
    BALUHOST_TRY(const auto bytes, random.bytes(SecondFactorLimits::recovery_code_bytes));
    codes.emplace_back(to_base32(bytes));
  }
  return codes;
}

bool is_recovery_code(std::string_view text) noexcept {
  return text.size() == kCharacters &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string_view::npos;
}

RecoveryCodeHash hash_of_recovery_code(const Secret& code, Digester& digester) {
  return {digester.sha256(code.reveal())};
}

std::vector<RecoveryCodeHash> hashes_of(const std::vector<Secret>& codes, Digester& digester) {
  std::vector<RecoveryCodeHash> hashes;
  for (const auto& code : codes) hashes.push_back(hash_of_recovery_code(code, digester));
  return hashes;
}

} // namespace baluhost
