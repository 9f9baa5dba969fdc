// Indexes and triggers are taken away before rows come and made again after them; the run notes
// their statements, so that a later process can go on.

#include "bulk/bulk_writer.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/tables.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "name_index.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace baluhost::sqlite {

using bulk::Growth;
using bulk::SchemaPart;
using bulk::Table;

SqliteBulkWriter::~SqliteBulkWriter() {
  insert_.reset();
  if (!db_->made_file() || !db_->is_open()) return;
  // A file that was made and not filled is nothing anyone asked for.
  const auto objects = db_->number("select count(*) from sqlite_master");
  db_->close();
  if (objects && *objects == 0) std::remove(db_->path().c_str());
}

Result<std::vector<bulk::Finding>> SqliteBulkWriter::obstacles() {
  std::vector<bulk::Finding> findings;
  if (::access(db_->path().c_str(), W_OK) != 0)
    findings.push_back({.problem = db_->path() + " cannot be written"});
  return findings;
}

Result<bulk::Run> SqliteBulkWriter::run() {
  BALUHOST_TRY(const auto present,
               db_->number("select count(*) from sqlite_master where type = 'table' and name = "
                           "'migration_runs'"));
  bulk::Run found;
  if (present == 0) return found;
  BALUHOST_CHECK(
      db_->each("select state, source from migration_runs order by started_at desc limit 1",
                [&](sqlite3_stmt* row) {
                  found = {sql::run_state_of(text_of(row, 0)), text_of(row, 1)};
                }));
  return found;
}

Result<void> SqliteBulkWriter::set_state(bulk::RunState state, std::string_view detail) {
  const std::string name{sql::name_of(state)};
  if (state != bulk::RunState::done)
    return db_->execute("update migration_runs set state = ?", {name});
  return db_->execute(
      "update migration_runs set state = ?, finished_at = unixepoch() * 1000000, detail = ?",
      {name, std::string{detail}});
}

void SqliteBulkWriter::roll_back() noexcept {
  insert_.reset();
  sqlite3_exec(db_->handle(), "rollback", nullptr, nullptr, nullptr);
}

Result<void> SqliteBulkWriter::create_schema(std::string_view source) {
  BALUHOST_CHECK(db_->execute(sqlite_schema_sql()));
  std::vector<std::string> restore;
  std::vector<std::string> drop;
  BALUHOST_CHECK(db_->each(
      "select type, name, sql from sqlite_master where type in ('index', 'trigger') and sql is not "
      "null",
      [&](sqlite3_stmt* row) {
        drop.push_back(concat("drop ", text_of(row, 0), " ", sql::quoted(text_of(row, 1))));
        restore.push_back(concat(text_of(row, 1), "\x1f", text_of(row, 2)));
      }));
  for (const std::string& statement : drop) BALUHOST_CHECK(db_->execute(statement));
  return db_->execute(
      "insert into migration_runs (id, source, state, started_at, detail) values "
      "(lower(hex(randomblob(16))), ?, 'running', unixepoch() * 1000000, ?)",
      {std::string{source}, sql::joined(restore, "\x1e")});
}

Result<void> SqliteBulkWriter::empty_rewritten_tables() {
  for (const Table& table : sql::moved_tables()) {
    if (table.growth == Growth::rewritten) BALUHOST_CHECK(empty(table));
  }
  return {};
}

Result<void> SqliteBulkWriter::begin_rows(const Table& table) {
  std::string marks;
  for (std::size_t i = 0; i < table.columns.size(); ++i) marks += i == 0 ? "?" : ", ?";
  BALUHOST_TRY(insert_, db_->prepare(concat("insert into ", sql::quoted(table.name), " (",
                                            sql::column_list(table), ") values (", marks, ")")));
  return {};
}

Result<void> SqliteBulkWriter::put(const Table&, const bulk::Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int column = static_cast<int>(i) + 1;
    if (const auto* number = std::get_if<std::int64_t>(&row[i]))
      sqlite3_bind_int64(insert_.get(), column, *number);
    else if (const auto* text = std::get_if<std::string_view>(&row[i]))
      sqlite3_bind_text64(insert_.get(), column, text->data(), text->size(), SQLITE_STATIC,
                          SQLITE_UTF8);
    else
      sqlite3_bind_null(insert_.get(), column);
  }
  const int status = sqlite3_step(insert_.get());
  sqlite3_reset(insert_.get());
  return status == SQLITE_DONE ? Result<void>{} : db_->failure();
}

Result<void> SqliteBulkWriter::end_rows() {
  insert_.reset();
  return {};
}

Result<void> SqliteBulkWriter::set_last_identity(const Table& table, std::int64_t last) {
  BALUHOST_CHECK(
      db_->execute(concat("delete from sqlite_sequence where name = '", table.name, "'")));
  return db_->execute(
      concat("insert into sqlite_sequence (name, seq) values ('", table.name, "', ", last, ")"));
}

Result<std::vector<SchemaPart>> SqliteBulkWriter::missing_parts() {
  std::string detail;
  BALUHOST_CHECK(
      db_->each("select coalesce(detail, '') from migration_runs order by started_at desc limit 1",
                [&](sqlite3_stmt* row) { detail = text_of(row, 0); }));
  std::vector<SchemaPart> parts;
  for (std::size_t begin = 0; begin < detail.size();) {
    const auto end = std::min(detail.find('\x1e', begin), detail.size());
    const std::string item = detail.substr(begin, end - begin);
    begin = end + 1;
    const auto separator = item.find('\x1f');
    const std::string name = item.substr(0, separator);
    BALUHOST_TRY(
        const auto there,
        db_->number(concat("select count(*) from sqlite_master where name = '", name, "'")));
    if (there == 0)
      parts.push_back({SchemaPart::Kind::index, "", name, item.substr(separator + 1)});
  }
  return parts;
}

Result<void> SqliteBulkWriter::make_part(const SchemaPart& part) {
  return db_->execute(part.statement);
}

Result<void> SqliteBulkWriter::finish_schema() {
  // How far the order of the ids differs from that of the times, as the schema defines it.
  BALUHOST_CHECK(db_->execute(
      "delete from audit_order; insert into audit_order select 1, coalesce(max(timestamp), "
      "-4611686018427387904), coalesce(max(lead - timestamp), 0) "
      "from (select timestamp, max(timestamp) over (order by id rows unbounded preceding) as "
      "lead from audit_logs)"));
  BALUHOST_CHECK(db_->execute(std::string{fill_name_index()}));
  return db_->execute("update identity_version set version = version + 1");
}

Result<void> SqliteBulkWriter::remove_everything() {
  insert_.reset();
  db_->close();
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    std::remove((db_->path() + suffix).c_str());
  return {};
}

} // namespace baluhost::sqlite
