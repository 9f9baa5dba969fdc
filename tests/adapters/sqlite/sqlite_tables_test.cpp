// The one description of the tables against what the numbered steps of the schema make.

#include "baluhost/sql_common/tables.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/described_tables.hpp"
#include "sql/sql_fixture.hpp"

namespace baluhost::test {
namespace {

/// STRICT tables know two types; `audit_logs` says what others shall read in it.
std::string type_of(const bulk::Table& table, const bulk::Column& column) {
  if (column.type != bulk::ColumnType::text && column.name == "id") return "integer";
  if (table.name == "audit_logs") {
    if (column.type == bulk::ColumnType::boolean) return "boolean";
    if (column.type == bulk::ColumnType::integer) return "bigint";
    return column.limit > 0 ? "varchar(" + std::to_string(column.limit) + ")" : "text";
  }
  return column.type == bulk::ColumnType::text ? "text" : "integer";
}

} // namespace

TEST_CASE("a fresh SQLite schema has the described tables and columns, and no others") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  { value(make_sqlite_database({.path = path})); }
  RawSqlite raw(path);
  std::vector<std::string> found;
  for (const auto& row : raw.rows(
           "select m.name || '.' || c.name || ' ' || lower(c.type) || iif(c.\"notnull\", '', ' "
           "null') from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' "
           "and m.name not like 'sqlite\\_%' escape '\\' and m.name not like 'files\\_search%' "
           "escape "
           "'\\' order by m.name, c.cid"))
    found.push_back(row.at(0));
  CHECK(found == described_columns(type_of, {}));
}

TEST_CASE("each described unique key is unique in a fresh SQLite schema") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  { value(make_sqlite_database({.path = path})); }
  RawSqlite raw(path);
  for (const auto& key : sql::unique_keys()) {
    INFO(key.table << " " << key.columns);
    const auto rowid = raw.rows("select group_concat(name, ', ') from pragma_table_info('" +
                                std::string{key.table} + "') where pk > 0");
    bool is_unique = rowid.at(0).at(0) == key.columns;
    for (const auto& index : raw.rows("select name from pragma_index_list('" +
                                      std::string{key.table} + "') where \"unique\"")) {
      const auto columns =
          raw.rows("select group_concat(name, ', ') from pragma_index_info('" + index.at(0) + "')");
      is_unique = is_unique || columns.at(0).at(0) == key.columns;
    }
    CHECK(is_unique);
  }
}

} // namespace baluhost::test
