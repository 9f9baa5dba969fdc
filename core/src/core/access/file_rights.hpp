#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/ports/database.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace baluhost {

/// A file that was taken down some time ago.
struct FormerPlace {
  FileId file;

  /// In whose home it lay.
  UserId owner;

  /// Where it lay, for a refusal's event.
  std::string_view path;
};

/// Whether `caller` may read each of `files` now, within the bounds of the credential: where it
/// lies now. One that is gone is for the owner of its home alone, without bounds.
[[nodiscard]] Result<std::vector<bool>> may_read(ReadTransaction& tx, const Principal& caller,
                                                 std::span<const FormerPlace> files);

/// Whether `caller` may read `entry`, which is there, within the bounds of the credential.
[[nodiscard]] Result<bool> may_read(ReadTransaction& tx, const Principal& caller,
                                    const FileEntry& entry);

/// How many of `files`, from the first on, `caller` may read now; none of none. forbidden, on
/// record: not even the first. unavailable.
[[nodiscard]] Result<std::size_t> count_readable(Database& database, AuditLog& audit_log,
                                                 const Principal& caller,
                                                 std::span<const FormerPlace> files);

} // namespace baluhost
