#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/small_disk.hpp"
#include "sql_fixture.hpp"

#include <filesystem>
#include <fstream>

namespace baluhost::test {
namespace {

TEST_CASE("a full disk under SQLite is insufficient_storage, and with room again it goes on") {
  const SmallDisk disk("size=4m");
  if (!disk.mounted()) return;
  const auto database = value(make_sqlite_database({.path = disk.path() + "/baluhost.db"}));
  value(record(*database, event_at(1)));
  const std::string filler = disk.path() + "/filler";
  {
    std::ofstream out{filler, std::ios::binary};
    while (out.write(std::string(4096, 'x').data(), 4096).flush()) {
    }
  }
  Result<void> written;
  int kept = 1;
  for (int i = 2; i < 5000 && written; ++i) {
    written = record(*database, event_at(i));
    if (written) ++kept;
  }
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::insufficient_storage);
  std::filesystem::remove(filler);
  value(record(*database, event_at(5000)));
  CHECK(trail(*database).size() == static_cast<std::size_t>(kept) + 1);
}

} // namespace
} // namespace baluhost::test
