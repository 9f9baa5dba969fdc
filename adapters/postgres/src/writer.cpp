#include "writer.hpp"

#include "connections/native.hpp"

#include <algorithm>
#include <random>
#include <utility>

/// One thread takes the writes that wait into one transaction, each in a savepoint, and inserts the
/// events of all at its end: a handful of ways to the server and one flush serve them all. A write
/// that waits for another's lock, or takes its time, would hold the others up: it is undone there
/// and runs by itself, on the thread that brought it. So does each of a transaction that failed,
/// and what goes on after a request (ADR 0057) from the beginning.
///
/// Writes run READ COMMITTED: what must not change between two statements is locked by name (roles,
/// a home, the chain), and after waiting for such a lock a transaction has to see what the one
/// before it did; a snapshot from its beginning would not show it.
namespace baluhost::postgres {
namespace {

using Clock = ConnectionPool::Clock;
using std::chrono::milliseconds;

constexpr const char* kBegin = "begin isolation level read committed";
/// The transaction takes its number before any event takes its id: who follows the trail relies on
/// it.
constexpr const char* kNumber = "select pg_current_xact_id()";
/// The same, of one that several share.
constexpr const char* kNumberOfShared =
    "select pg_current_xact_id(), set_config('lock_timeout', '20ms', true),"
    " set_config('statement_timeout', '250ms', true)";
/// For all statements of one write among others, and for a group to take more writes in.
constexpr milliseconds kShare{250};
/// The server keeps the numbers of so many savepoints at hand, for all who look at rows.
constexpr std::size_t kMostShared = 60;

constexpr const char* kSavepoint = "savepoint work";
constexpr const char* kRelease = "release savepoint work";
constexpr const char* kUndo = "rollback to savepoint work";

/// For looks of which each sees what the one before may have waited for.
constexpr const char* kBeginLooks = "begin isolation level read committed read only";
/// For the server to tell what became of a commit whose answer was lost.
constexpr milliseconds kSettlePatience{2000};
constexpr milliseconds kSettleAgain{20};

Error error(Errc code, std::string detail) { return Error{code, std::move(detail)}; }

/// The writer whose work runs on this thread.
thread_local const void* writing = nullptr;

/// Between 1 and 2^attempt times 4 milliseconds: those who collided do not meet again.
void back_off(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<int> wait(1, 4 << std::min(attempt, 6));
  std::this_thread::sleep_for(milliseconds{wait(random)});
}

/// Ends the limits of `kNumberOfShared`.
std::string limits_of(const PostgresOptions& options) {
  const auto limit = std::to_string(options.statement_timeout.count());
  return "select set_config('lock_timeout', '" + limit +
         "', true), set_config('statement_timeout', '" + limit + "', true)";
}

/// Held until its end.
struct Place {
  std::counting_semaphore<>& places;
  ~Place() { places.release(); }
};

/// To be run by the thread that waits for it.
void leave_alone(sql::QueuedWrite& write) {
  write.is_alone = true;
  sql::WriteQueue::answer(write, {});
}

} // namespace

Writer::Writer(const PostgresOptions& options, ConnectionPool& pool)
    : options_(options),
      pool_(pool),
      listeners_(options.on_listener_failure),
      own_limits_(limits_of(options)),
      places_(std::max(options.pool_size / 2, 1)),
      queue_({.waiting = options.max_queue, .deadline = options.deadline}),
      thread_([this] { serve(); }) {}

Writer::~Writer() {
  queue_.close();
  thread_.join();
}

Result<void> Writer::refuse_nested() const {
  if (writing != this) return {};
  return error(Errc::internal, "the work of a transaction called the database");
}

Result<void> Writer::check_may_write() const {
  if (options_.read_only) return error(Errc::forbidden, "the database was opened to be read only");
  return refuse_nested();
}

Result<void> Writer::run_aside(sql::WriteWork work) {
  BALUHOST_CHECK(check_may_write());
  return run_alone(work);
}

Result<void> Writer::run(sql::WriteWork work) {
  BALUHOST_CHECK(check_may_write());
  sql::QueuedWrite write(work);
  auto result = queue_.run(write);
  return write.is_alone ? run_alone(work) : result;
}

void Writer::serve() {
  writing = this;
  while (queue_.wait()) {
    auto connection = pool_.begin(kBegin, kNumberOfShared);
    if (connection) {
      share_transaction(*std::move(connection));
    } else if (auto* write = queue_.next()) {
      sql::WriteQueue::answer(*write, connection.error());
    }
  }
}

void Writer::share_transaction(std::unique_ptr<PooledConnection> connection) {
  auto& db = *connection->db;
  Group group;
  sql::StagedEvents events;
  bool has_changed = false;
  const auto full = Clock::now() + kShare;
  // Who comes while the group is at work still belongs to it.
  while (group.size() < kMostShared && Clock::now() < full) {
    sql::QueuedWrite* write = queue_.next();
    if (write == nullptr) break;
    if (!run_in_savepoint(*connection, *write)) {
      leave_alone(*write);
      break; // the next may have to wait as long: those before it are done
    }
    group.push_back(write);
    if (!write->result) continue;
    has_changed = true;
    events.append(std::exchange(write->events, {}));
  }
  Outcome outcome;
  if (has_changed) {
    // Waits for the accounts within the limits of a group, inserts without: ids that are given to
    // events and not used are a gap, which holds up who follows the trail.
    auto held = sql::guarded(db, [&]() -> Result<sql::StagedEvents> {
      sql::hold_accounts(db, events);
      return std::move(events);
    });
    if (held) pipeline_of(db).put_off(own_limits_.c_str());
    outcome = commit(std::move(connection), std::move(held));
    if (outcome.result && options_.on_group) options_.on_group(group.size());
  } else {
    roll_back(db);
    pool_.give_back(std::move(connection));
  }
  for (auto* write : group) {
    if (outcome.again != Again::no)
      leave_alone(*write);
    else
      sql::WriteQueue::answer(*write, outcome.result ? std::move(write->result) : outcome.result);
  }
}

/// False if the database failed it: then nothing is left of it, and all else is as it was.
bool Writer::run_in_savepoint(PooledConnection& connection, sql::QueuedWrite& write) {
  auto& db = *connection.db;
  auto& pipeline = pipeline_of(db);
  auto held = db.held;
  pipeline.put_off(kSavepoint);
  db.yields_at = (Clock::now() + kShare).time_since_epoch().count();
  auto staged = write.work(db, connection.transaction);
  db.yields_at = 0;
  const bool has_failed = db.trouble.error.has_value();
  const bool is_untouched = pipeline.take_back();
  if (!is_untouched && (has_failed || !staged)) pipeline.put_off(kUndo);
  if (!is_untouched) pipeline.put_off(kRelease);
  if (has_failed || !staged) db.held = std::move(held);
  if (has_failed) {
    db.trouble.error.reset();
    db.trouble.retry = false;
    return false;
  }
  write.result = staged ? Result<void>{} : staged.error();
  if (staged) write.events = *std::move(staged);
  return true;
}

Result<void> Writer::run_alone(sql::WriteWork work) {
  const auto deadline = Clock::now() + options_.deadline;
  for (int conflicts = 0;;) {
    auto outcome = attempt_alone(work);
    if (outcome.again == Again::on_another_connection) {
      if (Clock::now() >= deadline) return outcome.result;
      continue;
    }
    if (outcome.again != Again::after_conflict || conflicts >= options_.max_retries)
      return outcome.result;
    if (options_.on_retry) options_.on_retry();
    back_off(conflicts++);
  }
}

Writer::Outcome Writer::attempt_alone(sql::WriteWork work) {
  if (!places_.try_acquire_until(Clock::now() + options_.deadline))
    return {sql::busy("other writes take too long"), Again::no};
  const Place place{places_};
  auto connection = pool_.begin(kBegin, kNumber);
  if (!connection) return {connection.error(), Again::no};
  const void* const outer = std::exchange(writing, this);
  auto staged = work(*(*connection)->db, (*connection)->transaction);
  writing = outer;
  return commit(*std::move(connection), std::move(staged));
}

/// Undoes it where `staged` is an error.
Writer::Outcome Writer::commit(std::unique_ptr<PooledConnection> connection,
                               Result<sql::StagedEvents> staged) {
  auto& db = *connection->db;
  bool is_sent = false;
  sql::WrittenEvents written;
  Outcome outcome;
  outcome.result = sql::guarded(db, [&]() -> Result<void> {
    BALUHOST_TRY(auto events, std::move(staged));
    BALUHOST_TRY(written, sql::insert_events(db, std::move(events), tagger_));
    is_sent = true;
    if (postgres::commit(db)) return {};
    // A work that went on after a failure of the database: PostgreSQL undoes all of it and
    // reports no error.
    return db.trouble.error.value_or(error(Errc::internal, "the transaction was rolled back"));
  });
  const bool is_lost = !outcome.result && is_sent && db.trouble.lost && !connection->was_gone();
  if (connection->was_gone())
    outcome.again = Again::on_another_connection;
  else if (db.trouble.retry && !db.trouble.lost)
    outcome.again = Again::after_conflict;
  else if (!outcome.result && !is_lost)
    outcome.again = Again::anywhere;
  auto tags = outcome.result ? TagOutcome::committed : TagOutcome::undone;
  const LostCommit lost{connection->process.id, connection->transaction_id, {}};
  roll_back(db);
  pool_.give_back(std::move(connection));
  if (is_lost) tags = settle(lost, written.events(), outcome.result);
  written.ended(tags);
  if (outcome.result) listeners_.tell(written.events());
  return outcome;
}

/// Queries on other connections what became of a commit whose answer was lost, and puts `result`
/// right.
TagOutcome Writer::settle(LostCommit lost, std::span<const AuditEvent> events,
                          Result<void>& result) {
  auto outcome = TagOutcome::unknown;
  if (!events.empty()) {
    lost.event = events.front();
    const auto deadline = Clock::now() + kSettlePatience;
    do {
      outcome = look_for(lost);
      if (outcome != TagOutcome::unknown) break;
      std::this_thread::sleep_for(kSettleAgain);
    } while (Clock::now() < deadline);
  }
  if (outcome == TagOutcome::committed) result = {};
  if (outcome == TagOutcome::unknown) {
    Error doubtful = std::move(result).error();
    doubtful.in_doubt = true;
    result = std::move(doubtful);
  }
  return outcome;
}

TagOutcome Writer::look_for(const LostCommit& lost) {
  auto connection = pool_.begin(kBeginLooks);
  if (!connection) return TagOutcome::unknown;
  auto& db = *(*connection)->db;
  const auto outcome =
      sql::guarded(db, [&]() -> Result<TagOutcome> { return outcome_of(db, lost); });
  roll_back(db);
  pool_.give_back(*std::move(connection));
  return outcome ? *outcome : TagOutcome::unknown;
}

} // namespace baluhost::postgres
