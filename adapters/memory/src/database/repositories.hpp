#pragma once

#include "baluhost/ports/repositories/archive_repository.hpp"
#include "baluhost/ports/repositories/audit_repository.hpp"
#include "baluhost/ports/repositories/blob_repository.hpp"
#include "baluhost/ports/repositories/challenge_repository.hpp"
#include "baluhost/ports/repositories/file_repository.hpp"
#include "baluhost/ports/repositories/grant_repository.hpp"
#include "baluhost/ports/repositories/key_repository.hpp"
#include "baluhost/ports/repositories/roll_up_repository.hpp"
#include "baluhost/ports/repositories/seal_repository.hpp"
#include "baluhost/ports/repositories/search_repository.hpp"
#include "baluhost/ports/repositories/second_factor_repository.hpp"
#include "baluhost/ports/repositories/session_repository.hpp"
#include "baluhost/ports/repositories/share_repository.hpp"
#include "baluhost/ports/repositories/transfer_repository.hpp"
#include "baluhost/ports/repositories/upload_repository.hpp"
#include "baluhost/ports/repositories/user_repository.hpp"
#include "database/state.hpp"

#include <span>
#include <vector>

/// The repositories over one state: the snapshot of a read or the draft of a write. The database's
/// mutex makes writes follow one another, so a lock of the contract only has to check that what it
/// locks is there.
namespace baluhost::memory {

class MemoryUsers final : public UserRepository {
 public:
  explicit MemoryUsers(State& state) : state_(state) {}
  Result<std::optional<User>> find(UserId id) const override;
  Result<std::optional<User>> find(const Username& name) const override;
  Result<std::optional<Credentials>> find_credentials(const Username& name) const override;
  Result<std::optional<PasswordHash>> first_hash_after(std::string_view text) const override;
  Result<std::vector<User>> list(const std::optional<Username>& after,
                                 std::size_t limit) const override;
  Result<std::int64_t> count_enabled_admins() const override;
  Result<void> lock_roles() override;
  Result<void> lock_accounts(const AccountLocks& locks) override;
  Result<User> insert(const NewUser& user) override;
  Result<User> update(UserId id, const UserChanges& changes, Timestamp now) override;
  Result<void> set_unlocked_at(UserId id, Timestamp now) override;
  Result<void> remove(UserId id) override;
  Result<void> add_usage(UserId id, const UsageChange& change) override;

 private:
  State& state_;
};

class MemorySessions final : public SessionRepository {
 public:
  explicit MemorySessions(State& state) : state_(state) {}
  Result<std::optional<SessionState>> find(const SessionId& id) const override;
  Result<std::vector<Session>> list(UserId user, Timestamp now,
                                    const std::optional<SessionId>& after,
                                    std::size_t limit) const override;
  Result<std::vector<IpAddress>> login_addresses(UserId user, Timestamp since) const override;
  Result<void> insert(const Session& session, const RefreshTokenHash& refresh) override;
  Result<RefreshUse> rotate(const SessionId& session, const RefreshTokenHash& used,
                            const RefreshTokenHash& fresh, Timestamp now) override;
  Result<void> revoke(const SessionId& id, Timestamp now) override;
  Result<std::int64_t> revoke_all(UserId user, const std::optional<SessionId>& except,
                                  Timestamp now) override;
  Result<std::int64_t> forget_expired(Timestamp before, std::size_t limit) override;

 private:
  State& state_;
};

class MemoryKeys final : public KeyRepository {
 public:
  explicit MemoryKeys(State& state) : state_(state) {}
  Result<std::optional<KeyState>> find(const KeyId& id) const override;
  Result<std::optional<KeyState>> find(const KeyHash& secret) const override;
  Result<std::vector<PlacedKey>> list(UserId owner, const std::optional<KeyId>& after,
                                      std::size_t limit) const override;
  Result<std::int64_t> count(UserId owner) const override;
  Result<void> insert(const Key& key, const KeyHash& secret) override;
  Result<void> remove(const KeyId& id) override;
  Result<std::int64_t> remove_all(UserId owner) override;
  Result<void> note_uses(std::span<const KeyUse> uses) override;
  Result<std::int64_t> forget_expired(Timestamp before, std::size_t limit) override;

 private:
  State& state_;
};

class MemoryGrants final : public GrantRepository {
 public:
  explicit MemoryGrants(State& state) : state_(state) {}
  Result<Rights> rights_on(UserId grantee, std::span<const FileId> files) const override;
  Result<std::vector<FileStanding>> standings(UserId user, std::span<const FileId> files,
                                              std::optional<FileId> root) const override;
  Result<std::optional<Grant>> find(FileId file, const Username& grantee) const override;
  Result<std::vector<Grant>> list_of_file(FileId file, const std::optional<Username>& after,
                                          std::size_t limit) const override;
  Result<std::vector<PlacedGrant>> list_below(FileId root,
                                              const std::optional<GrantPosition>& after,
                                              std::size_t limit) const override;
  Result<std::vector<PlacedGrant>> list_of_grantee(UserId grantee, FileId after_file,
                                                   std::size_t limit) const override;
  Result<std::vector<PlacedGrant>> tree_of(UserId owner) const override;
  Result<std::vector<UserId>> homes_given_on_by(UserId giver) const override;
  Result<std::vector<UserId>> homes_visible_to(UserId grantee) const override;
  Result<bool> put(const Grant& grant) override;
  Result<void> remove(FileId file, const Username& grantee) override;
  Result<std::int64_t> remove_below(FileId root) override;

 private:
  State& state_;
};

class MemoryShares final : public ShareRepository {
 public:
  explicit MemoryShares(State& state) : state_(state) {}
  Result<std::optional<ShareState>> find(const ShareId& id) const override;
  Result<std::vector<PlacedShare>> list(const ShareFilter& filter,
                                        const std::optional<ShareId>& after,
                                        std::size_t limit) const override;
  Result<std::int64_t> count(UserId creator) const override;
  Result<void> insert(const Share& share) override;
  Result<void> update(const ShareId& id, const ShareChanges& changes) override;
  Result<bool> use(const ShareId& id, std::int64_t generation, Timestamp now) override;
  Result<void> add_bytes(const ShareId& id, std::int64_t bytes) override;
  Result<void> end(const ShareId& id, Timestamp now) override;
  Result<std::int64_t> forget_ended(Timestamp before, std::size_t limit) override;

  /// Those on `file` go with it, and their uploads with them.
  void forget_on(FileId file);

  /// The same for those that a user made, and that lay in a user's home.
  void forget_of(UserId user);

 private:
  void forget(const ShareId& id);
  State& state_;
};

class MemoryFiles final : public FileRepository {
 public:
  explicit MemoryFiles(State& state) : state_(state) {}
  Result<Resolution> resolve(const FilePath& path) const override;
  Result<Resolution> resolve_below(FileId root, std::span<const FileName> below) const override;
  Result<std::optional<FileEntry>> find(FileId id) const override;
  Result<FilePath> path_of(FileId id) const override;
  Result<std::vector<FileEntry>> children(FileId directory, const std::optional<FileName>& after,
                                          std::size_t limit) const override;
  Result<std::vector<FileEntry>> sorted_children(FileId directory, DirectoryOrder order,
                                                 const std::optional<SortedPlace>& after,
                                                 std::size_t limit) const override;
  Result<std::vector<FileEntry>> children_of(std::span<const FileId> directories,
                                             std::size_t limit) const override;
  Result<std::vector<FileEntry>> homes(const std::optional<FileName>& after,
                                       std::size_t limit) const override;
  Result<bool> is_empty(FileId directory) const override;
  Result<TreeTotals> totals(FileId root) const override;
  Result<std::vector<TreeNode>> bottom_up(FileId root, std::size_t limit) const override;
  Result<std::vector<TreeNode>> top_down(FileId root, std::string_view position,
                                         std::size_t limit) const override;
  Result<bool> references(const BlobId& blob) const override;
  Result<std::vector<Content>> contents(const std::optional<BlobId>& after,
                                        std::size_t limit) const override;
  Result<std::vector<FilePath>> paths_of_blob(const BlobId& blob, std::size_t limit) const override;
  Result<void> lock_home(UserId owner) override;
  Result<FileEntry> insert(const NewFileEntry& entry) override;
  Result<FileEntry> replace_content(FileId file, const Content& content,
                                    const Replacement& how) override;
  Result<FileEntry> relocate(FileId node, FileId parent, const FileName& name, UserId owner,
                             Timestamp now) override;
  Result<FileEntry> copy(FileId node, FileId parent, const FileName& name, UserId owner,
                         Timestamp now, const std::optional<std::string>& written_by) override;
  Result<void> note_checksums(std::span<const ContentChecksum> checksums) override;
  Result<void> remove(FileId node, Timestamp now) override;

 private:
  State& state_;
};

class MemorySearch final : public SearchRepository {
 public:
  explicit MemorySearch(State& state) : state_(state) {}
  Result<std::vector<FileEntry>> matches(const NameQuery& query, const SearchSpace& space,
                                         const std::optional<FileId>& before,
                                         std::size_t limit) const override;
  Result<std::vector<FileEntry>> ways_up(std::span<const FileId> files) const override;

 private:
  State& state_;
};

class MemoryArchives final : public ArchiveRepository {
 public:
  explicit MemoryArchives(State& state) : state_(state) {}
  Result<std::optional<Archive>> find(const ArchiveId& id, Timestamp now) const override;
  Result<ArchiveUse> use_of(UserId owner) const override;
  Result<std::vector<ArchiveEntry>> entries_at(const ArchiveId& id, std::int64_t offset,
                                               std::size_t limit) const override;
  Result<std::vector<ArchiveEntry>> directory_at(const ArchiveId& id, std::int64_t offset,
                                                 std::size_t limit) const override;
  Result<std::vector<ArchiveEntry>> directories_after(const ArchiveId& id, std::int64_t after,
                                                      std::size_t limit) const override;
  Result<std::vector<ArchiveId>> ended(Timestamp unused_since, Timestamp now,
                                       std::size_t limit) const override;
  Result<void> insert(const Archive& archive) override;
  Result<void> append(const ArchiveId& id, std::span<const ArchiveEntry> entries) override;
  Result<void> update(const Archive& archive) override;
  Result<void> touch(const ArchiveId& id, Timestamp now) override;
  Result<bool> remove(const ArchiveId& id, std::size_t limit, Timestamp now) override;

 private:
  State& state_;
};

class MemoryUploads final : public UploadRepository {
 public:
  explicit MemoryUploads(State& state) : state_(state) {}
  Result<std::optional<PendingUpload>> find(const UploadId& id) const override;
  Result<std::vector<PendingUpload>> expired(Timestamp now, std::size_t limit) const override;
  Result<std::vector<UnfinishedUpload>> list_unfinished(const UploadFilter& filter,
                                                        const std::optional<UploadId>& after,
                                                        std::size_t limit) const override;
  Result<std::int64_t> reserved_bytes(const Username& owner) const override;
  Result<std::int64_t> unfinished(UserId creator) const override;
  Result<void> insert(const PendingUpload& upload) override;
  Result<void> advance(const UploadId& id, std::int64_t offset, Timestamp expires_at) override;
  Result<void> remove(const UploadId& id) override;

 private:
  State& state_;
};

class MemoryBlobs final : public BlobRepository {
 public:
  explicit MemoryBlobs(State& state) : state_(state) {}
  Result<std::vector<DoomedBlob>> doomed(std::size_t limit) const override;
  Result<void> forget_doomed(const BlobId& blob) override;
  Result<bool> mark_damaged(const BlobId& blob, std::string_view finding, Timestamp now) override;
  Result<bool> clear_damaged(const BlobId& blob) override;
  Result<std::vector<BlobId>> missing(std::size_t limit) const override;

 private:
  State& state_;
};

class MemoryTransfers final : public TransferRepository {
 public:
  explicit MemoryTransfers(State& state) : state_(state) {}
  Result<std::vector<TransferGroup>> groups(const InstanceId& instance, TransferId after,
                                            std::size_t limit) const override;
  Result<void> begin(const TransferGroup& group) override;
  Result<bool> end(const InstanceId& instance, const OpenTransfers& seen,
                   const OpenTransfers& transfers, std::span<const TransferId> over) override;
  Result<std::vector<Instance>> instances() const override;
  Result<std::optional<Instance>> instance(const InstanceId& id) const override;
  Result<void> put_instance(const Instance& instance) override;
  Result<void> remove_instance(const InstanceId& id) override;

 private:
  State& state_;
};

class MemoryAudit final : public AuditRepository {
 public:
  explicit MemoryAudit(State& state) : state_(state) {}
  Result<std::optional<AuditEvent>> find(EventId id) const override;
  Result<std::vector<AuditEvent>> query(const AuditFilter& filter, SortOrder order,
                                        const std::optional<EventPosition>& after,
                                        std::size_t limit) const override;
  Result<std::int64_t> count(const AuditFilter& filter, SortOrder order,
                             const std::optional<EventPosition>& after) const override;
  Result<std::vector<AuditEvent>> since(EventId after, std::size_t limit) const override;
  Result<EventId> newest() const override;
  Result<AuditStatistics> statistics(const std::optional<Timestamp>& from,
                                     const std::optional<Timestamp>& to,
                                     const std::optional<std::string>& user,
                                     const std::optional<EventId>& account_since) const override;
  Result<BusiestEvents> busiest(const AuditFilter& filter, std::size_t limit) const override;
  Result<std::vector<CountsByType>> series(const AuditFilter& filter,
                                           std::span<const Timestamp> bounds) const override;

  /// Writes the events of a transaction, cut to the lengths of their columns; returns them as they
  /// are stored.
  std::vector<AuditEvent> append(const AuditEvents& events);

 private:
  State& state_;
};

/// Counts its events whenever it is asked: it has no day to keep.
class MemoryRollUp final : public RollUpRepository {
 public:
  Result<std::optional<std::int64_t>> next(std::int64_t) const override {
    return std::optional<std::int64_t>{};
  }
  Result<void> mark(std::int64_t) override { return {}; }
  Result<void> settle(std::int64_t) override { return {}; }
  Result<std::optional<DayFigures>> count(std::int64_t) const override {
    return std::optional<DayFigures>{};
  }
  Result<bool> keep(const DayFigures&) override { return false; }
};

class MemorySeals final : public SealRepository {
 public:
  explicit MemorySeals(State& state) : state_(state) {}
  Result<std::optional<Seal>> newest() const override;
  Result<std::vector<Seal>> list(SealNumber after, std::size_t limit) const override;
  Result<std::optional<AuditLeaf>> leaf_of(EventId event) const override;
  Result<std::optional<Seal>> seal_of(std::int64_t sequence) const override;
  Result<std::vector<SealedEvent>> sealed_events(std::int64_t after_sequence,
                                                 std::size_t limit) const override;
  Result<std::vector<UnsealedEvent>> unsealed(EventId after, std::size_t limit) const override;
  Result<std::vector<StoredTag>> tags(EventId after, std::size_t limit) const override;
  Result<EventId> sealed_up_to() const override;
  Result<std::vector<PruneRecord>> prunes() const override;
  Result<void> lock_chain() override;
  Result<void> append(const Seal& seal, std::span<const AuditLeaf> leaves) override;
  Result<void> remove_tags(std::span<const EventId> first_events) override;
  Result<std::vector<std::string>> clear_way(std::size_t limit) override;
  Result<void> note_sealed_up_to(EventId event) override;
  Result<void> append_prune(const PruneRecord& record) override;
  Result<std::int64_t> remove_events(std::int64_t last_sequence, std::size_t limit) override;

 private:
  State& state_;
};

class MemorySecondFactors final : public SecondFactorRepository {
 public:
  explicit MemorySecondFactors(State& state) : state_(state) {}
  Result<std::optional<SecondFactor>> find(UserId user) const override;
  Result<void> put_pending(const SecondFactor& factor) override;
  Result<void> confirm(UserId user, TotpStep step, Timestamp now) override;
  Result<bool> use_step(UserId user, TotpStep step) override;
  Result<bool> remove(UserId user) override;
  Result<void> remove_pending(UserId user) override;
  Result<void> set_recovery_codes(UserId user, std::span<const RecoveryCodeHash> codes) override;
  Result<std::int64_t> count_recovery_codes(UserId user) const override;
  Result<bool> use_recovery_code(UserId user, const RecoveryCodeHash& code) override;
  Result<void> note_reset(UserId user, Timestamp now) override;
  Result<bool> take_reset(UserId user) override;
  Result<std::vector<SecondFactor>> sealed_by_others(std::string_view key_id, UserId after,
                                                     std::size_t limit) const override;
  Result<bool> reseal(UserId user, const SealedSeed& from, const SealedSeed& to) override;

 private:
  State& state_;
};

class MemoryChallenges final : public ChallengeRepository {
 public:
  explicit MemoryChallenges(State& state) : state_(state) {}
  Result<std::optional<Challenge>> find(const ChallengeHash& hash) const override;
  Result<void> insert(const Challenge& challenge, std::size_t most) override;
  Result<bool> count_try(const ChallengeHash& hash, int most, Timestamp now) override;
  Result<bool> remove(const ChallengeHash& hash) override;
  Result<void> remove_all(UserId user) override;
  Result<std::int64_t> forget_expired(Timestamp before, std::size_t limit) override;

 private:
  State& state_;
};

/// Whether `user` has a confirmed second factor.
bool has_second_factor(const State& state, UserId user);

/// The value that `found` points to, or none.
template <class T>
std::optional<T> copy_of(const T* found) {
  return found == nullptr ? std::nullopt : std::optional<T>{*found};
}

/// Whether an entry of an archive refers to `blob`.
bool is_in_archive(const State& state, const BlobId& blob);

/// Keeps the checksum of a content in the entries that have none.
void note_in_archives(State& state, const BlobId& blob, std::uint32_t crc32);

/// Dooms a content that no file refers to.
void doom_if_unused(State& state, const std::optional<Content>& content, Timestamp now);

/// `root` and every node below it, each directory after what is in it, children by name, with its
/// path below `root`. Empty if `root` is not there.
std::vector<TreeNode> subtree(const State& state, FileId root);

} // namespace baluhost::memory
