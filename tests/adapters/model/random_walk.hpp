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

/// How many walks a test takes: `usual`, or what BALUHOST_MODEL_WALKS says. On memory and SQLite
/// the usual ten make 10,000 steps; on PostgreSQL 25 do, which takes longer than the suite lets a
/// test: `BALUHOST_MODEL_WALKS=25 test_adapters "*on PostgreSQL do*"`.
[[nodiscard]] int model_walks(int usual);

} // namespace baluhost::test
