#pragma once

#include "baluhost/domain/result.hpp"
#include "runtime/server_state.hpp"

#include <string>

namespace baluhost::http {

/// Reads one entry of `server.listen` or `metrics.listen`. `scheme` is what the listeners
/// speak: https where there is a certificate. invalid_request that names the entry.
Result<Listener> parse_listener(const std::string& text, Scheme scheme);

/// Whether one of the two takes the other's connections, so that they cannot both be open.
bool collide(const Listener& one, const Listener& other);

} // namespace baluhost::http
