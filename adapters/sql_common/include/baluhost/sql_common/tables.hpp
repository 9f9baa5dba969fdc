#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::sql {

/// The tables that the present schema has, with their columns, in either database: what a migration
/// moves and what checks of the structure expect. The numbered steps of the schemas make them; a
/// test for each database holds the two against each other.

/// Those whose rows make up a BaluHost, parents before children.
std::span<const bulk::Table> moved_tables();

/// Those that belong to one database: its version, what is derived from other tables' rows.
std::span<const bulk::Table> local_tables();

/// Whether a table of either kind has this name, or SQLite itself keeps it.
bool is_known_table(std::string_view name);

/// A value that a column may not have, as the schema's checks say it: for files that SQLite may
/// only read, where it does not look at checks.
struct ForbiddenValue {
  std::string_view table;
  std::string_view key;
  std::string_view column;
  std::string_view condition; ///< of rows that are wrong
};
std::span<const ForbiddenValue> forbidden_values();

/// Columns that are unique together; null in the last one is.
struct UniqueKey {
  std::string_view table;
  std::string_view columns; ///< as in SQL
  std::string_view last;    ///< of them
};
std::span<const UniqueKey> unique_keys();

/// `name` in quotes, since some columns are called as words of SQL are.
std::string quoted(std::string_view name);

/// The texts with `separator` between them.
std::string joined(std::span<const std::string> texts, std::string_view separator);

std::string column_list(const bulk::Table& table);
std::string key_list(const bulk::Table& table);

/// What stands after FROM to read the rows of `table` as they move: itself, or the sums of a table
/// whose groups may lie in several rows.
std::string rows_of(const bulk::Table& table);

/// The query that reads `range`.
std::string scan_statement(const bulk::Table& table, const bulk::Range& range);

/// Where the columns of a table are others than described.
struct ComparedColumns {
  std::vector<std::string> missing;
  std::vector<std::string> unknown;
};

/// `found`: the columns that it has.
ComparedColumns compare_columns(const bulk::Table& table, std::span<const std::string> found);

std::string_view name_of(bulk::RunState state);
bulk::RunState run_state_of(std::string_view name);

} // namespace baluhost::sql
