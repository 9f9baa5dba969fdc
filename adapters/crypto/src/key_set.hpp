#pragma once

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/domain/secret.hpp"
#include "openssl_handles.hpp"

#include <vector>

namespace baluhost {

/// Of tokens, or of second factors.
struct SecretKey {
  KeyInfo info;
  Secret secret; ///< 32 bytes
};

struct SealKey {
  KeyInfo info;
  PkeyPtr key;    ///< private and public half
  Secret mac_key; ///< 32 bytes that follow from the private half
};

/// The keys as of one moment; each list has the newest first.
struct KeySet {
  std::vector<SecretKey> access;
  std::vector<SecretKey> refresh;
  std::vector<SealKey> seal;
  std::vector<SecretKey> factor;
  std::vector<SecretKey> content; ///< may be none, in a directory of before
};

} // namespace baluhost
