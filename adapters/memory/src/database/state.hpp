#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/audit_filter.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/files/archive.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/domain/files/trash_entry.hpp"
#include "baluhost/domain/files/tree_record.hpp"
#include "baluhost/domain/files/tree_removal.hpp"
#include "baluhost/domain/files/upload.hpp"
#include "baluhost/domain/files/version.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/identity/key.hpp"
#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/share.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "database/persistent_map.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baluhost::memory {

template <class Key>
using Index = PersistentMap<Key, std::monostate>;

/// What stands beside `first` in the keys of `map`, in its order.
template <class First, class Second, class Value>
std::vector<Second> seconds_of(const PersistentMap<std::pair<First, Second>, Value>& map,
                               const First& first) {
  std::vector<Second> seconds;
  map.each_from({first, Second{}}, [&](const std::pair<First, Second>& key, const Value&) {
    if (key.first == first) seconds.push_back(key.second);
    return key.first == first;
  });
  return seconds;
}

/// The first `limit` of the values of `map` that `fits`.
template <class Key, class Value, class Fits>
std::vector<Value> some_of(const PersistentMap<Key, Value>& map, std::size_t limit,
                           const Fits& fits) {
  std::vector<Value> some;
  map.each([&](const Key&, const Value& value) {
    if (some.size() < limit && fits(value)) some.push_back(value);
    return some.size() < limit;
  });
  return some;
}

struct UserRow {
  User user;
  PasswordHash password;
  std::optional<Timestamp> unlocked_at;
};

struct KeyRow {
  Key key;
  KeyHash secret;
};

struct SecondFactorRow {
  SecondFactor factor;
  TotpStep last_step;   ///< the newest that was used
  TotpStep step_before; ///< the newest before it
};

/// Where the present content of a file comes from.
struct ContentOrigin {
  VersionId id;
  Timestamp written_at;
  std::optional<std::string> written_by;
  std::int64_t contents{1}; ///< how many the file has had
};

/// Everything there is. Copying it is taking a snapshot: a dozen pointers.
struct State {
  PersistentMap<UserId, UserRow> users;
  PersistentMap<std::string, UserId> user_by_name;
  PersistentMap<std::string, UserId> user_by_email; ///< by `Email::key`

  PersistentMap<SessionId, Session> sessions;
  Index<std::pair<UserId, SessionId>> sessions_of_user;
  PersistentMap<std::pair<SessionId, RefreshTokenHash>, std::optional<Timestamp>>
      refresh_tokens; ///< when it was used

  PersistentMap<KeyId, KeyRow> keys;
  PersistentMap<KeyHash, KeyId> key_by_secret;
  Index<std::pair<UserId, KeyId>> keys_of_user;

  PersistentMap<UserId, SecondFactorRow> second_factors;
  Index<std::pair<UserId, RecoveryCodeHash>> recovery_codes;
  Index<UserId> second_factor_resets; ///< that are to be told
  PersistentMap<ChallengeHash, Challenge> challenges;
  Index<std::pair<UserId, ChallengeHash>> challenges_of_user;

  PersistentMap<std::pair<FileId, std::string>, Grant> grants; ///< by node and the grantee's name
  Index<std::pair<UserId, FileId>> grants_of_grantee;

  PersistentMap<ShareId, Share> shares;

  PersistentMap<FileId, FileEntry> files;
  PersistentMap<std::pair<FileId, std::string>, FileId>
      children; ///< homes are children of FileId{0}; a detached root is in no home
  PersistentMap<FileId, TreeRemoval> removals;
  PersistentMap<TrashId, TrashEntry> trash;
  PersistentMap<FileId, TrashId> trash_of_root;
  PersistentMap<TreeRecordId, TreeRecord> tree_records;
  PersistentMap<FileId, ContentOrigin> origins; ///< of every file
  PersistentMap<std::pair<FileId, VersionId>, Version> versions;
  Index<std::pair<BlobId, std::pair<FileId, VersionId>>> versions_of_blob;
  Index<std::pair<BlobId, FileId>> files_of_blob;
  Index<std::pair<UserId, FileId>> files_of_owner;

  PersistentMap<ArchiveId, Archive> archives;
  PersistentMap<std::pair<ArchiveId, std::int64_t>, ArchiveEntry> archive_entries; ///< by offset
  PersistentMap<std::pair<ArchiveId, std::int64_t>, std::int64_t>
      archive_directories; ///< by offset in the central directory: the entry's offset
  Index<std::pair<BlobId, std::pair<ArchiveId, std::int64_t>>> archive_entries_of_blob;

  PersistentMap<UploadId, PendingUpload> uploads;
  PersistentMap<BlobId, Timestamp> doomed;
  PersistentMap<BlobId, std::string> damaged; ///< with the finding

  PersistentMap<std::pair<InstanceId, TransferId>, TransferGroup> transfer_groups;
  PersistentMap<InstanceId, Instance> instances;

  PersistentMap<EventId, AuditEvent> events;
  Index<EventId> events_of_former_accounts;
  Index<EventPosition> events_by_time;

  PersistentMap<SealNumber, Seal> seals;
  EventId sealed_up_to{};
  PersistentMap<std::int64_t, AuditLeaf> leaves; ///< by sequence
  PersistentMap<EventId, std::int64_t> sequence_of_event;
  PersistentMap<SealNumber, PruneRecord> prunes;
  PersistentMap<EventId, EventTag> tags;
  PersistentMap<EventId, EventId> tag_of_event;

  std::int64_t last_user{0};
  std::int64_t last_file{0};
  std::int64_t last_trash{0};
  std::int64_t last_tree_record{0};
  std::int64_t last_event{0};
  std::int64_t identity_version{1};
};

} // namespace baluhost::memory
