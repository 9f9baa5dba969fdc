#pragma once

#include "migration.hpp"

namespace baluhost::migrate {

/// Copies the source as it is now into a file of its own below `backup_dir`, never over another; gives its name, or why there is none.
Result<std::string> back_up(const Options& options);
/// internal: what `back_up` made is not sound.
Result<void> check_backup(const std::string& file);

} // namespace baluhost::migrate
