#pragma once

#include "baluhost/ports/common/database_kind.hpp"

namespace baluhost {

/// PostgreSQL, for a registry of databases.
DatabaseKind postgres_kind();

/// The same for one of tools. It brings along much that a server does without.
DatabaseTools postgres_tools();

} // namespace baluhost
