#pragma once

#include "baluhost/domain/secret.hpp"

namespace baluhost {

/// Opens what a browser shows or saves by itself, and nothing else. It travels in a cookie.
struct ReadToken {
  Secret text;
};

/// What a token that tells a caller is for; `share`: the cookie of a share.
enum class Audience { access, read, share };

} // namespace baluhost
