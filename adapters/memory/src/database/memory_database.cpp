#include "baluhost/memory/memory_database.hpp"

#include "baluhost/ports/common/commit_listeners.hpp"
#include "database/audit/audit_repositories.hpp"
#include "database/identity/identity_repositories.hpp"
#include "database/repositories.hpp"
#include "database/trees/tree_repositories.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

/// All tables are persistent maps, so a state is copied for the price of a few pointers. A read
/// works on a copy and is never disturbed; a write works on a draft, which becomes the state in one
/// assignment, or is dropped. There is nothing to undo.
namespace baluhost {
namespace memory {
namespace {

class MemoryTransaction final : public Transaction {
 public:
  explicit MemoryTransaction(State& state)
      : state_(state),
        users_(state),
        sessions_(state),
        keys_(state),
        grants_(state),
        shares_(state),
        files_(state),
        uploads_(state),
        blobs_(state),
        transfers_(state),
        seals_(state),
        removals_(state),
        trash_(state),
        tree_records_(state),
        versions_(state),
        archives_(state),
        search_(state),
        second_factors_(state),
        challenges_(state),
        audit_(state) {}

  UserRepository& users() override { return users_; }
  SessionRepository& sessions() override { return sessions_; }
  KeyRepository& keys() override { return keys_; }
  GrantRepository& grants() override { return grants_; }
  ShareRepository& shares() override { return shares_; }
  FileRepository& files() override { return files_; }
  UploadRepository& uploads() override { return uploads_; }
  BlobRepository& blobs() override { return blobs_; }
  TransferRepository& transfers() override { return transfers_; }
  SealRepository& seals() override { return seals_; }
  RemovalRepository& removals() override { return removals_; }
  TrashRepository& trash() override { return trash_; }
  TreeRecordRepository& tree_records() override { return tree_records_; }
  VersionRepository& versions() override { return versions_; }
  ArchiveRepository& archives() override { return archives_; }
  SecondFactorRepository& second_factors() override { return second_factors_; }
  ChallengeRepository& challenges() override { return challenges_; }
  const UserRepository& users() const override { return users_; }
  const SessionRepository& sessions() const override { return sessions_; }
  const KeyRepository& keys() const override { return keys_; }
  const GrantRepository& grants() const override { return grants_; }
  const ShareRepository& shares() const override { return shares_; }
  const FileRepository& files() const override { return files_; }
  const UploadRepository& uploads() const override { return uploads_; }
  const BlobRepository& blobs() const override { return blobs_; }
  const TransferRepository& transfers() const override { return transfers_; }
  const SealRepository& seals() const override { return seals_; }
  const RemovalRepository& removals() const override { return removals_; }
  const TrashRepository& trash() const override { return trash_; }
  const TreeRecordRepository& tree_records() const override { return tree_records_; }
  const VersionRepository& versions() const override { return versions_; }
  const ArchiveRepository& archives() const override { return archives_; }
  const SearchRepository& search() const override { return search_; }
  const SecondFactorRepository& second_factors() const override { return second_factors_; }
  const ChallengeRepository& challenges() const override { return challenges_; }
  const AuditRepository& audit() const override { return audit_; }
  const RollUpRepository& roll_up() const override { return roll_up_; }
  Result<std::int64_t> identity_version() const override { return state_.identity_version; }

  std::vector<AuditEvent> append(const AuditEvents& events) { return audit_.append(events); }
  void put(std::span<const EventTag> tags) {
    for (const auto& tag : tags) {
      state_.tags.put(tag.event, tag);
      for (const EventId event : events_of(tag)) state_.tag_of_event.put(event, tag.event);
    }
  }

 private:
  State& state_;
  MemoryUsers users_;
  MemorySessions sessions_;
  MemoryKeys keys_;
  MemoryGrants grants_;
  MemoryShares shares_;
  MemoryFiles files_;
  MemoryUploads uploads_;
  MemoryBlobs blobs_;
  MemoryTransfers transfers_;
  MemorySeals seals_;
  MemoryRemovals removals_;
  MemoryTrash trash_;
  MemoryTreeRecords tree_records_;
  MemoryVersions versions_;
  MemoryArchives archives_;
  MemorySearch search_;
  MemorySecondFactors second_factors_;
  MemoryChallenges challenges_;
  MemoryAudit audit_;
  MemoryRollUp roll_up_;
};

class MemoryBookkeeping final : public Bookkeeping {
 public:
  explicit MemoryBookkeeping(Transaction& transaction) : transaction_(transaction) {}
  const Transaction& view() const override { return transaction_; }
  TransferRepository& transfers() override { return transaction_.transfers(); }
  SealRepository& seals() override { return transaction_.seals(); }
  UploadRepository& uploads() override { return transaction_.uploads(); }
  BlobRepository& blobs() override { return transaction_.blobs(); }
  SessionRepository& sessions() override { return transaction_.sessions(); }
  KeyRepository& keys() override { return transaction_.keys(); }
  ShareRepository& shares() override { return transaction_.shares(); }
  RemovalRepository& removals() override { return transaction_.removals(); }
  TreeRecordRepository& tree_records() override { return transaction_.tree_records(); }
  ArchiveRepository& archives() override { return transaction_.archives(); }
  UserRepository& users() override { return transaction_.users(); }
  FileRepository& files() override { return transaction_.files(); }
  SecondFactorRepository& second_factors() override { return transaction_.second_factors(); }
  ChallengeRepository& challenges() override { return transaction_.challenges(); }
  RollUpRepository& roll_up() override { return roll_up_; }
  const AuditRepository& audit() const override { return std::as_const(transaction_).audit(); }

 private:
  Transaction& transaction_;
  MemoryRollUp roll_up_;
};

/// Lets one writer at a time pass, and knows which, so that a nested write is an error and not a
/// wait without end.
class Turn {
 public:
  Result<void> refuse_nested() {
    const std::lock_guard lock(mutex_);
    if (writer_ != std::this_thread::get_id()) return {};
    return Error{Errc::internal, "the work of a transaction called the database"};
  }
  Result<void> take(std::chrono::milliseconds timeout) {
    BALUHOST_CHECK(refuse_nested());
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, timeout, [&] { return !writer_; })) {
      return Error{Errc::unavailable, "other writes take too long"};
    }
    writer_ = std::this_thread::get_id();
    return {};
  }
  void pass_on() {
    {
      const std::lock_guard lock(mutex_);
      writer_.reset();
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  std::optional<std::thread::id> writer_;
};

class MemoryDatabase final : public Database {
 public:
  explicit MemoryDatabase(const MemoryDatabaseOptions& options)
      : options_(options), listeners_(options.on_listener_failure) {}

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    BALUHOST_CHECK(turn_.refuse_nested());
    State view = snapshot();
    const MemoryTransaction transaction(view);
    return guarded([&] { return work(transaction); });
  }

  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    return change([&](MemoryTransaction& transaction) -> Result<Written> {
      BALUHOST_TRY(const auto events, work(transaction));
      Written written{.events = transaction.append(events), .tags = {}};
      if (!tagger_) return written;
      BALUHOST_TRY(written.tags, tagger_->tag(written.events));
      transaction.put(written.tags);
      return written;
    });
  }

  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    return change([&](MemoryTransaction& transaction) -> Result<Written> {
      MemoryBookkeeping bookkeeping(transaction);
      BALUHOST_CHECK(work(bookkeeping));
      return Written{};
    });
  }

  void on_commit(CommitListener listener) override { listeners_.add(std::move(listener)); }

  void tag_events(std::shared_ptr<EventTagger> tagger) override { tagger_ = std::move(tagger); }

  Result<DatabaseStatus> status() override {
    BALUHOST_CHECK(turn_.refuse_nested());
    return DatabaseStatus{
        .kind = "memory", .schema_version = 1, .listener_failures = listeners_.failures()};
  }

 private:
  State snapshot() const {
    const std::lock_guard lock(state_mutex_);
    return state_;
  }

  /// What a transaction wrote of the trail.
  struct Written {
    std::vector<AuditEvent> events;
    std::vector<EventTag> tags;
  };

  Result<void> change(FunctionRef<Result<Written>(MemoryTransaction&)> work) {
    BALUHOST_CHECK(turn_.take(options_.write_timeout));
    auto result = guarded([&] { return commit(work); });
    turn_.pass_on();
    return result;
  }

  Result<void> commit(FunctionRef<Result<Written>(MemoryTransaction&)> work) {
    State draft = snapshot();
    MemoryTransaction transaction(draft);
    BALUHOST_TRY(const auto written, work(transaction));
    {
      const std::lock_guard lock(state_mutex_);
      std::swap(state_, draft);
    }
    if (!written.tags.empty()) tagger_->ended(written.tags, TagOutcome::committed);
    listeners_.tell(written.events);
    return {};
  }

  template <class Work>
  static Result<void> guarded(const Work& work) {
    try {
      return work();
    } catch (const std::exception& e) {
      return Error{Errc::internal, std::string{"the work of a transaction threw: "} + e.what()};
    } catch (...) {
      return Error{Errc::internal, "the work of a transaction threw"};
    }
  }

  MemoryDatabaseOptions options_;
  CommitListeners listeners_;
  std::shared_ptr<EventTagger> tagger_;
  Turn turn_;
  mutable std::mutex state_mutex_; ///< held for the time of a copy only
  State state_;
};

} // namespace
} // namespace memory

std::unique_ptr<Database> make_memory_database(const MemoryDatabaseOptions& options) {
  return std::make_unique<memory::MemoryDatabase>(options);
}

} // namespace baluhost
