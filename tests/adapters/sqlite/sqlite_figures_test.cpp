#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/figures_cases.hpp"

namespace baluhost::test {

TEST_CASE("figures that are kept of days are checked, and made anew") {
  TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  const auto database = value(make_sqlite_database({.path = path}));
  RawSqlite raw(path);
  check_and_make_anew(
      *database, [&](const std::string& sql) { raw.rows(sql); },
      [&] { return value(check_sqlite(path)); }, [&] { value(reindex_sqlite(path)); });
}

TEST_CASE("days stay right while others write to them") {
  TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  const auto database = value(make_sqlite_database({.path = path}));
  write_while_days_are_kept(*database);
  CHECK(value(check_sqlite(path)).empty());
}

} // namespace baluhost::test
