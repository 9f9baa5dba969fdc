#include "baluhost/postgres/postgres_database.hpp"

#include "baluhost/ports/common/commit_listeners.hpp"
#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/search_keys.hpp"
#include "connections/connection_pool.hpp"
#include "connections/lost_commit.hpp"
#include "connections/native.hpp"
#include "connections/server_check.hpp"
#include "dialect.hpp"
#include "schema.hpp"

#include <random>
#include <thread>
#include <utility>

/// Writes run READ COMMITTED: what must not change between two statements is locked by name (roles,
/// a home, the chain), and after waiting for such a lock a transaction has to see what the one
/// before it did; a snapshot from its beginning would not show it. Reads run REPEATABLE READ, for
/// one view.
namespace baluhost {
namespace postgres {
namespace {

/// The answer of a live server to a statement comes within its own time limit; beyond that and
/// this, it is taken for dead.
constexpr std::chrono::milliseconds kGrace{2000};

/// For the server to tell what became of a commit whose answer was lost.
constexpr std::chrono::milliseconds kSettlePatience{2000};
constexpr std::chrono::milliseconds kSettleAgain{20};

constexpr const char* kBeginRead = "begin isolation level repeatable read read only";
/// The transaction takes its number before any event takes its id: who follows the trail relies on
/// it.
constexpr const char* kBeginWrite = "begin isolation level read committed";
constexpr const char* kNumber = "select pg_current_xact_id()";
/// For looks of which each sees what the one before may have waited for.
constexpr const char* kBeginLooks = "begin isolation level read committed read only";

Error error(Errc code, std::string detail) { return Error{code, std::move(detail)}; }

/// The database whose write runs on this thread.
thread_local const void* writing = nullptr;

Error nested() { return error(Errc::internal, "the work of a transaction called the database"); }

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const PostgresOptions& options)
      : options_(options), pool_(options), listeners_(options.on_listener_failure) {}

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    const auto deadline = ConnectionPool::Clock::now() + options_.deadline;
    for (;;) {
      BALUHOST_TRY(auto connection, begin(kBeginRead));
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
    BALUHOST_TRY(auto connection, begin(kBeginRead));
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
    return change(
        [&](sql::Connection& db, sql::SqlTransaction& transaction) -> Result<sql::WrittenEvents> {
          BALUHOST_TRY(const auto events, sql::run_work(work, transaction.transaction()));
          return sql::guarded(db, [&] { return sql::insert_events(db, events.list(), tagger_); });
        });
  }

  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    return change(
        [&](sql::Connection&, sql::SqlTransaction& transaction) -> Result<sql::WrittenEvents> {
          BALUHOST_CHECK(sql::run_work(work, transaction.bookkeeping()));
          return sql::WrittenEvents{};
        });
  }

  void on_commit(CommitListener listener) override { listeners_.add(std::move(listener)); }

  void tag_events(std::shared_ptr<EventTagger> tagger) override { tagger_ = std::move(tagger); }

  Result<DatabaseStatus> status() override {
    BALUHOST_TRY(auto connection, begin(kBeginRead));
    auto& db = *connection->db;
    auto result = sql::guarded(db, [&]() -> Result<DatabaseStatus> {
      DatabaseStatus status{.kind = "postgresql"};
      status.schema_version = db.number("select max(version) from schema_version").value_or(0);
      status.size_bytes = db.number("select pg_database_size(current_database())").value_or(0);
      status.listener_failures = listeners_.failures();
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
    connection->db->patience = options_.statement_timeout + kGrace;
    auto prepared = check_server(handle_of(*connection->db), options_);
    if (prepared) prepared = prepare(*connection->db);
    pool_.give_back(std::move(connection));
    return prepared;
  }

 private:
  using Work = FunctionRef<Result<sql::WrittenEvents>(sql::Connection&, sql::SqlTransaction&)>;

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

  /// A connection with a transaction that begins with its first statement, on one way to the
  /// server. Where a pooler stands between it begins at once: it may have given the session away.
  Result<std::unique_ptr<PooledConnection>> begin(const char* how) {
    if (writing == this) return nested();
    const auto deadline = ConnectionPool::Clock::now() + options_.deadline;
    for (;;) {
      BALUHOST_TRY(auto connection, pool_.take(deadline));
      auto& db = *connection->db;
      db.trouble = {};
      db.held = {};
      db.patience = options_.statement_timeout + kGrace;
      connection->begin(how, how == kBeginWrite ? kNumber : nullptr);
      const auto& process = connection->process;
      if (!process.is_pooled) return connection;
      db.patience = options_.deadline;
      const auto begun = sql::guarded(db, [&]() -> Result<void> {
        if (script_value(db, kProcessQuery) == process.id) return {};
        db.trouble.stale = true;
        return lost_session(Errc::unavailable);
      });
      db.patience = options_.statement_timeout + kGrace;
      if (begun) return connection;
      const bool may_try_again = db.trouble.lost && ConnectionPool::Clock::now() < deadline;
      pool_.give_back(std::move(connection));
      if (!may_try_again) return begun.error();
    }
  }

  enum class Again { no, on_another_connection, after_conflict };

  Result<void> change(Work work) {
    if (options_.read_only)
      return error(Errc::forbidden, "the database was opened to be read only");
    const auto deadline = ConnectionPool::Clock::now() + options_.deadline;
    for (int conflicts = 0;;) {
      auto again = Again::no;
      auto result = attempt_change(work, again);
      if (result || again == Again::no) return result;
      if (again == Again::on_another_connection) {
        if (ConnectionPool::Clock::now() >= deadline) return result;
        continue;
      }
      if (conflicts >= options_.max_retries) return result;
      if (options_.on_retry) options_.on_retry();
      back_off(conflicts++);
    }
  }

  Result<void> attempt_change(Work work, Again& again) {
    BALUHOST_TRY(auto connection, begin(kBeginWrite));
    auto& db = *connection->db;
    const void* const outer = std::exchange(writing, this);
    auto written = work(db, connection->transaction);
    writing = outer;
    bool is_sent = false;
    auto result = [&]() -> Result<void> {
      if (!written) return written.error();
      return sql::guarded(db, [&]() -> Result<void> {
        is_sent = true;
        if (commit(db)) return {};
        // A work that went on after a failure of the database: PostgreSQL undoes all of it and
        // reports no error.
        return db.trouble.error.value_or(error(Errc::internal, "the transaction was rolled back"));
      });
    }();
    if (connection->was_gone())
      again = Again::on_another_connection;
    else if (db.trouble.retry && !db.trouble.lost)
      again = Again::after_conflict;
    auto outcome = result ? TagOutcome::committed : TagOutcome::undone;
    const bool is_lost = !result && is_sent && db.trouble.lost && again == Again::no;
    const LostCommit lost{connection->process.id, connection->transaction_id, {}};
    roll_back(db);
    pool_.give_back(std::move(connection));
    if (is_lost) outcome = settle(lost, written->events(), result);
    if (written) written->ended(outcome);
    if (result) listeners_.tell(written->events());
    return result;
  }

  /// Asks on other sessions what became of a commit whose answer was lost, and puts `result` right.
  TagOutcome settle(LostCommit lost, std::span<const AuditEvent> events, Result<void>& result) {
    auto outcome = TagOutcome::unknown;
    if (!events.empty()) {
      lost.event = events.front();
      const auto deadline = ConnectionPool::Clock::now() + kSettlePatience;
      do {
        outcome = look_for(lost);
        if (outcome != TagOutcome::unknown) break;
        std::this_thread::sleep_for(kSettleAgain);
      } while (ConnectionPool::Clock::now() < deadline);
    }
    if (outcome == TagOutcome::committed) result = {};
    if (outcome == TagOutcome::unknown) {
      Error doubtful = std::move(result).error();
      doubtful.in_doubt = true;
      result = std::move(doubtful);
    }
    return outcome;
  }

  TagOutcome look_for(const LostCommit& lost) {
    auto connection = begin(kBeginLooks);
    if (!connection) return TagOutcome::unknown;
    auto& db = *(*connection)->db;
    const auto outcome =
        sql::guarded(db, [&]() -> Result<TagOutcome> { return outcome_of(db, lost); });
    roll_back(db);
    pool_.give_back(*std::move(connection));
    return outcome ? *outcome : TagOutcome::unknown;
  }

  /// Between 1 and 2^attempt times 4 milliseconds: those who collided do not meet again.
  static void back_off(int attempt) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<int> wait(1, 4 << std::min(attempt, 6));
    std::this_thread::sleep_for(std::chrono::milliseconds{wait(random)});
  }

  const PostgresOptions options_;
  ConnectionPool pool_;
  std::shared_ptr<EventTagger> tagger_;
  CommitListeners listeners_;
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
