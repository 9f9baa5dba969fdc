#include "second_factor/code_check.hpp"

#include "second_factor/one_time_code.hpp"
#include "second_factor/recovery_codes.hpp"

#include "baluhost/domain/ascii.hpp"

#include <algorithm>
#include <string>

namespace baluhost {
namespace {

/// No code is longer, however it is spaced.
constexpr std::size_t kMostSent = 64;

/// Without what people put between its parts, in lower case.
Secret plain(const Secret& code) {
  std::string text;
  if (code.reveal().size() > kMostSent) return Secret{};
  for (const char c : code.reveal()) {
    if (c == ' ' || c == '-') continue;
    text += lower(c);
  }
  return Secret{std::move(text)};
}

bool is_totp_code(std::string_view text) {
  return text.size() == SecondFactorLimits::digits && std::ranges::all_of(text, is_digit);
}

} // namespace

Factor factor_of(const CodeProof& proof) noexcept {
  return std::holds_alternative<TotpStep>(proof) ? Factor::totp : Factor::recovery_code;
}

Result<std::optional<CodeProof>> CodeCheck::prove(const SecondFactor& factor, const Secret& code,
                                                  Timestamp now) const {
  const auto text = plain(code);
  std::optional<CodeProof> proof;
  if (is_totp_code(text.reveal())) {
    BALUHOST_TRY(const auto seed, seeds_.open(factor.seed, factor.user));
    if (const auto step = step_of_code(seed, text.reveal(), now, digester_)) proof = *step;
  } else if (is_recovery_code(text.reveal())) {
    proof = hash_of_recovery_code(text, digester_);
  }
  return proof;
}

Result<bool> use_proof(WriteTransaction& tx, UserId user, const CodeProof& proof) {
  if (const auto* step = std::get_if<TotpStep>(&proof))
    return tx.second_factors().use_step(user, *step);
  return tx.second_factors().use_recovery_code(user, std::get<RecoveryCodeHash>(proof));
}

} // namespace baluhost
