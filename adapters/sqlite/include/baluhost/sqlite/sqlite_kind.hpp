#pragma once

#include "baluhost/ports/common/database_kind.hpp"

namespace baluhost {

/// SQLite, for a registry of databases.
DatabaseKind sqlite_kind();

/// The same for one of tools. It brings along much that a server does without.
DatabaseTools sqlite_tools();

} // namespace baluhost
