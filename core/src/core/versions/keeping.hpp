#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/files/version.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <vector>

namespace baluhost {

/// What becomes of the content `there` when `fresh` takes its place.
[[nodiscard]] FormerContent former_of(const KeepRules& rules, const Content& there,
                                      const Content& fresh);

/// What a change of a file's versions counts for.
struct Trimmed {
  std::int64_t bytes{};              ///< that are gone
  std::vector<NewAuditEvent> events; ///< the system's: nobody asked for it
};

/// Removes the versions of `file` that are beyond `versions_keep`, the first replaced first.
[[nodiscard]] Result<Trimmed> trim_versions(WriteTransaction& tx, const AuditLog& audit,
                                            const KeepRules& rules, FileId file,
                                            const FilePath& path, Timestamp now);

/// Bytes of versions that will be beyond `versions_keep` when `file` gets one more.
[[nodiscard]] Result<std::int64_t> bytes_to_trim(ReadTransaction& tx, const KeepRules& rules,
                                                 const FileEntry& file);

/// Of a file whose place another takes: its content becomes a version of `heir`, or goes, its
/// versions become `heir`'s, and it is removed.
struct TakenOver {
  std::int64_t dropped_bytes{}; ///< content that is gone
  std::int64_t kept_bytes{};    ///< content that is a version now
};
[[nodiscard]] Result<TakenOver> take_over(WriteTransaction& tx, const KeepRules& rules,
                                          const FileEntry& file, const FileEntry& heir,
                                          Timestamp now);

/// `event` about a version of the file at `path`: `version`, `file_size`, `sha256`.
[[nodiscard]] NewAuditEvent about_version(NewAuditEvent event, const std::string& path,
                                          const Version& version);

} // namespace baluhost
