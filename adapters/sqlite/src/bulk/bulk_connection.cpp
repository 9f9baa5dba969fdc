#include "bulk/bulk_connection.hpp"

#include "baluhost/domain/percent.hpp"
#include "baluhost/domain/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace baluhost::sqlite {
namespace {

constexpr int kPatienceMs = 10'000;

/// `path` as a URI that tells SQLite that nobody writes the file.
std::string immutable_uri(const std::string& path) {
  return "file:" + percent_encode(path, "/") + "?immutable=1";
}

} // namespace

std::string_view view_of(sqlite3_stmt* row, int column) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

std::string text_of(sqlite3_stmt* row, int column) {
  return sqlite3_column_type(row, column) == SQLITE_NULL ? std::string{}
                                                         : std::string{view_of(row, column)};
}

Result<std::shared_ptr<BulkConnection>> BulkConnection::open(const std::string& path,
                                                             SqliteFile file, Access access) {
  const bool writes = access == Access::write;
  const bool exists = ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0;
  if (!exists && errno != ENOENT)
    return Error{Errc::unavailable,
                 path + ": cannot be read: " + std::generic_category().message(errno)};
  if (!exists && !writes) return Error{Errc::not_found, path + ": there is no such file"};
  auto made = std::make_shared<BulkConnection>();
  made->path_ = path;
  made->made_file_ = writes && !exists;
  // A connection is one thread's at a time.
  const int flags = (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX;
  const auto mask = ::umask(077);
  sqlite3* raw = nullptr;
  const int status =
      file == SqliteFile::frozen
          ? sqlite3_open_v2(immutable_uri(path).c_str(), &raw, flags | SQLITE_OPEN_URI, nullptr)
          : sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  ::umask(mask);
  made->database_.reset(raw);
  if (status != SQLITE_OK)
    return Error{Errc::unavailable, path + ": " + (raw ? sqlite3_errmsg(raw) : "out of memory")};
  sqlite3_busy_timeout(raw, kPatienceMs);
  if (sqlite3_exec(raw, "select count(*) from sqlite_master", nullptr, nullptr, nullptr) !=
      SQLITE_OK)
    return Error{Errc::unavailable, path + ": " + sqlite3_errmsg(raw)};
  return made;
}

Error BulkConnection::failure() const {
  return Error{Errc::unavailable, printable(sqlite3_errmsg(database_.get()))};
}

Result<Statement> BulkConnection::prepare(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.c_str(), static_cast<int>(sql.size()), &statement,
                         nullptr) != SQLITE_OK)
    return failure();
  return Statement{statement};
}

Result<void> BulkConnection::execute(const std::string& sql) const {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure();
  return {};
}

Result<void> BulkConnection::execute(const std::string& sql,
                                     const std::vector<std::string>& values) const {
  BALUHOST_TRY(const Statement statement, prepare(sql));
  for (std::size_t i = 0; i < values.size(); ++i) {
    sqlite3_bind_text64(statement.get(), static_cast<int>(i) + 1, values[i].data(),
                        values[i].size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_step(statement.get()) == SQLITE_DONE ? Result<void>{} : failure();
}

Result<std::int64_t> BulkConnection::number(const std::string& sql) const {
  std::int64_t found = 0;
  BALUHOST_CHECK(each(sql, [&](sqlite3_stmt* row) { found = sqlite3_column_int64(row, 0); }));
  return found;
}

} // namespace baluhost::sqlite
