#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/files/version.hpp"

#include <functional>

namespace baluhost {

/// The contents that a file has had. One of them is opened by `FileService::open`. Rights and
/// events as there; conflict: a directory has no content; forbidden: who came by a share. Safe from
/// many threads.
class VersionService {
 public:
  /// Keeps nothing between calls.
  explicit VersionService(const FileService::Dependencies& deps) : deps_(deps) {}

  /// Newest first, the present one among them.
  [[nodiscard]] Result<Page<Version>> list(const Principal& principal, const FilePath& path,
                                           const PageRequest& page);

  /// Makes a version the present content, whatever the rules; the present one becomes a version.
  /// Needs `write`. not_found; conflict: it is the present one.
  [[nodiscard]] Result<FileInfo> restore(const Principal& principal, const FilePath& path,
                                         const VersionId& id);

  /// Removes a version. Needs `delete`. not_found; conflict: it is the present one.
  [[nodiscard]] Result<void> remove(const Principal& principal, const FilePath& path,
                                    const VersionId& id);

 private:
  FileService::Dependencies deps_;
};

/// Removes versions that were replaced `versions_days` ago, and those beyond `versions_keep`, of
/// files after `position`, which moves on and begins anew at the end; some in each transaction,
/// until nothing is left or `go_on` says no.
[[nodiscard]] Result<void> remove_old_versions(Database& database, AuditLog& audit_log,
                                               const Clock& clock, const KeepRules& rules,
                                               FileId& position,
                                               const std::function<bool()>& go_on);

} // namespace baluhost
