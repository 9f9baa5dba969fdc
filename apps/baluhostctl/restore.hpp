#pragma once

#include "backup.hpp"
#include "program.hpp"

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace baluhost::ctl {

struct RestoreOutcome {
  BackupFigures figures;
  std::int64_t missing{};                 ///< blobs that files refer to and that are not there
  std::vector<std::string> missing_files; ///< paths of some of them
};

/// Puts a backup into an empty data directory and database, all of it or nothing: it is built
/// beside its place and checked there (structure, blobs, audit trail) before any of it is put in
/// place, and a try that fails leaves nothing. What a try that was killed left behind goes at the
/// next one; until then no program opens the data directory.
///
/// A backup without blobs is restored too; the blobs that are not in `files.blob_dir` are marked as
/// missing in the database. conflict: something is there already, or the backup is damaged.
/// unavailable: something cannot be read or written.
Result<RestoreOutcome> restore(Program& program, const std::filesystem::path& directory);

} // namespace baluhost::ctl
