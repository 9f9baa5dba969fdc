#pragma once

#include "baluhost/ports/common/commit_listeners.hpp"
#include "baluhost/ports/event_tagger.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sql_common/write_queue.hpp"
#include "connections/connection_pool.hpp"
#include "connections/lost_commit.hpp"

#include <memory>
#include <semaphore>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace baluhost::postgres {

/// Writes that wait share one transaction, as far as they are quick; each of the others has one of
/// its own, on its own thread.
class Writer {
 public:
  Writer(const PostgresOptions& options, ConnectionPool& pool);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Waits until `work` is committed, refused or failed.
  Result<void> run(sql::WriteWork work);

  /// The same in a transaction of its own, for which no other write waits.
  Result<void> run_aside(sql::WriteWork work);
  void add_listener(CommitListener listener) { listeners_.add(std::move(listener)); }
  void tag_events(std::shared_ptr<EventTagger> tagger) { tagger_ = std::move(tagger); }
  [[nodiscard]] std::int64_t listener_failures() const noexcept { return listeners_.failures(); }
  /// internal inside the work of a write: it called the database.
  [[nodiscard]] Result<void> refuse_nested() const;

 private:
  using Group = std::vector<sql::QueuedWrite*>;
  enum class Again { no, anywhere, on_another_connection, after_conflict };
  /// What became of a transaction; `again`: nothing of it happened, and it may run once more.
  struct Outcome {
    Result<void> result;
    Again again{Again::no};
  };

  [[nodiscard]] Result<void> check_may_write() const;
  void serve();
  void share_transaction(std::unique_ptr<PooledConnection> connection);
  static bool run_in_savepoint(PooledConnection& connection, sql::QueuedWrite& write);
  Result<void> run_alone(sql::WriteWork work);
  Outcome attempt_alone(sql::WriteWork work);
  Outcome commit(std::unique_ptr<PooledConnection> connection, Result<sql::StagedEvents> staged);
  TagOutcome settle(LostCommit lost, std::span<const AuditEvent> events, Result<void>& result);
  TagOutcome look_for(const LostCommit& lost);

  const PostgresOptions options_;
  ConnectionPool& pool_;
  std::shared_ptr<EventTagger> tagger_;
  CommitListeners listeners_;
  const std::string own_limits_;
  /// For writes that run alone: those who wait for one lock leave connections to all others.
  std::counting_semaphore<> places_;
  sql::WriteQueue queue_;
  std::thread thread_;
};

} // namespace baluhost::postgres
