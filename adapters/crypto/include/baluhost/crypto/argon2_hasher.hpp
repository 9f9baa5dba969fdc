#pragma once

#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"

#include <cstdint>
#include <memory>

namespace baluhost {

/// Of `make_argon2_hasher`: what one hash costs (RFC 9106).
struct Argon2Options {
  std::uint32_t memory_kib{19456};
  std::uint32_t iterations{2};

  /// Lanes; computed one after the other, so that a hash costs one core.
  std::uint32_t parallelism{1};
};

/// Argon2id (RFC 9106) in PHC strings, salt 128 bits, tag 256 bits. Keeps the memory of as many
/// hashes as ever ran at once, wiped, and gives it back when the hasher goes. Hashes with more than
/// 1 GiB, 64 iterations or 16 lanes are internal: never ours. invalid_request if `options` break
/// RFC 9106, the limits above or the floor of 7 MiB.
Result<std::unique_ptr<PasswordHasher>> make_argon2_hasher(const Argon2Options& options,
                                                           RandomSource& random);

} // namespace baluhost
