// The one description of the tables against what the numbered steps of the schema make.

#include "baluhost/sql_common/tables.hpp"
#include "postgres/own_database.hpp"
#include "sql/described_tables.hpp"
#include "sql/sql_fixture.hpp"

#include <sstream>

namespace baluhost::test {
namespace {

std::string type_of(const bulk::Table&, const bulk::Column& column) {
  switch (column.type) {
    case bulk::ColumnType::integer:
      return "bigint";
    case bulk::ColumnType::small_integer:
      return "integer";
    case bulk::ColumnType::boolean:
      return "boolean";
    case bulk::ColumnType::text:
      break;
  }
  return column.limit > 0 ? "character varying(" + std::to_string(column.limit) + ")" : "text";
}

} // namespace

TEST_CASE("a fresh PostgreSQL schema has the described tables and columns, and no others") {
  const auto own = own_database();
  if (!own) return;
  { value(make_postgres_database(own->options)); }
  std::istringstream lines{own->execute(
      "select string_agg(relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || "
      "case when attnotnull then '' else ' null' end, e'\\n' order by relname collate \"C\", "
      "attnum) from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relkind = 'r' and "
      "c.relnamespace = current_schema()::regnamespace and attnum > 0 and not attisdropped")};
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) found.push_back(line);
  CHECK(found == described_columns(type_of, {"audit_order"}));
}

} // namespace baluhost::test
