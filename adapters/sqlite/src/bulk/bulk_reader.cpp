// SQLite by its own interface: rows are read where they lie, without a copy.

#include "bulk/bulk_reader.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/sql_common/structure.hpp"
#include "baluhost/sql_common/tables.hpp"
#include "schema.hpp"

namespace baluhost::sqlite {
namespace {

using bulk::Cell;
using bulk::ColumnType;
using bulk::Finding;
using bulk::Growth;
using bulk::Table;

/// A value of a type that no column has becomes a cell that no column of this type takes.
Cell cell_of(sqlite3_stmt* row, int column, ColumnType type) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
      return std::monostate{};
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(row, column)};
    case SQLITE_TEXT:
      return view_of(row, column);
    default:
      return type == ColumnType::text ? Cell{std::int64_t{0}}
                                      : Cell{std::string_view{"a value of another type"}};
  }
}

} // namespace

Result<std::int64_t> SqliteBulkReader::schema_version() {
  BALUHOST_TRY(const auto present,
               db_->number("select count(*) from sqlite_master where type = 'table' and name = "
                           "'schema_version'"));
  if (present == 0) {
    BALUHOST_TRY(const auto others, db_->number("select count(*) from sqlite_master"));
    if (others != 0) return Error{Errc::conflict, "the file is the database of another program"};
    return std::int64_t{0};
  }
  return db_->number("select coalesce(max(version), 0) from schema_version");
}

Result<std::vector<Finding>> SqliteBulkReader::structure() {
  sql::Structure found;
  BALUHOST_CHECK(db_->each(structure_query().sql, [&](sqlite3_stmt* row) {
    sql::add_column(found, text_of(row, 0), text_of(row, 1));
  }));
  return sql::compare_moved_tables(found);
}

Result<std::vector<Finding>> SqliteBulkReader::damage() {
  Findings findings;
  BALUHOST_CHECK(find_broken_pages(findings));
  BALUHOST_CHECK(find_broken_references(findings));
  BALUHOST_CHECK(find_forbidden_values(findings));
  BALUHOST_CHECK(find_duplicates(findings));
  return findings;
}

Result<void> SqliteBulkReader::find_broken_pages(Findings& findings) {
  BALUHOST_CHECK(db_->each("pragma quick_check(20)", [&](sqlite3_stmt* row) {
    const std::string said = text_of(row, 0);
    if (said != "ok") findings.push_back({.problem = "the file is damaged: " + printable(said)});
  }));
  // Rows that an index leads to are lost with it. The large tables are read without one.
  for (const Table& table : sql::moved_tables()) {
    if (table.growth == Growth::appended) continue;
    BALUHOST_CHECK(
        db_->each(concat("pragma integrity_check('", table.name, "')"), [&](sqlite3_stmt* row) {
          const std::string said = text_of(row, 0);
          if (said != "ok")
            findings.push_back(
                {.table = std::string{table.name}, .problem = "is damaged: " + printable(said)});
        }));
  }
  return {};
}

Result<void> SqliteBulkReader::find_broken_references(Findings& findings) {
  return db_->each(
      "select c.\"table\", c.rowid, c.parent, l.\"from\" from pragma_foreign_key_check c "
      "left join pragma_foreign_key_list(c.\"table\") l on l.id = c.fkid limit 1000",
      [&](sqlite3_stmt* row) {
        // A table without rowids tells none.
        const std::string id = text_of(row, 1);
        findings.push_back({text_of(row, 0), text_of(row, 3), id.empty() ? "" : "rowid " + id,
                            "refers to a row of " + text_of(row, 2) + " that is not there"});
      });
}

Result<void> SqliteBulkReader::find_forbidden_values(Findings& findings) {
  for (const auto& [table, key, column, condition] : sql::forbidden_values()) {
    BALUHOST_CHECK(
        db_->each(concat("select ", key, " from ", table, " where ", condition, " limit 100"),
                  [&, table = table, key = key, column = column](sqlite3_stmt* row) {
                    findings.push_back({std::string{table}, std::string{column},
                                        concat(key, " ", text_of(row, 0)),
                                        "is a value that the schema forbids"});
                  }));
  }
  return {};
}

/// What a damaged or dropped index may have let in.
Result<void> SqliteBulkReader::find_duplicates(Findings& findings) {
  for (const auto& [table, columns, last] : sql::unique_keys()) {
    BALUHOST_CHECK(
        db_->each(concat("select ", last, " from ", table, " not indexed where ", last,
                         " is not null group by ", columns, " having count(*) > 1 limit 100"),
                  [&, table = table, last = last](sqlite3_stmt* row) {
                    findings.push_back({std::string{table}, std::string{last}, text_of(row, 0),
                                        "stands in several rows and must be unique"});
                  }));
  }
  return {};
}

Result<void> SqliteBulkReader::begin_snapshot() {
  BALUHOST_CHECK(db_->execute("begin"));
  // The first read makes the snapshot.
  BALUHOST_CHECK(db_->number("select count(*) from sqlite_master"));
  BALUHOST_TRY(data_version_, db_->number("pragma data_version"));
  return {};
}

void SqliteBulkReader::end_snapshot() {
  sqlite3_exec(db_->handle(), "rollback", nullptr, nullptr, nullptr);
}

Result<bool> SqliteBulkReader::changed() {
  BALUHOST_TRY(const auto now, db_->number("pragma data_version"));
  return now != data_version_;
}

Result<void> SqliteBulkReader::scan(const Table& table, bulk::Range range, bulk::RowSink sink) {
  BALUHOST_TRY(const Statement statement, db_->prepare(sql::scan_statement(table, range)));
  bulk::Row row(table.columns.size());
  for (;;) {
    const int status = sqlite3_step(statement.get());
    if (status == SQLITE_DONE) return {};
    if (status != SQLITE_ROW) return db_->failure();
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = cell_of(statement.get(), static_cast<int>(i), table.columns[i].type);
    BALUHOST_CHECK(sink(row));
  }
}

Result<std::optional<std::int64_t>> SqliteBulkReader::bound(const Table& table,
                                                            std::string_view function) {
  std::optional<std::int64_t> found;
  BALUHOST_CHECK(db_->each(
      concat("select ", function, "(", sql::key_list(table), ") from ", sql::quoted(table.name)),
      [&](sqlite3_stmt* row) {
        if (sqlite3_column_type(row, 0) != SQLITE_NULL) found = sqlite3_column_int64(row, 0);
      }));
  return found;
}

Result<std::int64_t> SqliteBulkReader::last_identity(const Table& table) {
  return db_->number(concat("select coalesce((select seq from sqlite_sequence where name = '",
                            table.name, "'), 0)"));
}

} // namespace baluhost::sqlite
