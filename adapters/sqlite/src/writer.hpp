#pragma once

#include "baluhost/domain/function_ref.hpp"
#include "baluhost/ports/common/commit_listeners.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/transaction.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "writer_gate.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace baluhost::sqlite {

/// The one thread that writes.
class Writer {
 public:
  /// What a write does; returns the events it wrote.
  using Work = FunctionRef<Result<sql::WrittenEvents>(sql::Connection&, sql::SqlTransaction&)>;

  Writer(const SqliteOptions& options, std::unique_ptr<sql::Connection> connection);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Waits until `work` is committed, refused or failed.
  Result<void> run(Work work);
  void add_listener(CommitListener listener) { listeners_.add(std::move(listener)); }
  [[nodiscard]] std::int64_t listener_failures() const noexcept { return listeners_.failures(); }
  /// internal on the thread that writes: the work of a transaction, or a listener, called the
  /// database.
  [[nodiscard]] Result<void> refuse_nested() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Job;
  /// What is known of the index of names; `behind`: changes were committed that are not in it.
  enum class NameIndex { kept_up, damaged, behind };

  void serve();
  bool begin();
  bool ask_for_lock();
  void run_in_savepoint(Job& job);
  void commit(std::vector<Job*>& group);
  static Error given_up(const std::vector<Job*>& group);
  Result<void> index_names();
  void put_back(const std::vector<Job*>& group);
  void reuse_log();
  void tell(const std::vector<Job*>& group) noexcept;
  Job* next_job();
  bool take_back(Job& job);
  bool wait_for_work();
  void answer(Job& job, Result<void> result);

  const SqliteOptions options_;
  std::unique_ptr<sql::Connection> db_;
  sql::SqlTransaction transaction_;
  WriterGate gate_;
  CommitListeners listeners_;
  NameIndex index_{NameIndex::kept_up};

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<Job*> queue_;
  bool stopping_{false};
  std::thread thread_;
};

} // namespace baluhost::sqlite
