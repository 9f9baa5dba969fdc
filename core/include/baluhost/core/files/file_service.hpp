#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/files/file_info.hpp"
#include "baluhost/core/files/quota_ledger.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/core/transfers/download.hpp"
#include "baluhost/core/transfers/transfer_journal.hpp"
#include "baluhost/core/transfers/upload.hpp"
#include "baluhost/domain/files/directory_order.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/files/name_query.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baluhost {

/// Of `FileService`.
struct FileServiceOptions {
  std::int64_t max_upload_bytes{0}; ///< 0: no limit

  /// The store's floor: an announced size that would break it is refused at once.
  std::int64_t min_free_bytes{0};
};

/// What one account may cause in rows; 0: no limit.
struct FileLimits {
  std::int64_t entries_per_user{0};   ///< files and directories in a home
  std::int64_t entries_at_once{0};    ///< that one copy, or one move into another home, may have
  std::int64_t unfinished_uploads{0}; ///< resumable ones of one creator
};

/// How long, and how many of, what is deleted or replaced is kept. By default nothing is.
struct KeepRules {
  std::int64_t trash_days{0};    ///< 0: what is deleted is gone at once
  std::int64_t versions_keep{0}; ///< versions of a file beside its present content; 0: none
  std::int64_t versions_days{0}; ///< after they were replaced; 0: no limit

  static constexpr std::int64_t kMostVersions = 100;
  static constexpr std::int64_t kMostDays = 36'500;
};

/// What becomes of what is deleted.
enum class Deletion {
  by_rule, ///< into the trash, where there is one
  for_good,
};

/// Of a directory that is made.
enum class MissingParents { refuse, make };

/// Whether a move or a copy replaces what is there.
enum class Overwrite { no, yes };

/// Whether a directory is removed with what is in it.
enum class Recursive { no, yes };

/// What `FileService::make_directory` did.
struct MadeDirectory {
  FileInfo info;
  bool created{false};
};

/// The space that an account has and takes.
struct Usage {
  std::int64_t used_bytes{};
  std::int64_t file_count{};
  std::optional<std::int64_t> quota_bytes;
  std::int64_t trash_bytes{};   ///< of `used_bytes`
  std::int64_t version_bytes{}; ///< of `used_bytes`: of files in the home
  std::int64_t trash_days{};    ///< as `KeepRules` has it
};

/// The tree of files. Rights are checked by `access_policy`: not_found where the caller has no
/// right at all, forbidden where some right is missing; both recorded as `access_denied`. Every
/// other call that changes something or gives content writes its own event, failed ones too.
/// unavailable: a change below a tree that was restored and is not on record yet. Safe from many
/// threads.
class FileService {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    BlobStore& blobs;
    AuditLog& audit_log;
    TransferJournal& transfers;
    QuotaLedger& quotas;
    const Clock& clock;
    FileLimits limits{};
    KeepRules keep{};
  };

  /// Begins with no request under way.
  FileService(const Dependencies& deps, FileServiceOptions options);

  /// Everything that can be refused before a byte is read is refused here: rights, preconditions,
  /// quota, space. forbidden, not_found (a parent is missing), already_exists, precondition_failed,
  /// conflict (a directory is there, or a file among the parents), quota_exceeded,
  /// payload_too_large, insufficient_storage.
  [[nodiscard]] Result<Upload> begin_upload(const Principal& principal, const FilePath& path,
                                            const PutOptions& options);

  /// Content to be sent, recorded as `audit.downloads` says. not_found, conflict (a directory),
  /// precondition_failed, range_not_satisfiable with the `content_size`.
  [[nodiscard]] Result<Download> open(const Principal& principal, const FilePath& path,
                                      const DownloadRequest& request);

  /// What is there. not_found, forbidden.
  [[nodiscard]] Result<FileInfo> info(const Principal& principal, const FilePath& path);

  /// By name, or in `order`. conflict if it is a file.
  [[nodiscard]] Result<Page<FileInfo>> list(const Principal& principal, const FilePath& directory,
                                            const PageRequest& page,
                                            const std::optional<DirectoryOrder>& order = {});

  /// What the caller may read and what matches `query`, by relevance, then by path; homes are not
  /// found. With `root` that and what lies below it, which needs read on it: not_found, forbidden.
  [[nodiscard]] Result<Page<FileInfo>> search(const Principal& principal, const NameQuery& query,
                                              const std::optional<FilePath>& root,
                                              const PageRequest& page);

  /// The homes that the caller can see into, by name.
  [[nodiscard]] Result<Page<FileInfo>> homes(const Principal& principal, const PageRequest& page);

  /// already_exists or, without a parent, not_found, unless missing parents are made: then an
  /// existing directory is no error. conflict: a file is in the way. `modified_at`: of the
  /// directory, where it is older than its making here.
  [[nodiscard]] Result<MadeDirectory> make_directory(
      const Principal& principal, const FilePath& path, MissingParents parents,
      const std::optional<Timestamp>& modified_at = {});

  /// Also renames. Needs write where it goes, and write and delete where it comes from.
  /// already_exists unless it overwrites (a file replaces a file; a directory only an empty one),
  /// conflict (into itself, a home), quota_exceeded (into another home: no room there, or more
  /// entries than may be moved at once).
  [[nodiscard]] Result<FileInfo> move(const Principal& principal, const FilePath& from,
                                      const FilePath& to, Overwrite overwrite);
  [[nodiscard]] Result<FileInfo> copy(const Principal& principal, const FilePath& from,
                                      const FilePath& to, Overwrite overwrite);

  /// conflict: a directory with something in it, unless recursive; a home. precondition_failed. A
  /// large tree is gone for everybody when this returns; events of its files may still follow.
  [[nodiscard]] Result<void> remove(const Principal& principal, const FilePath& path,
                                    Recursive recursive, const Preconditions& conditions,
                                    Deletion deletion = Deletion::by_rule);

  /// Of the caller's account. not_found: the caller has none.
  [[nodiscard]] Result<Usage> usage(const Principal& principal);

 private:
  Dependencies deps_;
  FileServiceOptions options_;
};

} // namespace baluhost
