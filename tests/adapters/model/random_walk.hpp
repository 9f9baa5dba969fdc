#pragma once

#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <string>

namespace baluhost::test {

/// Does `steps` random things to two small homes, on the use cases over `database`, which is new,
/// and on the plain model, and compares after each how it ended, what is on record of it, and all
/// that there is. Returns the first difference with the seed and the last steps; "" if there was
/// none.
[[nodiscard]] std::string walk_at_random(Database& database, std::uint64_t seed, int steps);

} // namespace baluhost::test
