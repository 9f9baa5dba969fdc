#include "writer.hpp"

#include "connections/native.hpp"
#include "dialect.hpp"
#include "name_index.hpp"

#include <utility>

/// SQLite has one writer, so writes queue for one thread, which takes all that wait into one
/// transaction: a single fsync then serves them all. Each runs in a savepoint, so that one that
/// fails takes only itself back; the events of all are inserted at the end, together. Nobody is
/// answered before the common commit, and if that fails, nobody is told that anything was done.
namespace baluhost::sqlite {
namespace {

constexpr std::chrono::milliseconds kGatePatience{100};

} // namespace

Writer::Writer(const SqliteOptions& options, std::unique_ptr<sql::Connection> connection)
    : options_(options),
      db_(std::move(connection)),
      transaction_(*db_),
      gate_(options.path + "-gate"),
      listeners_(options.on_listener_failure),
      queue_({.waiting = options.max_queue, .deadline = options.deadline}),
      thread_([this] { serve(); }) {}

Writer::~Writer() {
  queue_.close();
  thread_.join();
}

Result<void> Writer::refuse_nested() const {
  if (std::this_thread::get_id() != thread_.get_id()) return {};
  return Error{Errc::internal, "the work of a transaction called the database"};
}

Result<void> Writer::run(sql::WriteWork work) {
  BALUHOST_CHECK(refuse_nested());
  sql::QueuedWrite write(work);
  return queue_.run(write);
}

void Writer::serve() {
  while (queue_.wait()) {
    if (!begin()) continue;
    Group group;
    // Who comes while the group is at work still belongs to it.
    while (group.size() < options_.max_group && in_transaction(*db_)) {
      sql::QueuedWrite* write = group.empty() ? queue_.next() : queue_.next_to_join();
      if (write == nullptr) break;
      group.push_back(write);
      run_in_savepoint(*write);
      if (write->is_alone) break;
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
      if (queue_.is_empty()) return false;
      continue;
    }
    roll_back(*db_);
    if (auto* write = queue_.next()) sql::WriteQueue::answer(*write, begun);
    return false;
  }
}

void Writer::run_in_savepoint(sql::QueuedWrite& write) {
  bool is_settled = false;
  write.result = sql::guarded(*db_, [&]() -> Result<void> {
    db_->put_off("savepoint work");
    auto staged = write.work(*db_, transaction_);
    const bool is_untouched = db_->take_back();
    if (staged) {
      if (!is_untouched) db_->execute("release work");
      write.events = *std::move(staged);
      is_settled = true;
      return {};
    }
    if (!is_untouched && in_transaction(*db_)) {
      db_->execute("rollback to work");
      db_->execute("release work");
    }
    is_settled = true;
    return std::move(staged).error();
  });
  // What could neither be kept nor taken back must not go with the others' commit.
  if (!is_settled) roll_back(*db_);
}

/// Why SQLite ended the transaction by itself.
Error Writer::given_up(const Group& group) {
  for (const auto* write : group) {
    if (!write->result && write->result.error().code == Errc::insufficient_storage)
      return write->result.error();
  }
  return sql::busy("the database gave the transaction up: its disk failed");
}

Result<sql::WrittenEvents> Writer::insert_events(const Group& group) {
  sql::StagedEvents events;
  for (auto* write : group) {
    if (write->result) events.append(std::exchange(write->events, {}));
  }
  return sql::guarded(*db_, [&] { return sql::insert_events(*db_, std::move(events), tagger_); });
}

void Writer::commit(const Group& group) {
  const auto index_before = index_;
  bool is_refused = false;
  sql::WrittenEvents written;
  const auto committed = sql::guarded(*db_, [&]() -> Result<void> {
    if (!in_transaction(*db_)) return given_up(group);
    auto inserted = insert_events(group);
    if (!inserted) {
      is_refused = true;
      return std::move(inserted).error();
    }
    written = *std::move(inserted);
    BALUHOST_CHECK(index_names());
    db_->execute("commit");
    return {};
  });
  if (!committed) {
    roll_back(*db_);
    if (committed.error().code == Errc::insufficient_storage) reuse_log();
    written.ended(TagOutcome::undone);
    if (index_ != index_before) return queue_.put_back(group);
    if (is_refused && group.size() > 1) {
      // One event that the database refuses: whose it is turns out when each goes by itself.
      for (auto* write : group) write->is_alone = true;
      return queue_.put_back(group);
    }
    for (auto* write : group) sql::WriteQueue::answer(*write, committed);
    return;
  }
  written.ended(TagOutcome::committed);
  if (options_.on_group) options_.on_group(group.size());
  listeners_.tell(written.events());
  for (auto* write : group) sql::WriteQueue::answer(*write, std::move(write->result));
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
  if (!in_transaction(*db_)) return sql::busy("the index of names is damaged");
  db_->execute("rollback to names");
  db_->execute("release names");
  return {};
}

/// What the write-ahead log holds goes into the database, as far as that has room for it, and the
/// log begins anew: on a full disk its space is then there for the next commit.
void Writer::reuse_log() {
  static_cast<void>(sql::guarded(*db_, [&]() -> Result<void> {
    run_script(*db_, "pragma wal_checkpoint(passive)");
    return {};
  }));
}

} // namespace baluhost::sqlite
