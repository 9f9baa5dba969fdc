#pragma once

#include "baluhost/ports/seal_signer.hpp"

namespace baluhost::contract {

/// What every `SealSigner` promises; a suite. `stranger` has another key.
void seal_signer_contract(SealSigner& signer, SealSigner& stranger);

} // namespace baluhost::contract
