#pragma once

#include "baluhost/ports/common/commit_listeners.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/transaction.hpp"
#include "baluhost/sql_common/write_queue.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "writer_gate.hpp"

#include <memory>
#include <thread>
#include <vector>

namespace baluhost::sqlite {

/// The one thread that writes.
class Writer {
 public:
  Writer(const SqliteOptions& options, std::unique_ptr<sql::Connection> connection);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Waits until `work` is committed, refused or failed.
  Result<void> run(sql::WriteWork work);
  void tag_events(std::shared_ptr<EventTagger> tagger) { tagger_ = std::move(tagger); }
  void add_listener(CommitListener listener) { listeners_.add(std::move(listener)); }
  [[nodiscard]] std::int64_t listener_failures() const noexcept { return listeners_.failures(); }
  /// internal on the thread that writes: the work of a transaction, or a listener, called the
  /// database.
  [[nodiscard]] Result<void> refuse_nested() const;

 private:
  using Group = std::vector<sql::QueuedWrite*>;
  /// What is known of the index of names; `behind`: changes were committed that are not in it.
  enum class NameIndex { kept_up, damaged, behind };

  void serve();
  bool begin();
  bool ask_for_lock();
  void run_in_savepoint(sql::QueuedWrite& write);
  void commit(const Group& group);
  Result<sql::WrittenEvents> insert_events(const Group& group);
  static Error given_up(const Group& group);
  Result<void> index_names();
  void reuse_log();

  const SqliteOptions options_;
  std::unique_ptr<sql::Connection> db_;
  sql::SqlTransaction transaction_;
  WriterGate gate_;
  CommitListeners listeners_;
  std::shared_ptr<EventTagger> tagger_;
  NameIndex index_{NameIndex::kept_up};
  sql::WriteQueue queue_;
  std::thread thread_;
};

} // namespace baluhost::sqlite
