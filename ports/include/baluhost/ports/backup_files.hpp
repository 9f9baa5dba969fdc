#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/database_backup.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// A file of a backup, by its name below the backup's directory: "keys/…".
struct BackupFile {
  std::string name;
  std::int64_t size{};
  Sha256Digest sha256;
  bool operator==(const BackupFile&) const = default;
};

/// What was read of a blob's content while the blob was copied as it lies.
struct CopiedContent {
  std::int64_t size{};  ///< of what could be read
  Sha256Digest sha256;  ///< of that
  std::string trouble;  ///< why it cannot be read; empty: it can
  bool is_opened{true}; ///< false: it may be sound, once what it needs, such as its key, is there
  bool is_copied{true}; ///< false: the blob itself cannot be read, so there is no copy
};

/// The files of a backup that is being made, and those of a host that go into it beside the
/// database. One thread at a time.
class BackupFiles {
 public:
  virtual ~BackupFiles() = default;

  /// Makes the backup's directory, for its owner's eyes only. conflict: something is in it, or it
  /// lies among the host's own blobs or keys. unavailable.
  [[nodiscard]] virtual Result<void> begin() = 0;

  /// The anchor, where there is one. unavailable.
  [[nodiscard]] virtual Result<void> copy_anchor() = 0;

  /// All keys. unavailable.
  [[nodiscard]] virtual Result<void> copy_keys() = 0;

  /// Copies a blob, and looks at its content on the way. None: the host does not have it, or no
  /// longer. What is wrong with the blob is no error. unavailable, insufficient_storage.
  [[nodiscard]] virtual Result<std::optional<CopiedContent>> copy_blob(const BlobId& blob) = 0;

  /// Removes the copies of all blobs that `is_wanted` returns false for.
  virtual void keep_blobs(FunctionRef<bool(const BlobId&)> is_wanted) = 0;

  /// Where the file `name` of the backup lies, for what copies the database.
  [[nodiscard]] virtual std::string path_of(std::string_view name) const = 0;

  /// Writes a file of the backup's own. unavailable, insufficient_storage.
  [[nodiscard]] virtual Result<void> write(std::string_view name, std::string_view text) = 0;

  /// Every file that is in the backup by now, but the blobs, by name. unavailable.
  [[nodiscard]] virtual Result<std::vector<BackupFile>> files() const = 0;

  /// Makes all of it durable.
  virtual void flush() = 0;
};

/// The files of a backup, and those of a host that a restore makes of them beside the database:
/// first aside, then in place. One thread at a time.
///
/// A mark says which places a restore makes, all of which were empty, for as long as it is not
/// finished; no host opens the directory meanwhile.
class RestoreFiles {
 public:
  virtual ~RestoreFiles() = default;

  // The backup.

  /// A file of the backup's own, or one of the keys ("keys/…"). not_found: it is not there.
  /// unavailable.
  [[nodiscard]] virtual Result<std::string> read(std::string_view name) const = 0;
  [[nodiscard]] virtual std::string path_of(std::string_view name) const = 0;

  /// The file `name` as it is now. not_found: it is not there. unavailable.
  [[nodiscard]] virtual Result<BackupFile> examine(const std::string& name) const = 0;

  /// The newest anchor of the backup; none where it has none. unavailable.
  [[nodiscard]] virtual Result<std::optional<Anchor>> anchor() const = 0;

  // The host.

  /// Where the mark lies, for people.
  [[nodiscard]] virtual std::string mark_path() const = 0;

  /// A restore is under way or was not finished.
  [[nodiscard]] virtual bool is_marked() const = 0;

  /// conflict: something is there already. unavailable: a directory for what comes there is not.
  [[nodiscard]] virtual Result<void> check_is_absent(bool with_blobs,
                                                     const RestorePlaces& database) const = 0;

  /// Makes the data directory and keeps others out of it for as long as this lives, or until
  /// `release`. conflict, unavailable.
  [[nodiscard]] virtual Result<void> lock() = 0;

  /// After a try that failed: lets others in again and takes away what `lock` made.
  virtual void release() = 0;

  /// Writes the mark, durably; what follows is of the places that it names. unavailable,
  /// insufficient_storage.
  [[nodiscard]] virtual Result<void> mark(bool with_blobs, const RestorePlaces& database) = 0;

  /// The database that the mark names, as in `RestorePlaces`. unavailable.
  [[nodiscard]] virtual Result<std::string> marked_database() const = 0;

  /// Removes what was made of the places that the mark names, directories too that were not there,
  /// and the mark. unavailable.
  [[nodiscard]] virtual Result<void> undo() = 0;

  /// The keys and the anchor, aside. unavailable.
  [[nodiscard]] virtual Result<void> copy_keys_and_anchor() = 0;

  /// A blob, aside, once the keys are there; its content is looked at on the way. None: the backup
  /// lacks it. unavailable, insufficient_storage.
  [[nodiscard]] virtual Result<std::optional<CopiedContent>> copy_blob(const BlobId& blob) = 0;

  /// Puts in place what was copied, durably. unavailable.
  [[nodiscard]] virtual Result<void> place() = 0;

  /// The size of the content of a blob that is in place. not_found: there is none. unavailable: it
  /// cannot be opened, for want of its key for example.
  [[nodiscard]] virtual Result<std::int64_t> size_in_place(const BlobId& blob) const = 0;

  /// Removes the mark. unavailable.
  [[nodiscard]] virtual Result<void> unmark() = 0;
};

} // namespace baluhost
