#pragma once

#include "baluhost/domain/identity/key.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <optional>
#include <string_view>

namespace baluhost {

/// The secret of a key as its owner has it: `baluhost_`, 128 random bits in 26 characters of base32
/// (RFC 4648, in lower case), and 6 that are a checksum of what is before them, so that a scanner
/// knows one where it sees one.
inline constexpr std::string_view kKeyPrefix = "baluhost_";

/// unavailable: there is no randomness.
[[nodiscard]] Result<Secret> make_key_secret(RandomSource& random, Digester& digester);

/// The hash that a secret is stored as; none for what is no secret of a key, whatever keys there
/// are.
[[nodiscard]] std::optional<KeyHash> read_key_secret(std::string_view text, Digester& digester);

} // namespace baluhost
