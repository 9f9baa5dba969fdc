#pragma once

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/ports/token_codec.hpp"

#include <memory>

namespace baluhost {

/// Tokens signed with the newest key of their kind in `keys`, which must outlive the codec.
std::unique_ptr<TokenCodec> make_jwt_codec(KeyDirectory& keys);

} // namespace baluhost
