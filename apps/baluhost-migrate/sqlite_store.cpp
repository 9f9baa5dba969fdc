// SQLite by its own interface: rows are read where they lie, without a copy.

#include "store.hpp"

#include "baluhost/domain/text.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

namespace baluhost::migrate {
namespace {

struct DatabaseDeleter {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct StatementDeleter {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, StatementDeleter>;

std::string quoted(std::string_view name) { return fmt::format("\"{}\"", name); }

std::string column_list(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(quoted(column.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// `path` as a URI that tells SQLite that nobody writes the file.
std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#')
      uri += fmt::format("%{:02x}", static_cast<unsigned>(c));
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<sqlite3, DatabaseDeleter> database, std::string path, bool made)
      : database_(std::move(database)), path_(std::move(path)), made_(made) {}

  Result<std::int64_t> schema_version() override {
    BALUHOST_TRY(
        const auto present,
        number(
            "select count(*) from sqlite_master where type = 'table' and name = 'schema_version'"));
    if (present == 0) {
      BALUHOST_TRY(const auto others, number("select count(*) from sqlite_master"));
      if (others != 0) return Error{Errc::conflict, "the file is the database of another program"};
      return std::int64_t{0};
    }
    return number("select coalesce(max(version), 0) from schema_version");
  }

  Result<std::vector<Finding>> structure() override {
    std::vector<Finding> findings;
    BALUHOST_CHECK(
        each("select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' "
             "escape '\\' order by 1",
             [&](sqlite3_stmt* row) {
               const std::string name = text(row, 0);
               if (!is_known_table(name))
                 findings.push_back({name, "", "", "is no table of BaluHost's and would be lost"});
             }));
    for (const Table& table : tables()) {
      std::vector<std::string> found;
      BALUHOST_CHECK(each(fmt::format("select name from pragma_table_info('{}')", table.name),
                          [&](sqlite3_stmt* row) { found.push_back(text(row, 0)); }));
      for (const Column& column : table.columns) {
        if (std::ranges::find(found, column.name) == found.end())
          findings.push_back({std::string{table.name}, std::string{column.name}, "", "is missing"});
      }
      for (const std::string& name : found) {
        if (std::ranges::find(table.columns, name, &Column::name) == table.columns.end()) {
          findings.push_back(
              {std::string{table.name}, name, "", "is no column of BaluHost's and would be lost"});
        }
      }
    }
    return findings;
  }

  Result<std::vector<Finding>> damage() override {
    std::vector<Finding> findings;
    BALUHOST_CHECK(each("pragma quick_check(20)", [&](sqlite3_stmt* row) {
      const std::string said = text(row, 0);
      if (said != "ok") findings.push_back({"", "", "", "the file is damaged: " + printable(said)});
    }));
    // Rows that an index leads to are lost with it. The large tables are read without one.
    for (const Table& table : tables()) {
      if (table.growth == Growth::appended) continue;
      BALUHOST_CHECK(each(fmt::format("pragma integrity_check('{}')", table.name), [&](sqlite3_stmt*
                                                                                           row) {
        const std::string said = text(row, 0);
        if (said != "ok")
          findings.push_back({std::string{table.name}, "", "", "is damaged: " + printable(said)});
      }));
    }
    BALUHOST_CHECK(
        each("select c.\"table\", c.rowid, c.parent, l.\"from\" from pragma_foreign_key_check c "
             "left join pragma_foreign_key_list(c.\"table\") l on l.id = c.fkid limit 1000",
             [&](sqlite3_stmt* row) {
               // A table without rowids tells none.
               const std::string id = text(row, 1);
               findings.push_back({text(row, 0), text(row, 3), id.empty() ? "" : "rowid " + id,
                                   "refers to a row of " + text(row, 2) + " that is not there"});
             }));
    // What stands in a CHECK, which SQLite does not look at in a file that it may only read.
    for (const auto& [table, key, column, wrong] :
         std::initializer_list<std::array<std::string_view, 4>>{
             {"users", "id", "role", "role not in ('admin', 'auditor', 'user')"},
             {"files", "id", "kind", "kind not in ('file', 'directory')"},
             {"files", "id", "blob",
              "(kind = 'file') <> (blob is not null and size is not null and sha256 is not null)"},
             {"grants", "file_id", "rights", "rights not between 0 and 15"}}) {
      BALUHOST_CHECK(each(fmt::format("select {} from {} where {} limit 100", key, table, wrong),
                          [&](sqlite3_stmt* row) {
                            findings.push_back({std::string{table}, std::string{column},
                                                fmt::format("{} {}", key, text(row, 0)),
                                                "is a value that the schema forbids"});
                          }));
    }
    // What a damaged or dropped index may have let in.
    for (const auto& [table, key] : std::initializer_list<std::pair<std::string, std::string>>{
             {"users", "id"},
             {"users", "username"},
             {"users", "email_key"},
             {"sessions", "id"},
             {"refresh_tokens", "digest"},
             {"files", "id"},
             {"files", "parent_id, name"},
             {"uploads", "id"},
             {"doomed_blobs", "blob"},
             {"damaged_blobs", "blob"},
             {"instances", "id"},
             {"audit_logs", "id"},
             {"audit_leaves", "event_id"},
             {"audit_seals", "first_sequence"},
             {"audit_seals", "last_sequence"}}) {
      const std::string column =
          key.substr(key.find(", ") == std::string::npos ? 0 : key.find(", ") + 2);
      BALUHOST_CHECK(each(fmt::format("select {0} from {1} not indexed where {0} is not null group "
                                      "by {2} having count(*) > 1 limit 100",
                                      column, table, key),
                          [&](sqlite3_stmt* row) {
                            findings.push_back({table, column, text(row, 0),
                                                "stands in several rows and must be unique"});
                          }));
    }
    return findings;
  }

  Result<void> begin_snapshot() override {
    BALUHOST_CHECK(execute("begin"));
    BALUHOST_CHECK(
        number("select count(*) from sqlite_master")); // the first read makes the snapshot
    BALUHOST_TRY(data_version_, number("pragma data_version"));
    return {};
  }
  void end_snapshot() override { roll_back(); }
  Result<bool> moved() override {
    BALUHOST_TRY(const auto now, number("pragma data_version"));
    return now != data_version_;
  }

  Result<void> scan(const Table& table, std::optional<std::int64_t> after, RowSink sink,
                    std::int64_t limit) override {
    const std::string from = table.source.empty() ? quoted(table.name) : std::string{table.source};
    const std::string where = after ? fmt::format(" where {} > {}", table.key, *after) : "";
    const std::string at_most = limit > 0 ? fmt::format(" limit {}", limit) : "";
    BALUHOST_TRY(const Statement statement,
                 prepare(fmt::format("select {} from {}{} order by {}{}", column_list(table), from,
                                     where, table.key, at_most)));
    Row row(table.columns.size());
    for (;;) {
      const int status = sqlite3_step(statement.get());
      if (status == SQLITE_DONE) return {};
      if (status != SQLITE_ROW) return failure();
      for (std::size_t i = 0; i < row.size(); ++i) {
        const int column = static_cast<int>(i);
        switch (sqlite3_column_type(statement.get(), column)) {
          case SQLITE_NULL:
            row[i] = std::monostate{};
            break;
          case SQLITE_INTEGER:
            row[i] = std::int64_t{sqlite3_column_int64(statement.get(), column)};
            break;
          case SQLITE_TEXT:
            row[i] = view(statement.get(), column);
            break;
          default:
            row[i] = table.columns[i].type == ColumnType::text
                         ? Cell{std::int64_t{0}}
                         : Cell{std::string_view{"a value of another type"}};
        }
      }
      BALUHOST_CHECK(sink(row));
    }
  }

  Result<std::int64_t> count(const Table& table) override {
    return number(fmt::format("select count(*) from {}", table.source.empty()
                                                             ? quoted(table.name)
                                                             : std::string{table.source}));
  }
  Result<std::optional<std::int64_t>> greatest_key(const Table& table) override {
    return bound(table, "max");
  }
  Result<std::optional<std::int64_t>> least_key(const Table& table) override {
    return bound(table, "min");
  }
  Result<std::int64_t> identity(const Table& table) override {
    return number(fmt::format(
        "select coalesce((select seq from sqlite_sequence where name = '{}'), 0)", table.name));
  }

  Result<std::vector<Finding>> rights() override {
    std::vector<Finding> findings;
    if (::access(path_.c_str(), W_OK) != 0)
      findings.push_back({"", "", "", path_ + " cannot be written"});
    return findings;
  }

  Result<Run> run() override {
    BALUHOST_TRY(
        const auto present,
        number(
            "select count(*) from sqlite_master where type = 'table' and name = 'migration_runs'"));
    Run found;
    if (present == 0) return found;
    BALUHOST_CHECK(each("select state, source from migration_runs order by started_at desc limit 1",
                        [&](sqlite3_stmt* row) {
                          const std::string state = text(row, 0);
                          found = {state == "done"     ? RunState::done
                                   : state == "failed" ? RunState::failed
                                                       : RunState::running,
                                   text(row, 1)};
                        }));
    return found;
  }

  Result<void> begin() override { return execute("begin immediate"); }
  Result<void> commit() override { return execute("commit"); }
  void roll_back() noexcept override {
    sqlite3_exec(database_.get(), "rollback", nullptr, nullptr, nullptr);
  }

  Result<void> create_schema(std::string_view source) override {
    BALUHOST_CHECK(execute(sqlite_schema_sql()));
    std::vector<std::string> restore;
    std::vector<std::string> drop;
    BALUHOST_CHECK(
        each("select type, name, sql from sqlite_master where type in ('index', 'trigger') and sql "
             "is not null",
             [&](sqlite3_stmt* row) {
               drop.push_back(fmt::format("drop {} {}", text(row, 0), quoted(text(row, 1))));
               restore.push_back(fmt::format("{}\x1f{}", text(row, 1), text(row, 2)));
             }));
    for (const std::string& statement : drop) BALUHOST_CHECK(execute(statement));
    return parameters(
        "insert into migration_runs (id, source, state, started_at, detail) values "
        "(lower(hex(randomblob(16))), ?, 'running', unixepoch() * 1000000, ?)",
        {std::string{source}, fmt::format("{}", fmt::join(restore, "\x1e"))});
  }

  Result<void> empty_mutable_tables() override {
    for (const Table& table : tables()) {
      if (table.growth == Growth::mutable_)
        BALUHOST_CHECK(execute(fmt::format("delete from {}", quoted(table.name))));
    }
    return {};
  }
  Result<void> empty(const Table& table) override {
    return execute(fmt::format("delete from {}", quoted(table.name)));
  }
  Result<void> drop_below(const Table& table, std::int64_t key) override {
    return execute(fmt::format("delete from {} where {} < {}", quoted(table.name), table.key, key));
  }

  Result<void> begin_rows(const Table& table) override {
    std::string marks;
    for (std::size_t i = 0; i < table.columns.size(); ++i) marks += i == 0 ? "?" : ", ?";
    BALUHOST_TRY(insert_, prepare(fmt::format("insert into {} ({}) values ({})", quoted(table.name),
                                              column_list(table), marks)));
    return {};
  }
  Result<void> put(const Table&, const Row& row) override {
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
    return status == SQLITE_DONE ? Result<void>{} : failure();
  }
  Result<void> end_rows() override {
    insert_.reset();
    return {};
  }

  Result<void> set_identity(const Table& table, std::int64_t last) override {
    BALUHOST_CHECK(
        execute(fmt::format("delete from sqlite_sequence where name = '{}'", table.name)));
    return execute(
        fmt::format("insert into sqlite_sequence (name, seq) values ('{}', {})", table.name, last));
  }

  Result<std::vector<SchemaPart>> missing_parts() override {
    std::string detail;
    BALUHOST_CHECK(
        each("select coalesce(detail, '') from migration_runs order by started_at desc limit 1",
             [&](sqlite3_stmt* row) { detail = text(row, 0); }));
    std::vector<SchemaPart> parts;
    for (std::size_t begin = 0; begin < detail.size();) {
      const auto end = std::min(detail.find('\x1e', begin), detail.size());
      const std::string item = detail.substr(begin, end - begin);
      begin = end + 1;
      const auto separator = item.find('\x1f');
      const std::string name = item.substr(0, separator);
      BALUHOST_TRY(
          const auto there,
          number(fmt::format("select count(*) from sqlite_master where name = '{}'", name)));
      if (there == 0)
        parts.push_back({SchemaPart::Kind::index, "", name, item.substr(separator + 1)});
    }
    return parts;
  }
  Result<void> make_part(const SchemaPart& part) override { return execute(part.statement); }
  Result<void> finish_schema() override {
    // How far the order of the ids differs from that of the times, as the schema defines it.
    BALUHOST_CHECK(execute(
        "delete from audit_order; insert into audit_order select 1, coalesce(max(timestamp), "
        "-4611686018427387904), coalesce(max(lead - timestamp), 0) "
        "from (select timestamp, max(timestamp) over (order by id rows unbounded preceding) as "
        "lead from audit_logs)"));
    return execute("update identity_version set version = version + 1");
  }

  Result<void> set_state(RunState state, std::string_view detail) override {
    const char* name = state == RunState::done     ? "done"
                       : state == RunState::failed ? "failed"
                                                   : "running";
    if (state == RunState::done) {
      BALUHOST_CHECK(parameters(
          "update migration_runs set state = ?, finished_at = unixepoch() * 1000000, detail = ?",
          {name, std::string{detail}}));
      return {};
    }
    return parameters("update migration_runs set state = ?", {name});
  }

  Result<void> remove_everything() override {
    database_.reset();
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      std::remove((path_ + suffix).c_str());
    return {};
  }

  ~SqliteStore() override {
    insert_.reset();
    if (!made_ || !database_) return;
    // A file that this run made and did not fill is nothing anyone asked for.
    const auto objects = number("select count(*) from sqlite_master");
    database_.reset();
    if (objects && *objects == 0) std::remove(path_.c_str());
  }

 private:
  [[nodiscard]] Error failure() const {
    return Error{Errc::unavailable, printable(sqlite3_errmsg(database_.get()))};
  }

  static std::string_view view(sqlite3_stmt* row, int column) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
  }
  static std::string text(sqlite3_stmt* row, int column) {
    return sqlite3_column_type(row, column) == SQLITE_NULL ? std::string{}
                                                           : std::string{view(row, column)};
  }

  Result<Statement> prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql.c_str(), static_cast<int>(sql.size()), &statement,
                           nullptr) != SQLITE_OK)
      return failure();
    return Statement{statement};
  }
  template <class Visit>
  Result<void> each(const std::string& sql, Visit visit) {
    BALUHOST_TRY(const Statement statement, prepare(sql));
    for (;;) {
      const int status = sqlite3_step(statement.get());
      if (status == SQLITE_DONE) return {};
      if (status != SQLITE_ROW) return failure();
      visit(statement.get());
    }
  }
  Result<std::int64_t> number(const std::string& sql) {
    std::int64_t found = 0;
    BALUHOST_CHECK(each(sql, [&](sqlite3_stmt* row) { found = sqlite3_column_int64(row, 0); }));
    return found;
  }
  Result<std::optional<std::int64_t>> bound(const Table& table, std::string_view function) {
    std::optional<std::int64_t> found;
    BALUHOST_CHECK(
        each(fmt::format("select {}({}) from {}", function, table.key, quoted(table.name)),
             [&](sqlite3_stmt* row) {
               if (sqlite3_column_type(row, 0) != SQLITE_NULL) found = sqlite3_column_int64(row, 0);
             }));
    return found;
  }
  Result<void> execute(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      return failure();
    return {};
  }
  Result<void> parameters(const std::string& sql, const std::vector<std::string>& values) {
    BALUHOST_TRY(const Statement statement, prepare(sql));
    for (std::size_t i = 0; i < values.size(); ++i) {
      sqlite3_bind_text64(statement.get(), static_cast<int>(i) + 1, values[i].data(),
                          values[i].size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    return sqlite3_step(statement.get()) == SQLITE_DONE ? Result<void>{} : failure();
  }

  std::unique_ptr<sqlite3, DatabaseDeleter> database_;
  std::string path_;
  bool made_;
  std::int64_t data_version_{0};
  Statement insert_;
};

} // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, SqliteUse use) {
  const bool target = use == SqliteUse::target;
  const bool exists = ::access(path.c_str(), F_OK) == 0;
  if (!exists && !target) return Error{Errc::not_found, path + ": there is no such file"};
  const auto mask = ::umask(077);
  sqlite3* raw = nullptr;
  // A connection is one thread's at a time.
  const int flags = (target ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX;
  const int status = use == SqliteUse::frozen ? sqlite3_open_v2(immutable_uri(path).c_str(), &raw,
                                                                flags | SQLITE_OPEN_URI, nullptr)
                                              : sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  ::umask(mask);
  std::unique_ptr<sqlite3, DatabaseDeleter> database{raw};
  if (status != SQLITE_OK)
    return Error{Errc::unavailable, path + ": " + (raw ? sqlite3_errmsg(raw) : "out of memory")};
  sqlite3_busy_timeout(raw, 10'000);
  if (sqlite3_exec(raw, "select count(*) from sqlite_master", nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    return Error{Errc::unavailable, path + ": " + sqlite3_errmsg(raw)};
  }
  return std::unique_ptr<Store>{
      std::make_unique<SqliteStore>(std::move(database), path, target && !exists)};
}

} // namespace baluhost::migrate
