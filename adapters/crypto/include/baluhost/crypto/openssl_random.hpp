#pragma once

#include "baluhost/ports/random_source.hpp"

#include <memory>

namespace baluhost {

/// OpenSSL's generator for secrets, seeded by the kernel.
std::unique_ptr<RandomSource> make_openssl_random();

} // namespace baluhost
