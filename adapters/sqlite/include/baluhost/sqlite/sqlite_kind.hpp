#pragma once

#include "baluhost/ports/common/database_kind.hpp"

#include <string_view>

namespace baluhost {

/// The name of a database's file where nobody gives it another: in a data directory, in a backup.
inline constexpr std::string_view kSqliteFileName = "baluhost.db";

/// SQLite, for a registry of databases.
DatabaseKind sqlite_kind();

/// The same for one of tools. It brings along much that a server does without.
DatabaseTools sqlite_tools();

} // namespace baluhost
