#pragma once

#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What loading a copy makes outside the directories of the host.
struct RestorePlaces {
  /// The file of the database; empty where another machine may have it.
  std::string file;
  /// Every file that loading may make, `file` among them.
  std::vector<std::string> files;
  /// The name of a database that is no file, without secrets; empty: there is none.
  std::string database;
};

/// How thoroughly a copy's structure is checked.
enum class StructureCheck {
  full,
  quick ///< not whether each index holds what its table holds
};

/// The database's part of a backup and of a restore. One thread at a time.
class DatabaseBackup {
 public:
  virtual ~DatabaseBackup() = default;

  /// As in `DatabaseStatus`: "sqlite", "postgresql".
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;

  /// The name of a copy's file in the directory of a backup.
  [[nodiscard]] virtual std::string_view file_name() const noexcept = 0;

  /// Calls `view` with the moment that is copied, once, before or after the copy is made; what it
  /// returns false for need not be copied. Writers go on meanwhile.
  using CopyView = FunctionRef<Result<bool>(ReadTransaction& tx)>;
  using CopyProgress = std::function<void(std::int64_t done, std::int64_t total)>;

  /// Copies the database, as it is at one moment, into the file `file`, readable by its owner only;
  /// what is there is replaced. `progress` may be called with what is done of how much. not_found:
  /// a program that does it is not installed. unavailable, or what `view` returns.
  [[nodiscard]] virtual Result<void> copy(const std::string& file, CopyView view,
                                          const CopyProgress& progress) = 0;

  /// Copies the database, as it is at one moment, into the new file `file`, without looking into
  /// it: for who wants it as it is, whatever its version. not_found: a program that does it is not
  /// installed. already_exists, unavailable.
  [[nodiscard]] virtual Result<void> copy_unseen(const std::string& file) = 0;

  /// Everything wrong with the structure of a copy, a sentence each; none where only a database
  /// shows it. unavailable.
  [[nodiscard]] virtual Result<std::vector<std::string>> check_structure(
      const std::string& file, StructureCheck check) const = 0;

  /// The rows of a copy; null: it has no form that they are read from.
  [[nodiscard]] virtual std::unique_ptr<BulkStore> rows(const std::string& file) const = 0;

  /// Opens a copy, or a database that nobody changes meanwhile, to be read: nothing is written, and
  /// nothing made beside it. not_found: there is none, or copies have no form that is opened.
  /// Else errors as of the adapter's factory.
  [[nodiscard]] virtual Result<std::unique_ptr<Database>> open_copy(
      const std::string& file) const = 0;

  /// unavailable: `file` is no copy, or not a whole one. conflict: another program changed it.
  [[nodiscard]] virtual Result<void> check_copy(const std::string& file) const = 0;

  /// What `load` and `place` make.
  [[nodiscard]] virtual RestorePlaces places() const = 0;

  /// conflict: there is a database already, or what would spoil a new one. unavailable.
  [[nodiscard]] virtual Result<void> check_is_absent() const = 0;

  /// Loads the copy `file` and checks its structure: beside its place where that can be, so that
  /// `place` puts it there. Returns what was loaded, for reading. conflict: it is damaged.
  /// unavailable. After an error, `clear` and the removal of `places` undo it.
  [[nodiscard]] virtual Result<std::unique_ptr<Database>> load(const std::string& file) = 0;

  /// Puts in place what `load` returned, which is closed by then. unavailable.
  [[nodiscard]] virtual Result<void> place() = 0;

  /// Opens what is in place. Errors as of the adapter's factory.
  [[nodiscard]] virtual Result<std::unique_ptr<Database>> open(bool is_read_only) const = 0;

  /// Empties a database that is no file of what `load` made; files are the caller's to remove.
  /// conflict: others use it. unavailable.
  [[nodiscard]] virtual Result<void> clear() = 0;
};

} // namespace baluhost
