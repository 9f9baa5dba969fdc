#pragma once

#include "baluhost/ports/seed_cipher.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// For tests only: hides nothing, but tells another key, another user and another text, as a real
/// one does. `key_id` is the name of its one key.
std::unique_ptr<SeedCipher> make_insecure_seed_cipher(std::string key_id = "insecure");

} // namespace baluhost
