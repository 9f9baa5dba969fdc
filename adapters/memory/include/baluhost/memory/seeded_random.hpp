#pragma once

#include "baluhost/ports/random_source.hpp"

#include <cstdint>
#include <memory>

namespace baluhost {

/// For tests only: the same bytes for the same seed, so anyone can predict them.
std::unique_ptr<RandomSource> make_seeded_random(std::uint64_t seed = 1);

} // namespace baluhost
