#pragma once

#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <memory>

namespace baluhost {

/// For tests only: signatures of the right length made by HMAC-SHA-256. Who can verify them can
/// forge them; they are no Ed25519. Without a key signing is unavailable.
std::unique_ptr<SealSigner> make_fake_seal_signer(Secret key);

} // namespace baluhost
