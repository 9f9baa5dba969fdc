#include "baluhost/sqlite/sqlite_maintenance.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/damage_marks.hpp"
#include "baluhost/sql_common/day_figures.hpp"
#include "baluhost/sql_common/search_keys.hpp"
#include "baluhost/sql_common/structure.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "connections/native.hpp"
#include "dialect.hpp"
#include "name_index.hpp"
#include "schema.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace baluhost {
namespace {

using namespace sqlite;

constexpr std::chrono::milliseconds kPatience{5000};
constexpr int kPagesPerStep = 2048;

Error error(Errc code, std::string detail) { return Error{code, std::move(detail)}; }

Error system_error(const char* what) {
  return error(Errc::unavailable,
               std::string{what} + ": " + std::generic_category().message(errno));
}

/// Runs `work`, which may throw what SOCI throws.
template <class Work>
auto translated(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const soci::soci_error& caught) {
    return *sqlite_dialect().translate(caught).error;
  } catch (const std::exception& caught) {
    return error(Errc::internal, caught.what());
  }
}

/// One snapshot of the source: with a transaction open on it, writers cannot make the copy start
/// again.
Result<void> copy_pages(sql::Connection& from, sql::Connection& to,
                        const SqliteBackupProgress& progress) {
  run_script(from, "begin; select 1 from sqlite_master");
  auto* backup = sqlite_api::sqlite3_backup_init(handle_of(to), "main", handle_of(from), "main");
  if (backup == nullptr) return error(Errc::unavailable, "the copy cannot begin");
  int step = SQLITE_OK;
  while (step == SQLITE_OK || step == SQLITE_BUSY || step == SQLITE_LOCKED) {
    step = sqlite_api::sqlite3_backup_step(backup, kPagesPerStep);
    const std::int64_t total = sqlite_api::sqlite3_backup_pagecount(backup);
    if (progress) progress(total - sqlite_api::sqlite3_backup_remaining(backup), total);
  }
  const int finished = sqlite_api::sqlite3_backup_finish(backup);
  roll_back(from);
  if (step == SQLITE_DONE && finished == SQLITE_OK) return {};
  return error(Errc::unavailable,
               std::string{"the copy failed: "} + sqlite_api::sqlite3_errstr(step));
}

Result<void> make_durable(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error("the copy cannot be opened");
  const bool is_synced = ::fsync(fd) == 0;
  ::close(fd);
  if (!is_synced) return system_error("the copy cannot be made durable");
  const auto directory = std::filesystem::path(path).parent_path();
  const int directory_fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_fd < 0) return system_error("the directory of the copy cannot be opened");
  const bool is_named = ::fsync(directory_fd) == 0;
  ::close(directory_fd);
  return is_named ? Result<void>{} : system_error("the copy cannot be made durable");
}

std::vector<std::string> check_pages(sql::Connection& db, SqliteCheck check) {
  const auto pages = check == SqliteCheck::quick
                         ? sql::select(sql::text("quick_check"), "from pragma_quick_check")
                         : sql::select(sql::text("integrity_check"), "from pragma_integrity_check");
  auto problems = sql::all(db.select(pages), sql::read_text<std::string>);
  std::erase(problems, "ok");
  return problems;
}

std::vector<std::string> check_references(sql::Connection& db) {
  const auto dangling =
      sql::select(sql::number("coalesce(rowid, 0)") + sql::text("\"table\"", "parent"),
                  "from pragma_foreign_key_check");
  return sql::all(db.select(dangling), [](sql::Row& row) {
    const auto id = std::to_string(row.number());
    const std::string table = row.text();
    return concat("row ", id, " of ", table, " refers to a row of ", row.text(),
                  " that does not exist");
  });
}

/// A copy of an earlier version has no index of names.
bool has_name_index(sql::Connection& db) {
  return db.number("select count(*) from sqlite_master where name = 'files_search'") == 1;
}

Result<void> check_names(sql::Connection& db, std::vector<std::string>& problems) {
  if (!has_name_index(db)) return {};
  run_script(db, "begin");
  const auto wrong = sql::count_wrong_search_keys(db);
  const auto is_right = sql::guarded(db, [&]() -> Result<bool> { return is_name_index_right(db); });
  roll_back(db);
  BALUHOST_CHECK(wrong);
  if (*wrong > 0) problems.push_back(sql::wrong_keys_sentence(*wrong));
  if (!is_right && is_right.error().code != Errc::internal) return is_right.error();
  if (!is_right || !*is_right) // or it is so damaged that it cannot be read
    problems.push_back("the index of names does not hold what the names are: " +
                       std::string{sql::kReindex});
  return {};
}

Result<void> check_figures(sql::Connection& db, std::vector<std::string>& problems) {
  if (db.number("select count(*) from sqlite_master where name = 'audit_rolled'") != 1) return {};
  run_script(db, "begin");
  const auto wrong = sql::wrong_days(db);
  roll_back(db);
  BALUHOST_CHECK(wrong);
  if (!wrong->empty()) problems.push_back(sql::wrong_days_sentence(*wrong));
  return {};
}

/// What is missing or unknown; nothing in a copy of another version.
sql::ComparedTables check_tables(sql::Connection& db) {
  const auto found = sql::read_structure(db, structure_query());
  if (found.contains("schema_version") &&
      db.number("select max(version) from schema_version") != sqlite_schema_version())
    return {};
  return sql::compare_all_tables(found);
}

} // namespace

Result<void> backup_sqlite(const std::string& source, const std::string& destination,
                           const SqliteBackupProgress& progress) {
  std::error_code failed;
  BALUHOST_CHECK(check_file(source));
  const std::string target =
      std::filesystem::absolute(destination, failed).lexically_normal().string();
  const int fd = ::open(target.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    if (errno == EEXIST) return error(Errc::already_exists, "there is a file of that name");
    return system_error("the copy cannot be made");
  }
  ::close(fd);
  auto copied = translated([&]() -> Result<void> {
    const auto from =
        open_connection(std::filesystem::absolute(source, failed).lexically_normal().string(),
                        OpenMode::read_write, kPatience);
    const auto to = open_blank(target);
    BALUHOST_CHECK(copy_pages(*from, *to, progress));
    return {};
  });
  if (copied) copied = make_durable(target);
  if (!copied) std::filesystem::remove(target, failed);
  return copied;
}

Result<std::vector<std::string>> check_sqlite(const std::string& path, SqliteCheck check) {
  std::error_code failed;
  BALUHOST_CHECK(check_file(path));
  return translated([&]() -> Result<std::vector<std::string>> {
    const auto db =
        open_connection(std::filesystem::absolute(path, failed).lexically_normal().string(),
                        OpenMode::read_only, kPatience);
    auto problems = check_pages(*db, check);
    std::ranges::move(check_references(*db), std::back_inserter(problems));
    if (check == SqliteCheck::everything) {
      auto compared = check_tables(*db);
      std::ranges::move(compared.problems, std::back_inserter(problems));
      if (compared.is_incomplete) return problems; // the others read what is missing
    }
    if (check != SqliteCheck::quick) {
      BALUHOST_CHECK(check_names(*db, problems));
      BALUHOST_CHECK(check_figures(*db, problems));
    }
    if (check == SqliteCheck::everything) {
      auto damage = sql::damage_sentences(*db);
      std::move(damage.begin(), damage.end(), std::back_inserter(problems));
    }
    return problems;
  });
}

Result<std::int64_t> reindex_sqlite(const std::string& path) {
  std::error_code failed;
  BALUHOST_CHECK(check_file(path));
  return translated([&]() -> Result<std::int64_t> {
    const auto db =
        open_connection(std::filesystem::absolute(path, failed).lexically_normal().string(),
                        OpenMode::read_write, kPatience);
    run_script(*db, "begin immediate");
    auto wrong = sql::mend_search_keys(*db);
    if (!wrong) {
      roll_back(*db);
      return wrong;
    }
    sql::forget_figures(*db);
    rebuild_name_index(*db);
    run_script(*db, "commit");
    return wrong;
  });
}

} // namespace baluhost
