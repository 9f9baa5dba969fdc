// Rows go by COPY, the one fast way in, through a buffer of some tens of KiB. What slows a load
// down (keys, indexes, references) is taken away before it and noted in the run, so that a later
// process can put it back.

#include "bulk/bulk_writer.hpp"

#include "bulk/binary_copy.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/tables.hpp"

#include <algorithm>

namespace baluhost::postgres {
namespace {

using binary_copy::append_number;
using bulk::ColumnType;
using bulk::Growth;
using bulk::SchemaPart;
using bulk::Table;

constexpr std::size_t kBuffer = 64 * 1024;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> fields;
  for (;;) {
    const auto end = text.find(separator);
    fields.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

SchemaPart::Kind kind_of(std::string_view letter) {
  return letter == "k"   ? SchemaPart::Kind::key
         : letter == "i" ? SchemaPart::Kind::index
                         : SchemaPart::Kind::reference;
}

} // namespace

Result<std::vector<bulk::Finding>> PostgresBulkWriter::obstacles() {
  std::vector<bulk::Finding> findings;
  const auto find = [&](std::string problem) {
    findings.push_back({.problem = std::move(problem)});
  };
  BALUHOST_TRY(const auto may, db_->value("select has_schema_privilege(current_schema(), 'create') "
                                          "and has_schema_privilege(current_schema(), 'usage')"));
  if (may != "t") find("the role may not create tables in the target's schema: grant create on it");
  BALUHOST_TRY(const auto encoding,
               db_->value("select pg_encoding_to_char(encoding) from pg_database "
                          "where datname = current_database()"));
  if (encoding != "UTF8") find("the target's encoding is " + encoding + ", and must be UTF8");
  BALUHOST_TRY(
      const auto recovery,
      db_->value("select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'"));
  if (recovery != "f") find("the target takes no writes (a standby, or read only)");
  return findings;
}

Result<bulk::Run> PostgresBulkWriter::run() {
  BALUHOST_TRY(const auto present, db_->value("select to_regclass('migration_runs') is not null"));
  if (present != "t") return bulk::Run{};
  BALUHOST_TRY(
      const Answer found,
      db_->query("select state, source from migration_runs order by started_at desc limit 1"));
  if (PQntuples(found.get()) == 0) return bulk::Run{};
  return bulk::Run{sql::run_state_of(PQgetvalue(found.get(), 0, 0)), PQgetvalue(found.get(), 0, 1)};
}

Result<void> PostgresBulkWriter::set_state(bulk::RunState state, std::string_view detail) {
  const std::string name{sql::name_of(state)};
  if (state != bulk::RunState::done)
    return db_->execute("update migration_runs set state = $1", {name});
  // Batches need not wait for the disk, which this waits for, and all that came before with it.
  BALUHOST_CHECK(db_->execute("set synchronous_commit = on"));
  return db_->execute(
      "update migration_runs set state = $1, finished_at = (extract(epoch from "
      "clock_timestamp()) * 1000000)::bigint, detail = $2",
      {name, std::string{detail}});
}

Result<void> PostgresBulkWriter::commit() {
  BALUHOST_TRY(const Answer done, db_->query("commit"));
  if (std::string_view{PQcmdStatus(done.get())} != "COMMIT")
    return Error{Errc::unavailable, "the target rolled the transaction back"};
  return {};
}

void PostgresBulkWriter::roll_back() noexcept { Answer{PQexec(db_->handle(), "rollback")}; }

Result<void> PostgresBulkWriter::create_schema(std::string_view source) {
  BALUHOST_CHECK(db_->execute(postgres_schema_sql()));
  LeftOut parts;
  for (const Table& table : sql::moved_tables()) {
    BALUHOST_CHECK(leave_out_constraints(table, parts));
    BALUHOST_CHECK(leave_out_indexes(table, parts));
  }
  for (const std::string& statement : parts.drop) BALUHOST_CHECK(db_->execute(statement));
  for (const Table& table : sql::moved_tables())
    BALUHOST_CHECK(
        db_->execute(concat("alter table ", sql::quoted(table.name), " disable trigger user")));
  return db_->execute(
      "insert into migration_runs (id, source, state, started_at, detail) values "
      "(gen_random_uuid()::text, $1, 'running', (extract(epoch from clock_timestamp()) * "
      "1000000)::bigint, $2)",
      {std::string{source}, sql::joined(parts.restore, "\x1e")});
}

Result<void> PostgresBulkWriter::leave_out_constraints(const Table& table, LeftOut& parts) {
  BALUHOST_TRY(const Answer found,
               db_->query(concat("select conname, pg_get_constraintdef(oid), contype from "
                                 "pg_constraint where conrelid = '",
                                 table.name, "'::regclass and contype in ('f', 'p', 'u')")));
  for (int i = 0; i < PQntuples(found.get()); ++i) {
    const std::string name = PQgetvalue(found.get(), i, 0);
    const char kind = *PQgetvalue(found.get(), i, 2) == 'f' ? 'f' : 'k';
    // Dropping a key would take the references to it with it.
    parts.drop.insert(
        kind == 'f' ? parts.drop.begin() : parts.drop.end(),
        concat("alter table ", sql::quoted(table.name), " drop constraint ", sql::quoted(name)));
    parts.restore.push_back(concat(kind, "\x1f", table.name, "\x1f", name, "\x1f", "alter table ",
                                   sql::quoted(table.name), " add constraint ", sql::quoted(name),
                                   " ", PQgetvalue(found.get(), i, 1)));
  }
  return {};
}

Result<void> PostgresBulkWriter::leave_out_indexes(const Table& table, LeftOut& parts) {
  BALUHOST_TRY(const Answer found,
               db_->query(concat(
                   "select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class "
                   "c on c.oid = i.indexrelid where i.indrelid = '",
                   table.name,
                   "'::regclass and not "
                   "i.indisprimary and not exists (select 1 from pg_constraint k where k.conindid "
                   "= i.indexrelid)")));
  for (int i = 0; i < PQntuples(found.get()); ++i) {
    const std::string name = PQgetvalue(found.get(), i, 0);
    parts.drop.push_back("drop index " + sql::quoted(name));
    parts.restore.push_back(
        concat("i\x1f", table.name, "\x1f", name, "\x1f", PQgetvalue(found.get(), i, 1)));
  }
  return {};
}

Result<void> PostgresBulkWriter::empty_rewritten_tables() {
  std::vector<std::string> names;
  for (const Table& table : sql::moved_tables()) {
    if (table.growth == Growth::rewritten) names.push_back(sql::quoted(table.name));
  }
  return db_->execute("truncate " + sql::joined(names, ", "));
}

Result<void> PostgresBulkWriter::begin_rows(const Table& table) {
  buffer_.assign(binary_copy::kSignature)
      .append(binary_copy::kHeader - binary_copy::kSignature.size(), '\0');
  return db_->start_copy(concat("copy ", sql::quoted(table.name), " (", sql::column_list(table),
                                ") from stdin (format binary)"),
                         PGRES_COPY_IN);
}

Result<void> PostgresBulkWriter::put(const Table& table, const bulk::Row& row) {
  append_number(buffer_, static_cast<std::int16_t>(row.size()));
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (const auto* text = std::get_if<std::string_view>(&row[i])) {
      append_number(buffer_, static_cast<std::int32_t>(text->size()));
      buffer_.append(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      if (!append(table.columns[i], *number))
        return Error{Errc::internal, concat(*number, " of ", table.columns[i].name,
                                            " does not fit the target's column")};
    } else {
      append_number(buffer_, std::int32_t{-1});
    }
  }
  return buffer_.size() < kBuffer ? Result<void>{} : flush();
}

/// The field of a number, as wide as its column; false if it does not fit.
bool PostgresBulkWriter::append(const bulk::Column& column, std::int64_t number) {
  switch (column.type) {
    case ColumnType::integer:
      append_number(buffer_, std::int32_t{8});
      append_number(buffer_, number);
      return true;
    case ColumnType::small_integer:
      append_number(buffer_, std::int32_t{4});
      append_number(buffer_, static_cast<std::int32_t>(number));
      return number == static_cast<std::int32_t>(number);
    case ColumnType::boolean:
      append_number(buffer_, std::int32_t{1});
      buffer_.push_back(static_cast<char>(number != 0));
      return true;
    case ColumnType::text:
      break;
  }
  return false;
}

Result<void> PostgresBulkWriter::end_rows() {
  append_number(buffer_, std::int16_t{-1});
  BALUHOST_CHECK(flush());
  if (PQputCopyEnd(db_->handle(), nullptr) != 1) return db_->failure();
  return db_->finish_copy();
}

Result<void> PostgresBulkWriter::flush() {
  if (!buffer_.empty() &&
      PQputCopyData(db_->handle(), buffer_.data(), static_cast<int>(buffer_.size())) != 1)
    return db_->failure();
  buffer_.clear();
  return {};
}

Result<void> PostgresBulkWriter::set_last_identity(const Table& table, std::int64_t last) {
  if (last <= 0) return {};
  return db_->execute(
      concat("select setval(pg_get_serial_sequence('", table.name, "', 'id'), ", last, ")"));
}

Result<std::vector<SchemaPart>> PostgresBulkWriter::missing_parts() {
  BALUHOST_TRY(const auto detail,
               db_->value("select coalesce(detail, '') from migration_runs order by started_at "
                          "desc limit 1"));
  std::vector<SchemaPart> parts;
  for (std::size_t begin = 0; begin < detail.size();) {
    const auto end = std::min(detail.find('\x1e', begin), detail.size());
    const auto fields = split(std::string_view{detail}.substr(begin, end - begin), '\x1f');
    begin = end + 1;
    if (fields.size() != 4)
      return Error{Errc::conflict,
                   "the target holds a run of another version of this tool: --rollback empties it"};
    SchemaPart part{kind_of(fields[0]), fields[1], fields[2], fields[3]};
    BALUHOST_TRY(const bool there, is_there(part));
    if (!there) parts.push_back(std::move(part));
  }
  std::ranges::stable_sort(parts, {}, &SchemaPart::kind);
  return parts;
}

Result<bool> PostgresBulkWriter::is_there(const SchemaPart& part) {
  const std::string_view catalog = part.kind == SchemaPart::Kind::index
                                       ? "select count(*) from pg_class where relname = $1 and "
                                         "relnamespace = current_schema()::regnamespace"
                                       : "select count(*) from pg_constraint where conname = $1 "
                                         "and connamespace = current_schema()::regnamespace";
  BALUHOST_TRY(const auto there, db_->value(catalog, {part.name}));
  return there != "0";
}

Result<void> PostgresBulkWriter::make_part(const SchemaPart& part) {
  return db_->execute(part.statement);
}

Result<void> PostgresBulkWriter::finish_schema() {
  for (const Table& table : sql::moved_tables())
    BALUHOST_CHECK(
        db_->execute(concat("alter table ", sql::quoted(table.name), " enable trigger user")));
  return db_->execute("update identity_version set version = version + 1");
}

Result<void> PostgresBulkWriter::remove_everything() {
  BALUHOST_CHECK(db_->execute("begin"));
  for (const auto tables : {sql::moved_tables(), sql::local_tables()}) {
    for (const Table& table : tables)
      BALUHOST_CHECK(
          db_->execute(concat("drop table if exists ", sql::quoted(table.name), " cascade")));
  }
  BALUHOST_TRY(const Answer functions,
               db_->query("select p.oid::regprocedure::text from pg_proc p where p.pronamespace = "
                          "current_schema()::regnamespace and p.proname like 'baluhost\\_%'"));
  for (int i = 0; i < PQntuples(functions.get()); ++i) {
    BALUHOST_CHECK(db_->execute(
        concat("drop function if exists ", PQgetvalue(functions.get(), i, 0), " cascade")));
  }
  return commit();
}

} // namespace baluhost::postgres
