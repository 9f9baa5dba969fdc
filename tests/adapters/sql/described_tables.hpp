#pragma once

#include "baluhost/sql_common/tables.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::test {

/// A line "table.column type" for each described column, " null" after it where it may be; by
/// table, in the order of the columns. Without the tables `left_out`.
template <class TypeOf>
std::vector<std::string> described_columns(const TypeOf& type_of,
                                           const std::set<std::string_view>& left_out) {
  std::vector<bulk::Table> tables;
  for (const auto& some : {sql::moved_tables(), sql::local_tables()})
    tables.insert(tables.end(), some.begin(), some.end());
  std::ranges::sort(tables, {}, &bulk::Table::name);
  std::vector<std::string> lines;
  for (const auto& table : tables) {
    if (left_out.contains(table.name)) continue;
    for (const auto& column : table.columns) {
      lines.push_back(std::string{table.name} + "." + std::string{column.name} + " " +
                      type_of(table, column) + (column.nullable ? " null" : ""));
    }
  }
  return lines;
}

} // namespace baluhost::test
