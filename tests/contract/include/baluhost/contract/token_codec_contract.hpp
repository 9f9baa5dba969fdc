#pragma once

#include "baluhost/ports/token_codec.hpp"

namespace baluhost::contract {

/// What every `TokenCodec` promises; a suite, but for the form of its tokens. `stranger`
/// has other keys.
void token_codec_contract(TokenCodec& codec, TokenCodec& stranger);

} // namespace baluhost::contract
