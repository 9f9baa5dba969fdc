#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/small_disk.hpp"
#include "sql/full_disk.hpp"

namespace baluhost::test {
namespace {

TEST_CASE("a full disk under SQLite is insufficient_storage, and with room again it goes on") {
  const SmallDisk disk("size=4m");
  if (!disk.mounted()) return;
  const auto database = value(make_sqlite_database({.path = disk.path() + "/baluhost.db"}));
  fill_and_free(*database, disk.path() + "/filler");
}

} // namespace
} // namespace baluhost::test
