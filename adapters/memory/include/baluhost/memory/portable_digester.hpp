#pragma once

#include "baluhost/ports/digester.hpp"

#include <memory>

namespace baluhost {

/// SHA-256 and SHA-1 (FIPS 180-4) in plain C++: right, but many times slower than a library that
/// knows the processor.
std::unique_ptr<Digester> make_portable_digester();

} // namespace baluhost
