#pragma once

#include "configuration.hpp"

#include "baluhost/domain/result.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <memory>

namespace baluhost::migrate {

/// The public keys in `server.keys_dir`. not_found, invalid_request: they are not there, or no
/// keys.
Result<std::unique_ptr<SealVerifier>> open_seal_keys(const Configuration& configuration);

} // namespace baluhost::migrate
