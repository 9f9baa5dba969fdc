// Rows come by COPY, the one fast way out, through a buffer of some tens of KiB, whatever their
// number.

#include "bulk/bulk_reader.hpp"

#include "bulk/binary_copy.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/structure.hpp"
#include "baluhost/sql_common/tables.hpp"
#include "schema.hpp"

namespace baluhost::postgres {
namespace {

using binary_copy::Message;
using bulk::ColumnType;
using bulk::Finding;
using bulk::Table;

/// The next row of `message`; false if it is the end of all rows, or no row.
bool parse(const Table& table, Message& message, bulk::Row& row) {
  const auto fields = message.number<std::int16_t>();
  if (fields == -1) return false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto length = message.number<std::int32_t>();
    if (length < 0)
      row[i] = std::monostate{};
    else if (table.columns[i].type == ColumnType::text)
      row[i] = message.take(static_cast<std::size_t>(length));
    else if (length == 8)
      row[i] = message.number<std::int64_t>();
    else if (length == 4)
      row[i] = std::int64_t{message.number<std::int32_t>()};
    else
      row[i] = std::int64_t{message.number<std::int8_t>()};
  }
  return message.sound();
}

} // namespace

Result<std::int64_t> PostgresBulkReader::schema_version() {
  BALUHOST_TRY(const auto present, db_->value("select to_regclass('schema_version') is not null"));
  if (present != "t") {
    BALUHOST_TRY(const auto others,
                 db_->value("select count(*) from pg_class c join pg_namespace n on n.oid = "
                            "c.relnamespace where n.nspname = current_schema() and c.relkind in "
                            "('r', 'v', 'm', 'p')"));
    if (others != "0")
      return Error{Errc::conflict, "the database holds the tables of another program"};
    return std::int64_t{0};
  }
  return db_->number("select coalesce(max(version), 0) from schema_version");
}

Result<std::vector<Finding>> PostgresBulkReader::structure() {
  BALUHOST_TRY(const Answer rows, db_->query(structure_query().sql));
  sql::Structure found;
  for (int i = 0; i < PQntuples(rows.get()); ++i)
    sql::add_column(found, PQgetvalue(rows.get(), i, 0), PQgetvalue(rows.get(), i, 1));
  return sql::compare_moved_tables(found);
}

Result<void> PostgresBulkReader::begin_snapshot() {
  return db_->execute("begin isolation level repeatable read read only");
}

void PostgresBulkReader::end_snapshot() { Answer{PQexec(db_->handle(), "rollback")}; }

Result<void> PostgresBulkReader::scan(const Table& table, bulk::Range range, bulk::RowSink sink) {
  BALUHOST_CHECK(db_->start_copy(
      concat("copy (", sql::scan_statement(table, range), ") to stdout (format binary)"),
      PGRES_COPY_OUT));
  Result<void> outcome;
  bulk::Row row(table.columns.size());
  bool begun = false;
  for (;;) {
    char* bytes = nullptr;
    const int length = PQgetCopyData(db_->handle(), &bytes, 0);
    if (length < 0) {
      if (length == -2 && outcome) outcome = db_->failure();
      break;
    }
    Message message{bytes, length};
    if (!begun) message.take(binary_copy::kHeader);
    begun = true;
    while (outcome && message.sound() && !message.empty()) {
      if (!parse(table, message, row)) break;
      outcome = sink(row);
    }
    if (outcome && !message.sound())
      outcome = Error{Errc::internal, concat(table.name, " comes in a form that is not known")};
    PQfreemem(bytes);
  }
  BALUHOST_CHECK(db_->finish_copy());
  return outcome;
}

Result<std::optional<std::int64_t>> PostgresBulkReader::bound(const Table& table,
                                                              std::string_view function) {
  BALUHOST_TRY(const std::string text,
               db_->value(concat("select coalesce(", function, "(", sql::key_list(table),
                                 ")::text, '') from ", sql::quoted(table.name))));
  return text.empty() ? std::optional<std::int64_t>{} : std::optional{number_of(text)};
}

Result<std::int64_t> PostgresBulkReader::last_identity(const Table& table) {
  BALUHOST_TRY(const auto sequence,
               db_->value(concat("select pg_get_serial_sequence('", table.name, "', 'id')")));
  return db_->number(
      concat("select case when is_called then last_value else 0 end from ", sequence));
}

} // namespace baluhost::postgres
