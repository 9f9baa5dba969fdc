#include "baluhost/sql_common/structure.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/tables.hpp"

#include <utility>

namespace baluhost::sql {
namespace {

std::vector<std::string> unknown_tables(const Structure& found) {
  std::vector<std::string> unknown;
  for (const auto& [name, columns] : found)
    if (!is_known_table(name)) unknown.push_back(name);
  return unknown;
}

void compare_table(const bulk::Table& table, const Structure& found, ComparedTables& compared) {
  const auto columns = found.find(table.name);
  if (columns == found.end()) {
    compared.is_incomplete = true;
    compared.problems.push_back(concat("the table ", table.name, " is missing"));
    return;
  }
  const auto differing = compare_columns(table, columns->second);
  for (const std::string& column : differing.missing) {
    compared.is_incomplete = true;
    compared.problems.push_back(
        concat("the column ", column, " of the table ", table.name, " is missing"));
  }
  for (const std::string& column : differing.unknown)
    compared.problems.push_back(
        concat("the column ", column, " of the table ", table.name, " is none of BaluHost's"));
}

} // namespace

void add_column(Structure& structure, std::string table, std::string column) {
  auto& columns = structure[std::move(table)];
  if (!column.empty()) columns.push_back(std::move(column));
}

Structure read_structure(Connection& db, const Query& query) {
  Structure structure;
  auto cursor = db.select(query);
  while (cursor.next()) {
    Row row = cursor.row();
    std::string table = row.text();
    add_column(structure, std::move(table), row.text());
  }
  return structure;
}

std::vector<bulk::Finding> compare_moved_tables(const Structure& found) {
  std::vector<bulk::Finding> findings;
  for (std::string& name : unknown_tables(found))
    findings.push_back(
        {.table = std::move(name), .problem = "is no table of BaluHost's and would be lost"});
  for (const bulk::Table& table : moved_tables()) {
    const std::string name{table.name};
    const auto columns = found.find(table.name);
    auto compared = compare_columns(
        table, columns == found.end() ? std::span<const std::string>{} : columns->second);
    for (std::string& column : compared.missing)
      findings.push_back({.table = name, .column = std::move(column), .problem = "is missing"});
    for (std::string& column : compared.unknown)
      findings.push_back({.table = name,
                          .column = std::move(column),
                          .problem = "is no column of BaluHost's and would be lost"});
  }
  return findings;
}

ComparedTables compare_all_tables(const Structure& found, std::string_view left_out) {
  ComparedTables compared;
  for (const auto tables : {moved_tables(), local_tables()})
    for (const bulk::Table& table : tables)
      if (table.name != left_out) compare_table(table, found, compared);
  return compared;
}

} // namespace baluhost::sql
