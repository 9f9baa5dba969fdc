#pragma once

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <memory>
#include <string_view>

namespace baluhost {

/// Signs with the newest seal key of `keys`, verifies with all; `keys` must outlive it.
std::unique_ptr<SealSigner> make_ed25519_signer(KeyDirectory& keys);

/// Verifies with the Ed25519 public keys in `pem`, one or several one after the other.
/// invalid_request if there is none, or something else among them.
Result<std::unique_ptr<SealVerifier>> make_seal_verifier_from_pem(std::string_view pem);

} // namespace baluhost
