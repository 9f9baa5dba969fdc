#pragma once

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/seed_cipher.hpp"

#include <memory>

namespace baluhost {

/// AES-256-GCM (NIST SP 800-38D) with the newest factor key of `keys`, opens with all. The user is
/// authenticated with the seed, so that one that is put into another's row opens for nobody. Both
/// arguments must outlive the cipher.
std::unique_ptr<SeedCipher> make_aes_seed_cipher(KeyDirectory& keys, RandomSource& random);

} // namespace baluhost
