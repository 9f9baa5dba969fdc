#include "writer.hpp"

#include "connections/native.hpp"
#include "dialect.hpp"
#include "name_index.hpp"

#include <algorithm>
#include <iterator>

/// SQLite has one writer, so writes queue for one thread, which takes all that wait into one
/// transaction: a single fsync then serves them all. Each runs in a savepoint, so that one that
/// fails takes only itself back. Nobody is answered before the common commit, and if that fails,
/// nobody is told that anything was done.
namespace baluhost::sqlite {
namespace {

constexpr std::chrono::milliseconds kGatePatience{100};

Error busy(std::string detail) {
  return Error{Errc::unavailable, std::move(detail), {}, std::chrono::seconds{1}, false};
}

} // namespace

struct Writer::Job {
  Job(Work what, Clock::time_point until) : work(what), deadline(until) {}

  Work work;
  Clock::time_point deadline; ///< for its beginning
  sql::WrittenEvents written;
  Result<void> result;
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done{false};
};

Writer::Writer(const SqliteOptions& options, std::unique_ptr<sql::Connection> connection)
    : options_(options),
      db_(std::move(connection)),
      transaction_(*db_),
      gate_(options.path + "-gate"),
      listeners_(options.on_listener_failure),
      thread_([this] { serve(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  has_work_.notify_one();
  thread_.join();
}

Result<void> Writer::refuse_nested() const {
  if (std::this_thread::get_id() != thread_.get_id()) return {};
  return Error{Errc::internal, "the work of a transaction called the database"};
}

Result<void> Writer::run(Work work) {
  BALUHOST_CHECK(refuse_nested());
  Job job(work, Clock::now() + options_.deadline);
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.max_queue) return busy("too many writes wait");
    queue_.push_back(&job);
  }
  has_work_.notify_one();
  std::unique_lock lock(job.mutex);
  const auto is_done = [&] { return job.is_done; };
  if (!job.changed.wait_until(lock, job.deadline, is_done)) {
    lock.unlock();
    if (take_back(job)) return busy("other writes take too long");
    lock.lock();
    job.changed.wait(lock, is_done); // it has begun, and will end
  }
  return std::move(job.result);
}

bool Writer::take_back(Job& job) {
  const std::lock_guard lock(mutex_);
  return std::erase(queue_, &job) > 0;
}

void Writer::answer(Job& job, Result<void> result) {
  const std::lock_guard lock(job.mutex);
  job.result = std::move(result);
  job.is_done = true;
  // Under the lock: the job is gone as soon as its owner sees that it is done.
  job.changed.notify_one();
}

bool Writer::wait_for_work() {
  std::unique_lock lock(mutex_);
  has_work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  return !queue_.empty();
}

Writer::Job* Writer::next_job() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return nullptr;
  Job* job = queue_.front();
  queue_.pop_front();
  return job;
}

void Writer::serve() {
  while (wait_for_work()) {
    if (!begin()) continue;
    std::vector<Job*> group;
    // Who comes while the group is at work still belongs to it.
    while (group.size() < options_.max_group && in_transaction(*db_)) {
      Job* job = next_job();
      if (job == nullptr) break;
      group.push_back(job);
      run_in_savepoint(*job);
    }
    commit(group);
  }
}

bool Writer::begin() {
  gate_.enter(kGatePatience);
  const bool has_lock = ask_for_lock();
  gate_.leave();
  return has_lock;
}

/// Opens the transaction, however long another program holds the lock, as long as somebody still
/// waits for it. The connection's own patience is a small part of a deadline.
bool Writer::ask_for_lock() {
  for (;;) {
    db_->trouble = {};
    const auto begun = sql::guarded(*db_, [&]() -> Result<void> {
      db_->execute("begin immediate");
      // Who wrote it anew emptied the table of changes.
      if (index_ == NameIndex::behind && !has_changed_names(*db_)) index_ = NameIndex::kept_up;
      return {};
    });
    if (begun) return true;
    if (is_busy(db_->trouble)) {
      const std::lock_guard lock(mutex_);
      if (queue_.empty()) return false;
      continue;
    }
    roll_back(*db_);
    if (Job* job = next_job()) answer(*job, begun);
    return false;
  }
}

void Writer::run_in_savepoint(Job& job) {
  bool is_settled = false;
  job.result = sql::guarded(*db_, [&]() -> Result<void> {
    db_->execute("savepoint work");
    auto written = [&]() -> Result<sql::WrittenEvents> {
      try {
        return job.work(*db_, transaction_);
      } catch (...) {
        return Error{Errc::internal, "the work of a transaction threw"};
      }
    }();
    if (written) {
      db_->execute("release work");
      job.written = *std::move(written);
      is_settled = true;
      return {};
    }
    if (in_transaction(*db_)) {
      db_->execute("rollback to work");
      db_->execute("release work");
    }
    is_settled = true;
    return std::move(written).error();
  });
  // What could neither be kept nor taken back must not go with the others' commit.
  if (!is_settled) roll_back(*db_);
}

/// Why SQLite ended the transaction by itself.
Error Writer::given_up(const std::vector<Job*>& group) {
  for (const Job* job : group) {
    if (!job->result && job->result.error().code == Errc::insufficient_storage)
      return job->result.error();
  }
  return busy("the database gave the transaction up: its disk failed");
}

void Writer::commit(std::vector<Job*>& group) {
  const auto index_before = index_;
  const auto committed = sql::guarded(*db_, [&]() -> Result<void> {
    if (!in_transaction(*db_)) return given_up(group);
    BALUHOST_CHECK(index_names());
    db_->execute("commit");
    return {};
  });
  if (!committed) {
    roll_back(*db_);
    if (committed.error().code == Errc::insufficient_storage) reuse_log();
    for (auto job = group.rbegin(); job != group.rend(); ++job)
      (*job)->written.ended(TagOutcome::undone);
    if (index_ != index_before) return put_back(group);
    for (Job* job : group) answer(*job, committed);
    return;
  }
  for (Job* job : group) job->written.ended(TagOutcome::committed);
  if (options_.on_group) options_.on_group(group.size());
  tell(group);
  for (Job* job : group) answer(*job, std::move(job->result));
}

/// A damaged index stops no write: what changes is kept beside it until it is written anew. SQLite
/// may take the transaction back that met the damage: its writes run again, and leave the index
/// alone.
Result<void> Writer::index_names() {
  if (index_ != NameIndex::kept_up) {
    return sql::guarded(*db_, [&]() -> Result<void> {
      if (has_changed_names(*db_)) index_ = NameIndex::behind;
      return {};
    });
  }
  auto indexed = sql::guarded(*db_, [&]() -> Result<void> {
    if (!has_many_changed_names(*db_, options_.names_at_once)) return {};
    db_->execute("savepoint names");
    index_changed_names(*db_);
    db_->execute("release names");
    return {};
  });
  if (indexed || indexed.error().code != Errc::internal) return indexed;
  index_ = NameIndex::damaged;
  if (options_.on_damaged_index) options_.on_damaged_index(indexed.error().detail);
  if (!in_transaction(*db_)) return busy("the index of names is damaged");
  db_->execute("rollback to names");
  db_->execute("release names");
  return {};
}

/// They run again, in front of all others.
void Writer::put_back(const std::vector<Job*>& group) {
  const std::lock_guard lock(mutex_);
  queue_.insert(queue_.begin(), group.begin(), group.end());
}

/// What the write-ahead log holds goes into the database, as far as that has room for it, and the
/// log begins anew: on a full disk its space is then there for the next commit.
void Writer::reuse_log() {
  static_cast<void>(sql::guarded(*db_, [&]() -> Result<void> {
    run_script(*db_, "pragma wal_checkpoint(passive)");
    return {};
  }));
}

void Writer::tell(const std::vector<Job*>& group) noexcept {
  try {
    std::vector<AuditEvent> events;
    for (Job* job : group) {
      if (!job->result) continue;
      std::ranges::move(job->written.events(), std::back_inserter(events));
    }
    listeners_.tell(events);
  } catch (const std::exception& error) {
    listeners_.failed(error.what());
  }
}

} // namespace baluhost::sqlite
