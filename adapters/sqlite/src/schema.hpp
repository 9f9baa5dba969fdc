#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/schema_steps.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"

#include <optional>
#include <span>

namespace baluhost::sqlite {

std::span<const sql::SchemaStep> schema_steps() noexcept;

/// Brings an empty or old database to `target`, in one transaction, or leaves it as it was. None if
/// nothing was to be done. conflict as in `make_sqlite_database`.
Result<std::optional<SchemaChange>> upgrade_schema(sql::Connection& connection,
                                                   std::int64_t target);

/// The version of an existing schema; 0 for an empty file. `unfinished`: of a half-done migration
/// too. conflict: another program's file, or a half-done migration.
Result<std::int64_t> current_version(sql::Connection& connection, bool unfinished = false);

/// Of the database's tables, each with its columns, as `sql::Structure` has them.
const sql::Query& structure_query();

} // namespace baluhost::sqlite
