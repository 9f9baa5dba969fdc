#include "connections/native.hpp"

#include "baluhost/domain/percent.hpp"
#include "dialect.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

namespace baluhost::sqlite {
namespace {

/// As a URI, in which nothing of the path has a meaning of its own (https://sqlite.org/uri.html).
std::string uri_of(const std::string& path, OpenMode mode) {
  std::string uri = "file:" + percent_encode(path, "/");
  switch (mode) {
    case OpenMode::read_write:
      return uri + "?mode=rw";
    case OpenMode::read_only:
      return uri + "?mode=ro";
    case OpenMode::frozen:
      return uri + "?mode=ro&immutable=1";
  }
  return uri;
}

soci::sqlite3_session_backend& backend_of(sql::Connection& connection) noexcept {
  return static_cast<soci::sqlite3_session_backend&>(*connection.soci().get_backend());
}

/// SQLite's count of its memory takes a lock of the whole process for each allocation, a tenth of
/// what the writer computes. Nothing happens where the program used SQLite before.
void leave_memory_uncounted() noexcept {
  static const int done = sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);
}

/// A connection whose handle takes no lock for each value that is read: it is one thread's at a
/// time. SOCI knows no such option, so the handle that it opened is replaced.
std::unique_ptr<sql::Connection> open_uri(const std::string& uri) {
  using namespace sqlite_api;
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  leave_memory_uncounted();
  auto connection = std::make_unique<sql::Connection>(
      sqlite_dialect(), std::make_unique<soci::session>(soci::sqlite3, "dbname=:memory:"));
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &opened, kFlags, nullptr);
  sqlite3_close(std::exchange(backend_of(*connection).conn_, opened));
  if (code != SQLITE_OK) {
    throw soci::sqlite3_soci_error(
        "cannot open the database: " +
            std::string{opened != nullptr ? sqlite3_errmsg(opened) : sqlite3_errstr(code)},
        code);
  }
  return connection;
}

bool may(const std::string& path, int right) {
  return ::faccessat(AT_FDCWD, path.c_str(), right, AT_EACCESS) == 0;
}

} // namespace

Result<void> check_file(const std::string& path) {
  if (may(path, F_OK | R_OK)) return {};
  const int why = errno;
  if (why == ENOENT) return Error{Errc::not_found, "there is no database file"};
  return Error{Errc::unavailable,
               "the file cannot be read: " + std::generic_category().message(why)};
}

std::string missing_right(const std::string& path) {
  const std::string directory = std::filesystem::path{path}.parent_path().string();
  for (const auto& [place, rights] : {std::pair{&directory, R_OK | W_OK | X_OK}, {&path, W_OK}}) {
    if (may(*place, rights)) continue;
    const int why = errno;
    return *place + " cannot be written: " + std::generic_category().message(why);
  }
  return {};
}

sqlite_api::sqlite3* handle_of(sql::Connection& connection) noexcept {
  return backend_of(connection).conn_;
}

void run_script(sql::Connection& connection, std::string_view sql) {
  auto* handle = handle_of(connection);
  const int result =
      sqlite_api::sqlite3_exec(handle, std::string{sql}.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK)
    throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(handle), result);
}

void ask_often(sql::Connection& connection, std::chrono::milliseconds patience) {
  const auto handler = [](void* limit, int asked) {
    if (asked >= static_cast<int>(reinterpret_cast<std::intptr_t>(limit))) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return 1;
  };
  const auto limit = static_cast<std::intptr_t>(patience.count());
  sqlite_api::sqlite3_busy_handler(handle_of(connection), handler, reinterpret_cast<void*>(limit));
}

void roll_back(sql::Connection& connection) noexcept {
  if (in_transaction(connection))
    sqlite_api::sqlite3_exec(handle_of(connection), "rollback", nullptr, nullptr, nullptr);
}

bool in_transaction(sql::Connection& connection) noexcept {
  return sqlite_api::sqlite3_get_autocommit(handle_of(connection)) == 0;
}

std::unique_ptr<sql::Connection> open_blank(const std::string& path) {
  return open_uri(uri_of(path, OpenMode::read_write));
}

namespace {

/// Whether `sql` returns a row; true too if it fails, so that what comes next says why. By a
/// statement that ends here: a prepared one would still read, and so hold up a change of mode.
bool has_row(sql::Connection& connection, const char* sql) {
  bool found = false;
  const auto note = [](void* is_found, int, char**, char**) {
    *static_cast<bool*>(is_found) = true;
    return 0;
  };
  const int done = sqlite_api::sqlite3_exec(handle_of(connection), sql, note, &found, nullptr);
  return found || done != SQLITE_OK;
}

/// Whether the file is ours, or a new one. That of another program is refused as it is.
bool is_to_be_ours(sql::Connection& connection) {
  return has_row(connection, "select 1 from sqlite_master where name = 'schema_version'") ||
         !has_row(connection, "select 1 from sqlite_master limit 1");
}

} // namespace

std::unique_ptr<sql::Connection> open_connection(const std::string& path, OpenMode mode,
                                                 std::chrono::milliseconds busy_timeout) {
  auto connection = open_uri(uri_of(path, mode));
  sqlite_api::sqlite3_busy_timeout(handle_of(*connection), static_cast<int>(busy_timeout.count()));
  run_script(*connection,
             "pragma foreign_keys = on; pragma synchronous = full; pragma temp_store = memory;"
             " pragma cache_size = -16000; pragma journal_size_limit = 67108864;");
  if (mode == OpenMode::read_write) {
    // A group of a thousand events touches some hundred pages of the indexes, and the same ones
    // again and again: at SQLite's 1000 pages the log is carried over after every few commits, each
    // time with two syncs. At 16 MiB full speed is a sixth higher.
    run_script(*connection, "pragma wal_autocheckpoint = 4000");
    if (is_to_be_ours(*connection)) run_script(*connection, "pragma journal_mode = wal");
    // The side files stay, emptied, when the last one closes: opening the database then needs no
    // inode.
    int stay = 1;
    sqlite_api::sqlite3_file_control(handle_of(*connection), "main", SQLITE_FCNTL_PERSIST_WAL,
                                     &stay);
  }
  return connection;
}

} // namespace baluhost::sqlite
