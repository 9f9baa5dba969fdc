#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/files/trash_entry.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

/// The request to take something out of the trash.
struct RestoreRequest {
  std::optional<FilePath> to{}; ///< none: where it lay
  bool overwrite{false};
};

/// What was deleted and can be brought back. One sees what lay in the own home, and what one
/// deleted in others' homes as long as one has `delete` there; an administrator may restore and
/// purge whatever is named. Everything else is not_found. Safe from many threads.
class TrashService {
 public:
  /// Keeps nothing between calls.
  explicit TrashService(const FileService::Dependencies& deps) : deps_(deps) {}

  /// Newest first; of a local operator the whole host's, or of `home` alone. A page may be short
  /// though more follow. forbidden: who came by a share.
  [[nodiscard]] Result<Page<TrashEntry>> list(const Principal& principal, const PageRequest& page,
                                              const std::optional<UserId>& home = {});

  /// Puts it back, with grants and shares, and makes missing parents; in its home only. A file that
  /// is in the way becomes a version with `overwrite`. not_found; forbidden; already_exists;
  /// conflict: a directory is in the way, or a file among the parents, or it is another home;
  /// invalid_request: paths below it would be too long; quota_exceeded: too many entries.
  [[nodiscard]] Result<FileInfo> restore(const Principal& principal, TrashId id,
                                         const RestoreRequest& request);

  /// Removes it for good. Events of a large tree's files may follow. not_found, forbidden.
  [[nodiscard]] Result<void> purge(const Principal& principal, TrashId id);

  /// Purges all that `list` has, some of it in each transaction.
  [[nodiscard]] Result<void> empty(const Principal& principal,
                                   const std::optional<UserId>& home = {});

 private:
  [[nodiscard]] Result<std::vector<TrashEntry>> look(ReadTransaction& tx,
                                                     const Principal& principal,
                                                     Right of_credential, const TrashFilter& filter,
                                                     std::optional<TrashId>& after,
                                                     std::size_t limit);
  [[nodiscard]] Result<TrashEntry> find(const Principal& principal, TrashId id);
  [[nodiscard]] static Result<std::vector<TrashEntry>> permitted(
      ReadTransaction& tx, const Principal& caller, std::span<const TrashEntry> entries);
  [[nodiscard]] Result<std::size_t> purge_some(const Principal& principal,
                                               std::span<const TrashEntry> entries,
                                               std::chrono::microseconds until);

  FileService::Dependencies deps_;
};

/// Purges what has expired, and what is left of removed users, some of it in each transaction,
/// until nothing is left or `go_on` says no.
[[nodiscard]] Result<void> purge_expired(Database& database, AuditLog& audit_log,
                                         const Clock& clock, const std::function<bool()>& go_on);

/// Puts the files of large trees on record that were trashed or restored at least `age` ago, in
/// transactions that others' writes go between, as `clear_removed_trees` does.
[[nodiscard]] Result<void> write_tree_records(Database& database, const Clock& clock,
                                              std::chrono::microseconds age,
                                              const std::function<bool()>& go_on);

} // namespace baluhost
