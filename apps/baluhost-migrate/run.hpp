#pragma once

#include "options.hpp"

#include "baluhost/core/migration/migration.hpp"

namespace baluhost::migrate {

/// Does what the command line asks for, between a SQLite and a PostgreSQL.
migration::Outcome run(const CommandLine& line, migration::Report& report);

} // namespace baluhost::migrate
