#pragma once

#include "access/path_access.hpp"
#include "baluhost/domain/files/trash_entry.hpp"

#include <span>
#include <vector>

namespace baluhost {

/// How the caller stands to each of `entries`: by what was given on the root itself, which sleeps,
/// and on the directory that it lay in, if that is in its home still. Who neither owns the home nor
/// is an administrator has no right on what another deleted, nor, without `delete`, on anything: it
/// is hidden.
[[nodiscard]] Result<std::vector<PathStanding>> standings_of(ReadTransaction& tx,
                                                             const Principal& caller,
                                                             std::span<const TrashEntry> entries);

} // namespace baluhost
