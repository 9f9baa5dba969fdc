#pragma once

#include "baluhost/ports/random_source.hpp"

#include <memory>

namespace baluhost {

/// The kernel's own generator (getrandom(2)), which waits until it was seeded once.
std::unique_ptr<RandomSource> make_kernel_random();

} // namespace baluhost
