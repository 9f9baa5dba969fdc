#pragma once

#include "baluhost/ports/digester.hpp"

#include <memory>

namespace baluhost {

/// SHA-256 and SHA-1 by OpenSSL.
std::unique_ptr<Digester> make_openssl_digester();

} // namespace baluhost
