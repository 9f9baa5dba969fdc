#pragma once

#include "sql/sql_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <string>

namespace baluhost::test {

/// Fills the disk of `database` by the file `filler` until nothing can be recorded, and makes room
/// again. Returns the refusal.
inline Error fill_and_free(Database& database, const std::string& filler) {
  value(record(database, event_at(1)));
  {
    std::ofstream out{filler, std::ios::binary};
    while (out.write(std::string(4096, 'x').data(), 4096).flush()) {
    }
  }
  Result<void> written;
  int kept = 1;
  for (int i = 2; i < 5000 && written; ++i) {
    written = record(database, event_at(i));
    if (written) ++kept;
  }
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::insufficient_storage);
  CHECK(trail(database).size() == static_cast<std::size_t>(kept));
  std::filesystem::remove(filler);
  value(record(database, event_at(5000)));
  CHECK(trail(database).size() == static_cast<std::size_t>(kept) + 1);
  return written.error();
}

} // namespace baluhost::test
