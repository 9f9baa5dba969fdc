#include "baluhost/postgres/postgres_database.hpp"

#include "baluhost/sql_common/search_keys.hpp"
#include "connections/connection_pool.hpp"
#include "connections/native.hpp"
#include "connections/server_check.hpp"
#include "schema.hpp"
#include "writer.hpp"

#include <utility>

/// Reads run REPEATABLE READ, for one view; how writes run, see `Writer`.
namespace baluhost {
namespace postgres {
namespace {

constexpr const char* kBeginRead = "begin isolation level repeatable read read only";

Error error(Errc code, std::string detail) { return Error{code, std::move(detail)}; }

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const PostgresOptions& options)
      : options_(options), pool_(options), writer_(options, pool_) {}

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    const auto deadline = ConnectionPool::Clock::now() + options_.deadline;
    for (;;) {
      BALUHOST_TRY(auto connection, begin());
      auto& db = *connection->db;
      auto result = sql::run_work(work, std::as_const(connection->transaction.transaction()));
      const bool may_try_again =
          !result && connection->was_gone() && ConnectionPool::Clock::now() < deadline;
      if (result)
        leave(db);
      else
        roll_back(db);
      pool_.give_back(std::move(connection));
      if (!may_try_again) return result;
    }
  }

  Result<void> share_snapshot(
      const std::function<Result<void>(ReadTransaction&, const std::string&)>& work) {
    BALUHOST_TRY(auto connection, begin());
    auto& db = *connection->db;
    std::string snapshot;
    auto result = sql::guarded(db, [&]() -> Result<void> {
      run_script(db, "set local idle_in_transaction_session_timeout = 0");
      const auto query = sql::select(sql::text("pg_export_snapshot()"), "");
      snapshot = sql::one(db.select(query), sql::read_text<std::string>).value_or("");
      return {};
    });
    if (result) {
      const auto shared = [&](ReadTransaction& tx) { return work(tx, snapshot); };
      result = sql::run_work(FunctionRef<Result<void>(ReadTransaction&)>{shared},
                             std::as_const(connection->transaction.transaction()));
    }
    roll_back(db);
    pool_.give_back(std::move(connection));
    return result;
  }

  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    return writer_.run([&](sql::Connection& db, sql::SqlTransaction& transaction) {
      return sql::stage_write(db, transaction, work);
    });
  }

  Result<void> write_aside(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    return writer_.run_aside([&](sql::Connection& db, sql::SqlTransaction& transaction) {
      return sql::stage_write(db, transaction, work);
    });
  }

  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    return writer_.run([&](sql::Connection&, sql::SqlTransaction& transaction) {
      return sql::stage_bookkeeping(transaction, work);
    });
  }

  void on_commit(CommitListener listener) override { writer_.add_listener(std::move(listener)); }

  void tag_events(std::shared_ptr<EventTagger> tagger) override {
    writer_.tag_events(std::move(tagger));
  }

  Result<DatabaseStatus> status() override {
    BALUHOST_TRY(auto connection, begin());
    auto& db = *connection->db;
    auto result = sql::guarded(db, [&]() -> Result<DatabaseStatus> {
      DatabaseStatus status{.kind = "postgresql"};
      status.schema_version = db.number("select max(version) from schema_version").value_or(0);
      status.size_bytes = db.number("select pg_database_size(current_database())").value_or(0);
      status.listener_failures = writer_.listener_failures();
      return status;
    });
    roll_back(db);
    pool_.give_back(std::move(connection));
    return result;
  }

  /// Makes or checks the schema on a connection of its own, whose role may differ in rights but not
  /// in name.
  Result<void> prepare() {
    // Of several hosts each may let the first connection wait.
    BALUHOST_TRY(auto connection,
                 pool_.take(ConnectionPool::Clock::now() + options_.statement_timeout));
    connection->db->patience = pool_.patience();
    auto prepared = check_server(handle_of(*connection->db), options_);
    if (prepared) prepared = prepare(*connection->db);
    pool_.give_back(std::move(connection));
    return prepared;
  }

 private:
  Result<void> prepare(sql::Connection& db) const {
    if (options_.create && !options_.read_only) {
      BALUHOST_TRY(const auto change, upgrade_schema(db, postgres_schema_version()));
      if (change && options_.on_schema_change) options_.on_schema_change(*change);
    }
    BALUHOST_TRY(const auto version, current_version(db, options_.unfinished));
    if (version == postgres_schema_version()) return complete_search_keys(db);
    return error(Errc::conflict, "the database has schema version " + std::to_string(version) +
                                     "; this program needs " +
                                     std::to_string(postgres_schema_version()));
  }

  /// In transactions of their own, so that others may write in between.
  Result<void> complete_search_keys(sql::Connection& db) const {
    if (!options_.create || options_.read_only) return {};
    for (;;) {
      BALUHOST_TRY(const auto added, sql::add_search_keys(db));
      if (added == 0) return {};
    }
  }

  Result<std::unique_ptr<PooledConnection>> begin() {
    BALUHOST_CHECK(writer_.refuse_nested());
    return pool_.begin(kBeginRead);
  }

  const PostgresOptions options_;
  ConnectionPool pool_;
  Writer writer_;
};

} // namespace
} // namespace postgres

std::int64_t postgres_schema_version() noexcept { return postgres::schema_steps().back().version; }

namespace {

Result<std::unique_ptr<postgres::PostgresDatabase>> open_postgres(const PostgresOptions& options) {
  BALUHOST_CHECK(postgres_connection_url(options));
  try {
    auto database = std::make_unique<postgres::PostgresDatabase>(options);
    BALUHOST_CHECK(database->prepare());
    return database;
  } catch (const std::exception& caught) {
    return postgres::error(Errc::internal, caught.what());
  }
}

} // namespace

Result<std::unique_ptr<Database>> make_postgres_database(const PostgresOptions& options) {
  BALUHOST_TRY(auto database, open_postgres(options));
  return std::unique_ptr<Database>(std::move(database));
}

Result<void> share_postgres_snapshot(
    const PostgresOptions& options,
    const std::function<Result<void>(ReadTransaction& tx, const std::string& snapshot)>& work) {
  BALUHOST_TRY(const auto database, open_postgres(options));
  return database->share_snapshot(work);
}

} // namespace baluhost
