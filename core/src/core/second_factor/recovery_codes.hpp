#pragma once

#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <string_view>
#include <vector>

namespace baluhost {

/// A set of recovery codes, each 120 random bits in 24 characters of base32 (RFC 4648, in lower
/// case). unavailable: there is no randomness.
[[nodiscard]] Result<std::vector<Secret>> make_recovery_codes(RandomSource& random);

/// Whether `text` has the form of one.
[[nodiscard]] bool is_recovery_code(std::string_view text) noexcept;

/// What a code is stored as.
[[nodiscard]] RecoveryCodeHash hash_of_recovery_code(const Secret& code, Digester& digester);
[[nodiscard]] std::vector<RecoveryCodeHash> hashes_of(const std::vector<Secret>& codes,
                                                      Digester& digester);

} // namespace baluhost
