#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/backup/backup.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/host/host.hpp"
#include "baluhost/host/host_options.hpp"

#include <string>

namespace baluhost {

/// Makes a backup of `host` in the new or empty directory `directory`. Errors as of `back_up` in
/// the core.
Result<BackupFigures> back_up(Host& host, const Principal& principal, const std::string& directory,
                              bool with_blobs, const BackupProgress& progress = {});

/// Whether `directory` is as `back_up` made it: no server has served from it since.
[[nodiscard]] bool is_backup(const std::string& directory);

/// Restores the backup in `directory` to where `options` say, which must be empty. Errors as of
/// `restore` in the core.
Result<RestoreOutcome> restore(HostOptions options, const Principal& principal,
                               const std::string& directory, RestoreOptions how = {});

} // namespace baluhost
