#pragma once

#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/token_codec.hpp"

#include <memory>

namespace baluhost {

/// Tokens that keep the contract but for their form: claims and an HMAC-SHA-256 over them with
/// `key`, which are no JWT and which no other program takes. Without a key signing is unavailable.
std::unique_ptr<TokenCodec> make_memory_token_codec(Secret key);

} // namespace baluhost
