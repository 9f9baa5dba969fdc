#include "baluhost/sqlite/sqlite_database.hpp"

#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/search_keys.hpp"
#include "connections/native.hpp"
#include "connections/reader_pool.hpp"
#include "dialect.hpp"
#include "name_index.hpp"
#include "schema.hpp"
#include "writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace baluhost {
namespace sqlite {
namespace {

/// How long SQLite itself waits for another program's lock before the writer looks at its queue
/// again.
constexpr std::chrono::milliseconds kBusySlice{100};

Error error(Errc code, std::string detail) { return Error{code, std::move(detail)}; }

OpenMode mode_of(const SqliteOptions& options) {
  if (options.frozen) return OpenMode::frozen;
  return options.read_only ? OpenMode::read_only : OpenMode::read_write;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const SqliteOptions& options, std::unique_ptr<sql::Connection> connection)
      : options_(options), readers_(static_cast<std::size_t>(std::max(options.readers, 1)), [this] {
          return open_reader();
        }) {
    if (!options_.read_only) writer_ = std::make_unique<Writer>(options, std::move(connection));
  }

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    if (writer_) BALUHOST_CHECK(writer_->refuse_nested());
    BALUHOST_TRY(auto reader, readers_.take(options_.deadline));
    auto& db = *reader->db;
    auto result = sql::guarded(db, [&]() -> Result<void> {
      db.execute("begin");
      auto done = sql::run_work(work, std::as_const(reader->transaction.transaction()));
      db.execute("commit");
      return done;
    });
    roll_back(db);
    readers_.give_back(std::move(reader));
    return result;
  }

  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    if (!writer_) return error(Errc::forbidden, "the database was opened to be read only");
    return writer_->run([&](sql::Connection& db, sql::SqlTransaction& transaction) {
      return sql::stage_write(db, transaction, work);
    });
  }

  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    if (!writer_) return error(Errc::forbidden, "the database was opened to be read only");
    return writer_->run([&](sql::Connection&, sql::SqlTransaction& transaction) {
      return sql::stage_bookkeeping(transaction, work);
    });
  }

  void on_commit(CommitListener listener) override {
    if (writer_) writer_->add_listener(std::move(listener));
  }

  void tag_events(std::shared_ptr<EventTagger> tagger) override {
    if (writer_) writer_->tag_events(std::move(tagger));
  }

  Result<DatabaseStatus> status() override {
    if (writer_) BALUHOST_CHECK(writer_->refuse_nested());
    BALUHOST_TRY(auto reader, readers_.take(options_.deadline));
    auto& db = *reader->db;
    auto result = sql::guarded(db, [&]() -> Result<DatabaseStatus> {
      DatabaseStatus status{.kind = "sqlite"};
      status.schema_version = db.number("select max(version) from schema_version").value_or(0);
      status.listener_failures = writer_ ? writer_->listener_failures() : 0;
      status.size_bytes =
          db.number("select page_count * page_size from pragma_page_count, pragma_page_size")
              .value_or(0);
      status.reusable_bytes =
          db.number(
                "select freelist_count * page_size from pragma_freelist_count, pragma_page_size")
              .value_or(0);
      return status;
    });
    readers_.give_back(std::move(reader));
    return result;
  }

 private:
  std::unique_ptr<sql::Connection> open_reader() const {
    auto connection = open_connection(options_.path, mode_of(options_), options_.deadline);
    run_script(*connection, "pragma query_only = on");
    connection->remembered = remembered_;
    return connection;
  }

  const SqliteOptions options_;
  const std::shared_ptr<sql::RememberedLists> remembered_{sql::make_remembered_lists()};
  ReaderPool readers_;
  std::unique_ptr<Writer> writer_;
};

/// Makes the file with its mode before SQLite can make it with another. Never opens a file that is
/// there: closing it again would drop the locks of whoever uses it in this process.
Result<void> make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    if (errno == EEXIST) return {};
    return error(Errc::unavailable,
                 "the database cannot be made: " + std::generic_category().message(errno));
  }
  ::close(fd);
  return {};
}

/// In transactions of their own, so that another program may write in between.
Result<void> complete_search_keys(sql::Connection& db) {
  for (;;) {
    BALUHOST_TRY(const auto added, sql::add_search_keys(db));
    if (added == 0) return {};
  }
}

/// Also what a program wrote that brings nothing into the index. A damaged one is met again, and
/// told of, by the first write.
Result<void> complete_name_index(sql::Connection& db) {
  BALUHOST_CHECK(complete_search_keys(db));
  if (!has_changed_names(db)) return {};
  static_cast<void>(sql::guarded(db, [&]() -> Result<void> {
    run_script(db, "begin immediate");
    index_changed_names(db);
    run_script(db, "commit");
    return {};
  }));
  roll_back(db);
  return {};
}

} // namespace
} // namespace sqlite

std::int64_t sqlite_schema_version() noexcept { return sqlite::schema_steps().back().version; }

Result<std::unique_ptr<Database>> make_sqlite_database(const SqliteOptions& asked) {
  using namespace sqlite;
  SqliteOptions options = asked;
  std::error_code failed;
  options.path = std::filesystem::absolute(asked.path, failed).lexically_normal().string();
  options.read_only = asked.read_only || asked.frozen;
  const bool may_create = options.create && !options.read_only;
  if (may_create) {
    BALUHOST_CHECK(make_file(options.path));
  }
  BALUHOST_CHECK(check_file(options.path));
  try {
    auto connection = open_connection(options.path, mode_of(options), options.deadline);
    if (may_create) {
      BALUHOST_TRY(const auto change, upgrade_schema(*connection, sqlite_schema_version()));
      if (change && options.on_schema_change) options.on_schema_change(*change);
    }
    BALUHOST_TRY(const auto version, current_version(*connection, options.unfinished));
    if (version != sqlite_schema_version()) {
      return error(Errc::conflict, "the database has schema version " + std::to_string(version) +
                                       "; this program needs " +
                                       std::to_string(sqlite_schema_version()));
    }
    if (may_create) BALUHOST_CHECK(complete_name_index(*connection));
    ask_often(*connection, kBusySlice);
    return std::unique_ptr<Database>(
        std::make_unique<SqliteDatabase>(options, std::move(connection)));
  } catch (const soci::soci_error& caught) {
    Error refused = *sqlite_dialect().translate(caught).error;
    if (const auto right = missing_right(options.path);
        refused.code == Errc::unavailable && !right.empty())
      refused.detail += ": " + right;
    return refused;
  } catch (const std::exception& caught) {
    return error(Errc::internal, caught.what());
  }
}

} // namespace baluhost
