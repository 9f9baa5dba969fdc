#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/files/space_use.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/event_tagger.hpp"
#include "baluhost/ports/repositories/archive_repository.hpp"
#include "baluhost/ports/repositories/audit_repository.hpp"
#include "baluhost/ports/repositories/blob_repository.hpp"
#include "baluhost/ports/repositories/challenge_repository.hpp"
#include "baluhost/ports/repositories/file_repository.hpp"
#include "baluhost/ports/repositories/grant_repository.hpp"
#include "baluhost/ports/repositories/key_repository.hpp"
#include "baluhost/ports/repositories/removal_repository.hpp"
#include "baluhost/ports/repositories/roll_up_repository.hpp"
#include "baluhost/ports/repositories/seal_repository.hpp"
#include "baluhost/ports/repositories/search_repository.hpp"
#include "baluhost/ports/repositories/second_factor_repository.hpp"
#include "baluhost/ports/repositories/session_repository.hpp"
#include "baluhost/ports/repositories/share_repository.hpp"
#include "baluhost/ports/repositories/transfer_repository.hpp"
#include "baluhost/ports/repositories/trash_repository.hpp"
#include "baluhost/ports/repositories/tree_record_repository.hpp"
#include "baluhost/ports/repositories/upload_repository.hpp"
#include "baluhost/ports/repositories/user_repository.hpp"
#include "baluhost/ports/repositories/version_repository.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace baluhost {

class Transaction;

/// What housekeeping may change without an event of its own, since it is the record itself or leads
/// to one.
class Bookkeeping {
 public:
  virtual ~Bookkeeping() = default;

  /// Everything, as this transaction sees it.
  [[nodiscard]] virtual const Transaction& view() const = 0;
  virtual TransferRepository& transfers() = 0;
  virtual SealRepository& seals() = 0;
  virtual UploadRepository& uploads() = 0;
  virtual BlobRepository& blobs() = 0;
  virtual SessionRepository& sessions() = 0; ///< only for `forget_expired`
  virtual KeyRepository& keys() = 0;         ///< only for `note_uses` and `forget_expired`
  virtual ShareRepository& shares() = 0;     ///< only for `forget_ended`

  /// Only for `remove` of what has no event: directories.
  virtual RemovalRepository& removals() = 0;
  virtual TreeRecordRepository& tree_records() = 0; ///< what has no event: directories, the end
  virtual UserRepository& users() = 0;              ///< only to read and to lock
  /// Only to read, to lock, and for `note_checksums`.
  virtual FileRepository& files() = 0;
  virtual ArchiveRepository& archives() = 0;
  virtual SecondFactorRepository& second_factors() = 0; ///< only to read and for `reseal`
  virtual ChallengeRepository& challenges() = 0;        ///< only for `forget_expired`
  virtual RollUpRepository& roll_up() = 0;              ///< what is kept of days that are over

  /// To read.
  [[nodiscard]] virtual const AuditRepository& audit() const = 0;
};

/// Sees what is committed, at one moment. A const one only reads.
class Transaction {
 public:
  virtual ~Transaction() = default;

  /// The repositories; they go with the transaction.
  virtual UserRepository& users() = 0;
  virtual SessionRepository& sessions() = 0;
  virtual KeyRepository& keys() = 0;
  virtual GrantRepository& grants() = 0;
  virtual ShareRepository& shares() = 0;
  virtual FileRepository& files() = 0;
  virtual UploadRepository& uploads() = 0;
  virtual BlobRepository& blobs() = 0;
  virtual TransferRepository& transfers() = 0;
  virtual SealRepository& seals() = 0;
  virtual RemovalRepository& removals() = 0;
  virtual TrashRepository& trash() = 0;
  virtual TreeRecordRepository& tree_records() = 0;
  virtual VersionRepository& versions() = 0;
  virtual ArchiveRepository& archives() = 0;
  virtual SecondFactorRepository& second_factors() = 0;
  virtual ChallengeRepository& challenges() = 0;

  /// The same to read.
  [[nodiscard]] virtual const UserRepository& users() const = 0;
  [[nodiscard]] virtual const SessionRepository& sessions() const = 0;
  [[nodiscard]] virtual const KeyRepository& keys() const = 0;
  [[nodiscard]] virtual const GrantRepository& grants() const = 0;
  [[nodiscard]] virtual const ShareRepository& shares() const = 0;
  [[nodiscard]] virtual const FileRepository& files() const = 0;
  [[nodiscard]] virtual const UploadRepository& uploads() const = 0;
  [[nodiscard]] virtual const BlobRepository& blobs() const = 0;
  [[nodiscard]] virtual const TransferRepository& transfers() const = 0;
  [[nodiscard]] virtual const SealRepository& seals() const = 0;
  [[nodiscard]] virtual const RemovalRepository& removals() const = 0;
  [[nodiscard]] virtual const TrashRepository& trash() const = 0;
  [[nodiscard]] virtual const TreeRecordRepository& tree_records() const = 0;
  [[nodiscard]] virtual const VersionRepository& versions() const = 0;
  [[nodiscard]] virtual const ArchiveRepository& archives() const = 0;
  [[nodiscard]] virtual const SearchRepository& search() const = 0;
  [[nodiscard]] virtual const SecondFactorRepository& second_factors() const = 0;
  [[nodiscard]] virtual const ChallengeRepository& challenges() const = 0;
  [[nodiscard]] virtual const AuditRepository& audit() const = 0;
  [[nodiscard]] virtual const RollUpRepository& roll_up() const = 0;

  /// A number that changes with every committed change of users, grants or second factors,
  /// with every end of a session, key or share and with every change of a share's rights, secret,
  /// password or expiry, whichever program made it. A new session and the use of its refresh token
  /// leave it: they make nothing wrong that was read before, but for `last_used_at`.
  [[nodiscard]] virtual Result<std::int64_t> identity_version() const = 0;
};

/// One that may change things, and one that only reads.
using WriteTransaction = Transaction;
using ReadTransaction = const Transaction;

/// Is told of events after they were committed, in the order of their ids within one commit. Called
/// on a thread of the database's; must return quickly and must not call the database. What it
/// throws undoes no commit and stops no other listener: it is counted in `DatabaseStatus`, and the
/// adapters report it.
using CommitListener = std::function<void(std::span<const AuditEvent>)>;

/// What a database tells of itself.
struct DatabaseStatus {
  std::string kind; ///< "memory", "sqlite", "postgresql"
  std::int64_t schema_version{};
  std::int64_t size_bytes{};

  /// Of `size_bytes`, what rows that went have left: new ones take it first.
  std::int64_t reusable_bytes{};

  /// Exceptions of commit listeners, since the database was opened.
  std::int64_t listener_failures{};
};

/// Users, files' metadata and the audit trail. Safe from many threads. No call waits for ever:
/// unavailable when the database does not answer in time. No exception leaves it; one that `work`
/// throws is internal, and nothing is committed.
class Database {
 public:
  virtual ~Database() = default;

  /// Runs `work` on a consistent view; its error comes back as it is. May run at the same time as
  /// writes.
  [[nodiscard]] virtual Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) = 0;

  /// Runs `work` in one transaction. It commits together with the events that `work` returns, or
  /// not at all. When this returns success, both are durable. `work` may run on another thread, and
  /// may run again after a conflict between servers; only what its last run did counts. Whatever it
  /// queries by itself, a read too, is internal: it would not see its own transaction.
  [[nodiscard]] virtual Result<void> write(
      FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) = 0;

  /// As `write`, for work that goes on after what was asked for, of many transactions: where the
  /// database can write side by side, other writes do not wait for it.
  [[nodiscard]] virtual Result<void> write_aside(
      FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) {
    return write(work);
  }

  /// As `write`, for what is no change a user could ask about: see `Bookkeeping`.
  [[nodiscard]] virtual Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) = 0;

  /// insufficient_storage where space is so short that what is left of it is not for `use`. `write`
  /// sees what it is for by its events; who is about to grow something by another way, or wants to
  /// refuse before a long body, asks here first.
  [[nodiscard]] virtual Result<void> admit(SpaceUse use) {
    static_cast<void>(use);
    return {};
  }

  /// Adds a listener for as long as the database lives. Before the first write only.
  virtual void on_commit(CommitListener listener) = 0;

  /// From now on every event is written with a tag of `tagger`, in the same transaction. Without
  /// one events have no tags. Before the first write, once, for as long as the database lives.
  virtual void tag_events(std::shared_ptr<EventTagger> tagger) = 0;

  /// How it stands. unavailable.
  [[nodiscard]] virtual Result<DatabaseStatus> status() = 0;
};

} // namespace baluhost
