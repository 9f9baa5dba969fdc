#pragma once

#include "baluhost/ports/random_source.hpp"

#include <memory>

namespace baluhost {

/// The kernel's generator, once it is seeded: getrandom(2).
std::unique_ptr<RandomSource> make_kernel_random();

} // namespace baluhost
