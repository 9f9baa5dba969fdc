#pragma once

#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::sql {

/// The tables that a database has, each with its columns.
using Structure = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Adds `column` to the columns of `table`; an empty one is none.
void add_column(Structure& structure, std::string table, std::string column);

/// What `query`, of tables and their columns, selects.
Structure read_structure(Connection& db, const Query& query);

/// What a migration would miss or lose: tables that are unknown, then columns of the tables that
/// move.
std::vector<bulk::Finding> compare_moved_tables(const Structure& found);

/// Where a database of the present version is not as described.
struct ComparedTables {
  bool is_incomplete{false};         ///< a table or column is missing
  std::vector<std::string> problems; ///< a sentence for each
};

/// `left_out`: a table that this kind of database does not have.
ComparedTables compare_all_tables(const Structure& found, std::string_view left_out = {});

} // namespace baluhost::sql
