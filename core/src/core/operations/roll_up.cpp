#include "baluhost/core/operations/roll_up.hpp"

#include "baluhost/ports/transactions.hpp"

#include <chrono>
#include <optional>

namespace baluhost {
namespace {

/// Events of a day still come some time after it: uploads that began before midnight.
constexpr std::chrono::hours kRest{3};
constexpr std::int64_t kDay = 86'400'000'000;

} // namespace

Result<void> roll_up_trail(Database& database, Timestamp now, FunctionRef<bool()> goes_on) {
  const std::int64_t before = (now - kRest).microseconds / kDay;
  while (goes_on()) {
    BALUHOST_TRY(const auto day,
                 query(database, [&](ReadTransaction& tx) { return tx.roll_up().next(before); }));
    if (!day) return {};
    BALUHOST_CHECK(database.bookkeep([&](Bookkeeping& tx) { return tx.roll_up().mark(*day); }));
    BALUHOST_CHECK(database.bookkeep([&](Bookkeeping& tx) { return tx.roll_up().settle(*day); }));
    BALUHOST_TRY(const auto figures,
                 query(database, [&](ReadTransaction& tx) { return tx.roll_up().count(*day); }));
    if (!figures) return {}; // others still write: later
    BALUHOST_TRY(const bool is_kept,
                 bookkeep(database, [&](Bookkeeping& tx) { return tx.roll_up().keep(*figures); }));
    if (!is_kept) return {};
  }
  return {};
}

} // namespace baluhost
