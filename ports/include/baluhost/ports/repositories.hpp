#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/domain/files/tree_removal.hpp"
#include "baluhost/domain/files/upload.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a transaction gives access to. Every method may also fail with unavailable (the database
/// does not answer) or internal (a broken schema or row); only further errors are named. Lists are
/// ordered bytewise and bounded by `limit`.
namespace baluhost {

/// The accounts that a transaction's decisions rest on, and the one that it changes.
struct AccountLocks {
  std::optional<UserId> relies_on;
  std::optional<UserId> changes; ///< may be the same
};

class UserRepository {
 public:
  virtual ~UserRepository() = default;
  [[nodiscard]] virtual Result<std::optional<User>> find(UserId id) const = 0;
  [[nodiscard]] virtual Result<std::optional<User>> find(const Username& name) const = 0;
  [[nodiscard]] virtual Result<std::optional<Credentials>> find_credentials(
      const Username& name) const = 0;
  /// The first stored hash after `text`, by bytes; reads every account. To see with which settings
  /// the hashes of the accounts were made.
  [[nodiscard]] virtual Result<std::optional<PasswordHash>> first_hash_after(
      std::string_view text) const = 0;
  [[nodiscard]] virtual Result<std::vector<User>> list(const std::optional<Username>& after,
                                                       std::size_t limit) const = 0;
  [[nodiscard]] virtual Result<std::int64_t> count_enabled_admins() const = 0;
  /// From here to the end of the transaction no other transaction changes roles, enables or deletes
  /// anyone.
  [[nodiscard]] virtual Result<void> lock_roles() = 0;
  /// From here to the end of the transaction no other one that has `relies_on` among its `changes`
  /// goes on, and none that relies on `changes` or changes it too: what such a transaction reads of
  /// an account - its role, enabling, password, sessions - holds until it ends. Both at once, after
  /// `lock_roles` and before any home. Users that do not exist are no error.
  [[nodiscard]] virtual Result<void> lock_accounts(const AccountLocks& locks) = 0;

  /// The account begins after every event that has its id by now. already_exists: name or e-mail is
  /// taken.
  [[nodiscard]] virtual Result<User> insert(const NewUser& user) = 0;
  /// The user as it is afterwards. not_found; already_exists: the e-mail is taken.
  [[nodiscard]] virtual Result<User> update(UserId id, const UserChanges& changes,
                                            Timestamp now) = 0;
  [[nodiscard]] virtual Result<void> set_unlocked_at(UserId id, Timestamp now) = 0; ///< not_found
  /// With the user go sessions, refresh tokens, grants received, and pending uploads, the user's
  /// own and those into the user's home; name and e-mail are free again. Grants that the user gave
  /// lose their giver. Nodes of detached trees stay until `RemovalRepository` has removed them.
  /// not_found; conflict while there is a home.
  [[nodiscard]] virtual Result<void> remove(UserId id) = 0;
  /// Adds to the user's usage, and gives the home another `tree_version`: whoever changes a tree
  /// calls this in the same transaction. quota_exceeded, and nothing added, if bytes or entries are
  /// added for which there is no room. not_found.
  [[nodiscard]] virtual Result<void> add_usage(UserId id, const UsageChange& change) = 0;
};

class SessionRepository {
 public:
  virtual ~SessionRepository() = default;
  [[nodiscard]] virtual Result<std::optional<SessionState>> find(
      const SessionId& id) const = 0; ///< with its user, one query
  /// Sessions of `user` that are neither revoked nor expired at `now`, newest first.
  [[nodiscard]] virtual Result<std::vector<Session>> list(UserId user, Timestamp now,
                                                          const std::optional<SessionId>& after,
                                                          std::size_t limit) const = 0;
  /// The addresses that `user` logged in from at or after `since`, each once, in no order.
  [[nodiscard]] virtual Result<std::vector<std::string>> login_addresses(UserId user,
                                                                         Timestamp since) const = 0;

  [[nodiscard]] virtual Result<void> insert(const Session& session,
                                            const RefreshTokenHash& refresh) = 0;
  /// One conditional update decides among parallel uses: `consumed` for exactly one of them, which
  /// also stores `fresh` as the only usable token of the session and sets `last_used_at`; `spent`
  /// with the time of use for the others.
  [[nodiscard]] virtual Result<RefreshUse> rotate(const SessionId& session,
                                                  const RefreshTokenHash& used,
                                                  const RefreshTokenHash& fresh, Timestamp now) = 0;
  [[nodiscard]] virtual Result<void> revoke(
      const SessionId& id, Timestamp now) = 0; ///< not_found if none or revoked before
  /// Revokes every live session of `user` but `except`; gives how many.
  [[nodiscard]] virtual Result<std::int64_t> revoke_all(UserId user,
                                                        const std::optional<SessionId>& except,
                                                        Timestamp now) = 0;
  /// Forgets sessions that expired before `before`, at most `limit`; gives how many.
  [[nodiscard]] virtual Result<std::int64_t> forget_expired(Timestamp before,
                                                            std::size_t limit) = 0;
};

/// Where a page of grants begins: after this one, in the order of nodes and then of grantees.
struct GrantPosition {
  FileId file;
  std::string grantee;
};

class GrantRepository {
 public:
  virtual ~GrantRepository() = default;

  /// Rights of `grantee` given on any of `files`, together.
  [[nodiscard]] virtual Result<Rights> rights_on(UserId grantee,
                                                 std::span<const FileId> files) const = 0;

  [[nodiscard]] virtual Result<std::optional<Grant>> find(FileId file,
                                                          const Username& grantee) const = 0;

  /// Grants on `file`, by the grantee's name.
  [[nodiscard]] virtual Result<std::vector<Grant>> list_of_file(
      FileId file, const std::optional<Username>& after, std::size_t limit) const = 0;

  /// Grants on `root` and on all below it, in one query.
  [[nodiscard]] virtual Result<std::vector<PlacedGrant>> list_below(
      FileId root, const std::optional<GrantPosition>& after, std::size_t limit) const = 0;

  /// Grants that the account `grantee` has, by node, in one query.
  [[nodiscard]] virtual Result<std::vector<PlacedGrant>> list_of_grantee(
      UserId grantee, FileId after_file, std::size_t limit) const = 0;

  /// All grants in the home of `owner` if any of them was given on; else none, which costs next to
  /// nothing.
  [[nodiscard]] virtual Result<std::vector<PlacedGrant>> tree_of(UserId owner) const = 0;

  /// Owners in whose homes `giver` has given rights on, by id.
  [[nodiscard]] virtual Result<std::vector<UserId>> homes_given_on_by(UserId giver) const = 0;

  /// Users (owners) in whose homes `grantee` has a grant that includes read, by id.
  [[nodiscard]] virtual Result<std::vector<UserId>> homes_visible_to(UserId grantee) const = 0;

  /// True: new; false: it replaced what `grantee` had on the node. not_found: the node or the
  /// account.
  [[nodiscard]] virtual Result<bool> put(const Grant& grant) = 0;

  /// not_found.
  [[nodiscard]] virtual Result<void> remove(FileId file, const Username& grantee) = 0;

  /// Removes all in the subtree of `root`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> remove_below(FileId root) = 0;
};

/// The nodes along a path, from the home on, as far as they exist.
struct Resolution {
  std::vector<FileEntry> found; ///< at most as many as the path has segments
  bool complete{false};         ///< every segment was found
};

/// A node of a subtree, with its path below the root: "" for the root itself, "a/b" below it.
struct TreeNode {
  FileId id;
  FileKind kind{FileKind::file};
  std::int64_t size{}; ///< bytes; 0 for a directory
  std::string relative_path;
};

class FileRepository {
 public:
  virtual ~FileRepository() = default;
  /// The nodes along `path`, in one query.
  [[nodiscard]] virtual Result<Resolution> resolve(const FilePath& path) const = 0;
  [[nodiscard]] virtual Result<std::optional<FileEntry>> find(FileId id) const = 0;
  [[nodiscard]] virtual Result<FilePath> path_of(FileId id) const = 0; ///< not_found
  /// Children of `directory` by name, behind `after`; costs O(limit), however many there are.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> children(
      FileId directory, const std::optional<FileName>& after, std::size_t limit) const = 0;
  /// Homes by name, behind `after`.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> homes(const std::optional<FileName>& after,
                                                             std::size_t limit) const = 0;
  [[nodiscard]] virtual Result<bool> is_empty(FileId directory) const = 0;
  /// Of the subtree, the root included; counts every node.
  [[nodiscard]] virtual Result<TreeTotals> totals(FileId root) const = 0;
  /// The first `limit` nodes of the subtree of `root`, each directory after all that is in it,
  /// `root` last. Costs what it returns, however large the tree is.
  [[nodiscard]] virtual Result<std::vector<TreeNode>> bottom_up(FileId root,
                                                                std::size_t limit) const = 0;
  /// True if any file refers to `blob`.
  [[nodiscard]] virtual Result<bool> references(const BlobId& blob) const = 0;
  /// Contents that files refer to, behind `after` in the order of blob ids, each once: for
  /// scrubbing and back-ups.
  [[nodiscard]] virtual Result<std::vector<Content>> contents(const std::optional<BlobId>& after,
                                                              std::size_t limit) const = 0;
  /// Paths of files that refer to `blob`, at most `limit`.
  [[nodiscard]] virtual Result<std::vector<FilePath>> paths_of_blob(const BlobId& blob,
                                                                    std::size_t limit) const = 0;

  /// From here to the end of the transaction no other transaction changes the tree of this home.
  [[nodiscard]] virtual Result<void> lock_home(UserId owner) = 0; ///< not_found
  [[nodiscard]] virtual Result<FileEntry> insert(
      const NewFileEntry& entry) = 0; ///< already_exists; not_found: the parent
  /// Puts new content in the place of the old; the old blob is doomed if nothing else refers to it.
  /// not_found.
  [[nodiscard]] virtual Result<FileEntry> replace_content(FileId file, const Content& content,
                                                          Timestamp now) = 0;
  /// Moves or renames a node with all below it; `owner` changes for the whole subtree.
  /// already_exists, not_found.
  [[nodiscard]] virtual Result<FileEntry> relocate(FileId node, FileId parent, const FileName& name,
                                                   UserId owner, Timestamp now) = 0;
  /// Copies a node with all below it, sharing blobs; gives the new root. already_exists, not_found.
  [[nodiscard]] virtual Result<FileEntry> copy(FileId node, FileId parent, const FileName& name,
                                               UserId owner, Timestamp now) = 0;
  /// Removes a file or an empty directory and every grant on it; a blob that nothing refers to any
  /// more is doomed. not_found; conflict: something is in the directory.
  [[nodiscard]] virtual Result<void> remove(FileId node, Timestamp now) = 0;
};

/// Trees that were taken out of their home in one step, and whose rows go afterwards, a few at a
/// time, so that nobody waits for a large one. Nothing but this finds them: no path, no list, no
/// grant. Their contents count as referred to.
class RemovalRepository {
 public:
  virtual ~RemovalRepository() = default;
  /// By root, after `after`.
  [[nodiscard]] virtual Result<std::vector<TreeRemoval>> pending(FileId after,
                                                                 std::size_t limit) const = 0;

  /// Detaches the subtree of `removal.root` and ends every grant in it. Costs the same for every
  /// size of it. not_found.
  [[nodiscard]] virtual Result<void> begin(const TreeRemoval& removal) = 0;
  /// Removes `nodes` of one tree, as `bottom_up` returned them, with their grants, and takes them
  /// off their owner's `entry_count`; blobs that nothing refers to any more are doomed. With its
  /// root a removal is over, and with the last one of a removed user all that was left of the user.
  /// conflict if one of them is gone already, or is not empty.
  [[nodiscard]] virtual Result<void> remove(std::span<const TreeNode> nodes, Timestamp now) = 0;
};

/// Unfinished uploads that `creator` made or that go into `home`; all, where neither is set. Of
/// these, with `below`, those whose target is that or lies below it.
struct UploadFilter {
  std::optional<UserId> creator;
  std::optional<Username> home;
  std::optional<FilePath> below;
};

struct UnfinishedUpload {
  PendingUpload upload;
  Username creator;
};

class UploadRepository {
 public:
  virtual ~UploadRepository() = default;
  [[nodiscard]] virtual Result<std::optional<PendingUpload>> find(const UploadId& id) const = 0;
  [[nodiscard]] virtual Result<std::vector<PendingUpload>> expired(Timestamp now,
                                                                   std::size_t limit) const = 0;
  /// By id, after `after`.
  [[nodiscard]] virtual Result<std::vector<UnfinishedUpload>> list_unfinished(
      const UploadFilter& filter, const std::optional<UploadId>& after,
      std::size_t limit) const = 0;
  /// Bytes announced by unfinished uploads into the home of `owner`, by username: they count
  /// against the quota. Costs the same, however many there are.
  [[nodiscard]] virtual Result<std::int64_t> reserved_bytes(const Username& owner) const = 0;
  /// How many unfinished uploads `creator` has. Costs the same, however many there are.
  [[nodiscard]] virtual Result<std::int64_t> unfinished(UserId creator) const = 0;
  [[nodiscard]] virtual Result<void> insert(const PendingUpload& upload) = 0;
  [[nodiscard]] virtual Result<void> advance(const UploadId& id, std::int64_t offset,
                                             Timestamp expires_at) = 0; ///< not_found
  [[nodiscard]] virtual Result<void> remove(const UploadId& id) = 0;    ///< not_found

  [[nodiscard]] virtual Result<std::vector<DoomedBlob>> doomed(std::size_t limit) const = 0;
  [[nodiscard]] virtual Result<void> forget_doomed(const BlobId& blob) = 0;
  /// Marks a blob as damaged, once; false if it was marked before.
  [[nodiscard]] virtual Result<bool> mark_damaged(const BlobId& blob, std::string_view finding,
                                                  Timestamp now) = 0;
  [[nodiscard]] virtual Result<bool> clear_damaged(
      const BlobId& blob) = 0; ///< true if it was marked
  /// The first `limit` blobs, by id, that were marked with the finding "missing" and that files
  /// still refer to.
  [[nodiscard]] virtual Result<std::vector<BlobId>> missing(std::size_t limit) const = 0;
};

class TransferRepository {
 public:
  virtual ~TransferRepository() = default;
  [[nodiscard]] virtual Result<std::vector<Transfer>> of_instance(const InstanceId& instance,
                                                                  std::size_t limit) const = 0;
  [[nodiscard]] virtual Result<TransferId> begin(const InstanceId& instance,
                                                 const NewAuditEvent& interrupted) = 0;
  [[nodiscard]] virtual Result<void> end(TransferId id) = 0; ///< not_found

  [[nodiscard]] virtual Result<std::vector<Instance>> instances() const = 0;
  [[nodiscard]] virtual Result<void> put_instance(
      const Instance& instance) = 0; ///< inserts it or renews `seen_at`
  [[nodiscard]] virtual Result<void> remove_instance(
      const InstanceId& id) = 0; ///< with its transfers, if any are left
};

enum class SortOrder { descending, ascending };

/// Where a page of events begins: behind this event in the order asked for.
struct EventPosition {
  Timestamp timestamp;
  EventId id;
  auto operator<=>(const EventPosition&) const = default;
};

/// All members that are set must hold.
struct AuditFilter {
  std::optional<EventType> type;
  std::optional<std::string> action;
  std::optional<std::string> user;
  std::optional<std::string> resource;
  std::optional<std::string> resource_prefix; ///< literal, by character
  std::optional<bool> success;
  std::optional<std::string> ip_address;
  std::optional<Timestamp> from; ///< inclusive
  std::optional<Timestamp> to;   ///< exclusive
  /// Only events after this one, and none of a former account (`NewAuditEvent::of_former_account`):
  /// what one account may see of its name.
  std::optional<EventId> account_since;
};

struct AuditCount {
  std::int64_t succeeded{};
  std::int64_t failed{};
};

struct AuditStatistics {
  AuditCount total;
  std::map<std::string, AuditCount> by_event_type;
  std::map<std::string, AuditCount> by_action;
  std::map<std::string, AuditCount> by_user; ///< events without a user are not in it
  std::map<std::string, AuditCount> by_day;  ///< "2026-11-24"
  std::int64_t bytes_uploaded{};             ///< `file_size` of successful uploads
  std::int64_t bytes_downloaded{};           ///< `bytes_sent` of all downloads
};

class AuditRepository {
 public:
  virtual ~AuditRepository() = default;
  [[nodiscard]] virtual Result<std::optional<AuditEvent>> find(EventId id) const = 0;
  /// By time, then id; walks an index for every filter on an indexed column.
  [[nodiscard]] virtual Result<std::vector<AuditEvent>> query(
      const AuditFilter& filter, SortOrder order, const std::optional<EventPosition>& after,
      std::size_t limit) const = 0;
  /// How many events `query` would give without a limit; counted by the database.
  [[nodiscard]] virtual Result<std::int64_t> count(
      const AuditFilter& filter, SortOrder order,
      const std::optional<EventPosition>& after) const = 0;
  /// Events with ids greater than `after`, by id: for following the trail as it grows.
  [[nodiscard]] virtual Result<std::vector<AuditEvent>> since(EventId after,
                                                              std::size_t limit) const = 0;
  /// The greatest id given so far; 0 for an empty trail.
  [[nodiscard]] virtual Result<EventId> newest() const = 0;
  /// Exact; computed by the database (from daily roll-ups where whole days allow it).
  /// `account_since` as in `AuditFilter`; with it goes `from`, and events up to it are not expected
  /// on later days.
  [[nodiscard]] virtual Result<AuditStatistics> statistics(
      const std::optional<Timestamp>& from, const std::optional<Timestamp>& to,
      const std::optional<std::string>& user,
      const std::optional<EventId>& account_since = std::nullopt) const = 0;
};

/// An event at its place in the sealed order.
struct SealedEvent {
  AuditLeaf leaf;
  std::optional<AuditEvent> event; ///< none if the row is gone
  bool readable{true};             ///< false: there is a row, but no event is stored like that
};

/// An event that has no leaf.
struct UnsealedEvent {
  EventId id;
  std::optional<AuditEvent> event; ///< none: there is a row, but no event is stored like that
  bool tagged{false};              ///< it has a tag, of whatever worth
};

/// A tag with what it vouches for.
struct TaggedEvent {
  EventTag tag;
  std::optional<AuditEvent> event; ///< none: there is no row, or no event is stored like that
  bool readable{true};             ///< false: there is a row, but no event is stored like that
  std::optional<AuditLeaf> leaf;   ///< that of its event, once it is sealed
};

/// For who cannot do without the event of a row that is not readable.
[[nodiscard]] inline Error unreadable_event(const AuditLeaf& leaf) {
  return Error{Errc::internal,
               "the row of event " + std::to_string(leaf.event.value) + " is none of an event",
               {},
               {},
               false};
}

/// How `SealRepository::clear_way` names what it removes.
[[nodiscard]] inline std::string impossible_seal(SealNumber number) {
  return "a row of seals, number " + std::to_string(number.value) + ", that cannot be one of ours";
}
[[nodiscard]] inline std::string stray_leaf(std::int64_t sequence, EventId event) {
  return "a leaf of event " + std::to_string(event.value) + " at sequence " +
         std::to_string(sequence) + ", which no seal covers";
}

class SealRepository {
 public:
  virtual ~SealRepository() = default;
  [[nodiscard]] virtual Result<std::optional<Seal>> newest() const = 0;
  [[nodiscard]] virtual Result<std::vector<Seal>> list(SealNumber after,
                                                       std::size_t limit) const = 0; ///< by number
  [[nodiscard]] virtual Result<std::optional<AuditLeaf>> leaf_of(EventId event) const = 0;
  [[nodiscard]] virtual Result<std::optional<Seal>> seal_of(std::int64_t sequence) const = 0;
  /// Leaves with their events, by sequence, behind `after_sequence`: one query.
  [[nodiscard]] virtual Result<std::vector<SealedEvent>> sealed_events(std::int64_t after_sequence,
                                                                       std::size_t limit) const = 0;
  /// Events without a leaf, by id, after `after`.
  [[nodiscard]] virtual Result<std::vector<UnsealedEvent>> unsealed(EventId after,
                                                                    std::size_t limit) const = 0;
  /// Tags by the id of their events, after `after`.
  [[nodiscard]] virtual Result<std::vector<TaggedEvent>> tagged(EventId after,
                                                                std::size_t limit) const = 0;
  /// Where a search for unsealed events may begin: the last id that was noted, 0 at first.
  [[nodiscard]] virtual Result<EventId> sealed_up_to() const = 0;
  [[nodiscard]] virtual Result<std::vector<PruneRecord>> prunes() const = 0; ///< by seal

  /// From here to the end of the transaction no other server or program seals.
  [[nodiscard]] virtual Result<void> lock_chain() = 0;
  /// conflict if the number or a sequence is taken, or an event has a leaf already.
  [[nodiscard]] virtual Result<void> append(const Seal& seal,
                                            std::span<const AuditLeaf> leaves) = 0;
  /// Removes the tags of `events`, as far as they have any.
  [[nodiscard]] virtual Result<void> remove_tags(std::span<const EventId> events) = 0;
  /// Removes what none of our programs wrote and what would be in the way of the next seal: after
  /// the last seal whose row can be read and whose numbers fit together, other rows of seals;
  /// leaves that no seal covers. Returns what it removed, each as a finding that names the row, at
  /// most `limit`; the rest is left for the next call. Under `lock_chain`.
  [[nodiscard]] virtual Result<std::vector<std::string>> clear_way(std::size_t limit) = 0;
  /// Notes that a search for unsealed events need not look at ids up to `event`.
  [[nodiscard]] virtual Result<void> note_sealed_up_to(EventId event) = 0;
  [[nodiscard]] virtual Result<void> append_prune(const PruneRecord& record) = 0;
  /// Removes events and leaves of sequences up to `last_sequence`, at most `limit` of them, lowest
  /// first; gives how many.
  [[nodiscard]] virtual Result<std::int64_t> remove_events(std::int64_t last_sequence,
                                                           std::size_t limit) = 0;
};

} // namespace baluhost
