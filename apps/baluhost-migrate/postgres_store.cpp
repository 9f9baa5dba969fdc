// PostgreSQL by libpq itself, since COPY is the one fast way in and out: rows go through a buffer of some tens of KiB, whatever their number.

#include "store.hpp"

#include "baluhost/domain/text.hpp"
#include "baluhost/postgres/postgres_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace baluhost::migrate {
namespace {

struct ConnectionDeleter {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ResultDeleter>;

constexpr std::size_t kBuffer = 64 * 1024;

std::string quoted(std::string_view name) { return fmt::format("\"{}\"", name); }

std::string column_list(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(quoted(column.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// What COPY's text format writes for a character; 0: the character itself.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  escapes['\\'] = '\\';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\v'] = 'v';
  return escapes;
}();

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char escape = kEscapes[static_cast<unsigned char>(text[i])];
    if (escape == 0) continue;
    out.append(text, plain, i - plain).push_back('\\');
    out.push_back(escape);
    plain = i + 1;
  }
  out.append(text, plain);
}

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// Undoes `append_escaped` in place and gives what is left of the field.
std::string_view unescape(char* begin, char* end) {
  auto* out = static_cast<char*>(std::memchr(begin, '\\', static_cast<std::size_t>(end - begin)));
  if (out == nullptr) return {begin, static_cast<std::size_t>(end - begin)};
  for (const char* in = out; in != end; ++in) {
    if (*in != '\\' || in + 1 == end) {
      *out++ = *in;
      continue;
    }
    switch (*++in) {
      case 'n': *out++ = '\n'; break;
      case 'r': *out++ = '\r'; break;
      case 't': *out++ = '\t'; break;
      case 'b': *out++ = '\b'; break;
      case 'f': *out++ = '\f'; break;
      case 'v': *out++ = '\v'; break;
      default: *out++ = *in;
    }
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

class PostgresStore final : public Store {
 public:
  explicit PostgresStore(std::unique_ptr<PGconn, ConnectionDeleter> connection) : connection_(std::move(connection)) {}

  Result<std::int64_t> schema_version() override {
    BALUHOST_TRY(const auto present, value("select to_regclass('schema_version') is not null"));
    if (present != "t") {
      BALUHOST_TRY(const auto others, value("select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind in ('r', 'v', 'm', 'p')"));
      if (others != "0") return Error{Errc::conflict, "the database holds the tables of another program"};
      return std::int64_t{0};
    }
    return number("select coalesce(max(version), 0) from schema_version");
  }

  Result<std::vector<Finding>> structure() override {
    std::vector<Finding> findings;
    BALUHOST_TRY(const Answer names, query("select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind = 'r' order by 1"));
    for (int i = 0; i < PQntuples(names.get()); ++i) {
      const std::string name = PQgetvalue(names.get(), i, 0);
      if (!is_known_table(name)) findings.push_back({name, "", "", "is no table of BaluHost's and would be lost"});
    }
    for (const Table& table : tables()) {
      BALUHOST_TRY(const Answer columns, query(fmt::format("select attname from pg_attribute where attrelid = to_regclass('{}') and attnum > 0 and not attisdropped", table.name)));
      std::vector<std::string> found;
      for (int i = 0; i < PQntuples(columns.get()); ++i) found.emplace_back(PQgetvalue(columns.get(), i, 0));
      for (const Column& column : table.columns) {
        if (std::ranges::find(found, column.name) == found.end()) findings.push_back({std::string{table.name}, std::string{column.name}, "", "is missing"});
      }
      for (const std::string& name : found) {
        if (std::ranges::find(table.columns, name, &Column::name) == table.columns.end()) {
          findings.push_back({std::string{table.name}, name, "", "is no column of BaluHost's and would be lost"});
        }
      }
    }
    return findings;
  }

  Result<std::vector<Finding>> damage() override { return std::vector<Finding>{}; }

  Result<void> begin_snapshot() override { return execute("begin isolation level repeatable read read only"); }
  void end_snapshot() override { roll_back(); }
  Result<bool> moved() override { return true; }

  Result<void> scan(const Table& table, std::optional<std::int64_t> after, RowSink sink) override {
    const std::string from = table.source.empty() ? quoted(table.name) : std::string{table.source};
    const std::string where = after ? fmt::format(" where {} > {}", table.key, *after) : "";
    BALUHOST_CHECK(start(fmt::format("copy (select {} from {}{} order by {}) to stdout", column_list(table), from, where, table.key), PGRES_COPY_OUT));
    Result<void> outcome;
    Row row(table.columns.size());
    for (;;) {
      char* line = nullptr;
      const int length = PQgetCopyData(connection_.get(), &line, 0);
      if (length < 0) {
        if (length == -2 && outcome) outcome = failure();
        break;
      }
      if (outcome) outcome = parse(table, line, line + length, row);
      if (outcome) outcome = sink(row);
      PQfreemem(line);
    }
    BALUHOST_CHECK(drain());
    return outcome;
  }

  Result<std::int64_t> count(const Table& table) override {
    return number(fmt::format("select count(*) from {}", table.source.empty() ? quoted(table.name) : std::string{table.source}));
  }

  Result<std::optional<std::int64_t>> greatest_key(const Table& table) override { return bound(table, "max"); }
  Result<std::optional<std::int64_t>> least_key(const Table& table) override { return bound(table, "min"); }

  Result<std::int64_t> identity(const Table& table) override {
    BALUHOST_TRY(const auto sequence, value(fmt::format("select pg_get_serial_sequence('{}', 'id')", table.name)));
    return number(fmt::format("select case when is_called then last_value else 0 end from {}", sequence));
  }

  Result<std::vector<Finding>> rights() override {
    std::vector<Finding> findings;
    BALUHOST_TRY(const auto may, value("select has_schema_privilege(current_schema(), 'create') and has_schema_privilege(current_schema(), 'usage')"));
    if (may != "t") findings.push_back({"", "", "", "the role may not create tables in the target's schema: grant create on it"});
    BALUHOST_TRY(const auto encoding, value("select pg_encoding_to_char(encoding) from pg_database where datname = current_database()"));
    if (encoding != "UTF8") findings.push_back({"", "", "", "the target's encoding is " + encoding + ", and must be UTF8"});
    BALUHOST_TRY(const auto recovery, value("select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'"));
    if (recovery != "f") findings.push_back({"", "", "", "the target takes no writes (a standby, or read only)"});
    return findings;
  }

  Result<Run> run() override {
    BALUHOST_TRY(const auto present, value("select to_regclass('migration_runs') is not null"));
    if (present != "t") return Run{};
    BALUHOST_TRY(const Answer found, query("select state, source from migration_runs order by started_at desc limit 1"));
    if (PQntuples(found.get()) == 0) return Run{};
    const std::string state = PQgetvalue(found.get(), 0, 0);
    return Run{state == "done" ? RunState::done : state == "failed" ? RunState::failed : RunState::running, PQgetvalue(found.get(), 0, 1)};
  }

  Result<void> begin() override { return execute("begin"); }
  Result<void> commit() override {
    BALUHOST_TRY(const Answer done, query("commit"));
    if (std::string_view{PQcmdStatus(done.get())} != "COMMIT") return Error{Errc::unavailable, "the target rolled the transaction back"};
    return {};
  }
  void roll_back() noexcept override { Answer{PQexec(connection_.get(), "rollback")}; }

  Result<void> create_schema(std::string_view source) override {
    BALUHOST_CHECK(execute(postgres_schema_sql()));
    // What slows a load down is taken away and written down in the run, so that a later process can put it back.
    std::vector<std::string> restore;
    std::vector<std::string> drop;
    for (const Table& table : tables()) {
      BALUHOST_TRY(const Answer constraints, query(fmt::format(
          "select conname, pg_get_constraintdef(oid), contype from pg_constraint where conrelid = '{}'::regclass and contype = 'f'", table.name)));
      for (int i = 0; i < PQntuples(constraints.get()); ++i) {
        const std::string name = PQgetvalue(constraints.get(), i, 0);
        drop.push_back(fmt::format("alter table {} drop constraint {}", quoted(table.name), quoted(name)));
        restore.push_back(fmt::format("{}\x1f{}\x1f" "alter table {} add constraint {} {}", PQgetvalue(constraints.get(), i, 2), name, quoted(table.name), quoted(name),
                                      PQgetvalue(constraints.get(), i, 1)));
      }
      BALUHOST_TRY(const Answer indexes, query(fmt::format(
          "select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = '{}'::regclass and not i.indisprimary "
          "and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)", table.name)));
      for (int i = 0; i < PQntuples(indexes.get()); ++i) {
        drop.push_back(fmt::format("drop index {}", quoted(PQgetvalue(indexes.get(), i, 0))));
        restore.push_back(fmt::format("i\x1f{}\x1f{}", PQgetvalue(indexes.get(), i, 0), PQgetvalue(indexes.get(), i, 1)));
      }
    }
    for (const std::string& statement : drop) BALUHOST_CHECK(execute(statement));
    std::ranges::stable_partition(restore, [](const std::string& item) { return !item.starts_with("f"); }); // references last
    for (const Table& table : tables()) BALUHOST_CHECK(execute(fmt::format("alter table {} disable trigger user", quoted(table.name))));
    return parameters("insert into migration_runs (id, source, state, started_at, detail) values (gen_random_uuid()::text, $1, 'running', (extract(epoch from clock_timestamp()) * 1000000)::bigint, $2)",
                      {std::string{source}, fmt::format("{}", fmt::join(restore, "\x1e"))});
  }

  Result<void> empty_mutable_tables() override {
    std::vector<std::string> names;
    for (const Table& table : tables()) {
      if (table.growth == Growth::mutable_) names.push_back(quoted(table.name));
    }
    return execute(fmt::format("truncate {}", fmt::join(names, ", ")));
  }

  Result<void> empty(const Table& table) override { return execute(fmt::format("delete from {}", quoted(table.name))); }

  Result<void> drop_below(const Table& table, std::int64_t key) override {
    return execute(fmt::format("delete from {} where {} < {}", quoted(table.name), table.key, key));
  }

  Result<void> begin_rows(const Table& table) override {
    buffer_.clear();
    return start(fmt::format("copy {} ({}) from stdin", quoted(table.name), column_list(table)), PGRES_COPY_IN);
  }

  Result<void> put(const Table& table, const Row& row) override {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) buffer_.push_back('\t');
      if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
        if (table.columns[i].type == ColumnType::boolean) buffer_.push_back(*number != 0 ? 't' : 'f');
        else append_number(buffer_, *number);
      } else if (const auto* text = std::get_if<std::string_view>(&row[i])) {
        append_escaped(buffer_, *text);
      } else {
        buffer_ += "\\N";
      }
    }
    buffer_.push_back('\n');
    return buffer_.size() < kBuffer ? Result<void>{} : flush();
  }

  Result<void> end_rows() override {
    BALUHOST_CHECK(flush());
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) return failure();
    return drain();
  }

  Result<void> set_identity(const Table& table, std::int64_t last) override {
    if (last <= 0) return {};
    return execute(fmt::format("select setval(pg_get_serial_sequence('{}', 'id'), {})", table.name, last));
  }

  Result<void> complete_schema(FunctionRef<void(std::string_view)> progress) override {
    BALUHOST_TRY(const auto detail, value("select coalesce(detail, '') from migration_runs order by started_at desc limit 1"));
    BALUHOST_CHECK(execute("set maintenance_work_mem = '256MB'"));
    for (std::size_t begin = 0; begin < detail.size();) {
      const auto end = std::min(detail.find('\x1e', begin), detail.size());
      const std::string item = detail.substr(begin, end - begin);
      begin = end + 1;
      const auto name_begin = item.find('\x1f') + 1;
      const auto statement_begin = item.find('\x1f', name_begin) + 1;
      const std::string name = item.substr(name_begin, statement_begin - name_begin - 1);
      const std::string_view catalog = item.starts_with("i") ? "select count(*) from pg_class where relname = $1 and relnamespace = current_schema()::regnamespace"
                                                             : "select count(*) from pg_constraint where conname = $1 and connamespace = current_schema()::regnamespace";
      BALUHOST_TRY(const auto there, value_of(catalog, {name}));
      if (there != "0") continue;
      progress(name);
      BALUHOST_CHECK(execute(item.substr(statement_begin)));
    }
    for (const Table& table : tables()) BALUHOST_CHECK(execute(fmt::format("alter table {} enable trigger user", quoted(table.name))));
    BALUHOST_CHECK(execute("update identity_version set version = version + 1"));
    return {};
  }

  Result<void> set_state(RunState state, std::string_view detail) override {
    const char* name = state == RunState::done ? "done" : state == RunState::failed ? "failed" : "running";
    if (state == RunState::done) {
      // Batches need not wait for the disk, which this waits for, and all that came before with it.
      BALUHOST_CHECK(execute("set synchronous_commit = on"));
      return parameters("update migration_runs set state = $1, finished_at = (extract(epoch from clock_timestamp()) * 1000000)::bigint, detail = $2", {name, std::string{detail}});
    }
    return parameters("update migration_runs set state = $1", {name});
  }

  Result<void> remove_everything() override {
    BALUHOST_CHECK(execute("begin"));
    for (const Table& table : tables()) BALUHOST_CHECK(execute(fmt::format("drop table if exists {} cascade", quoted(table.name))));
    BALUHOST_CHECK(execute("drop table if exists schema_version, migration_runs, identity_version, audit_sealed_up_to cascade"));
    BALUHOST_TRY(const Answer functions, query("select p.oid::regprocedure::text from pg_proc p where p.pronamespace = current_schema()::regnamespace and p.proname like 'baluhost\\_%'"));
    for (int i = 0; i < PQntuples(functions.get()); ++i) {
      BALUHOST_CHECK(execute(fmt::format("drop function if exists {} cascade", PQgetvalue(functions.get(), i, 0))));
    }
    return commit();
  }

 private:
  [[nodiscard]] Error failure() const {
    std::string message = PQerrorMessage(connection_.get());
    message.erase(std::min(message.find('\n'), message.size()));
    return Error{Errc::unavailable, printable(message)};
  }

  Result<Answer> query(const std::string& sql) {
    Answer answer{PQexec(connection_.get(), sql.c_str())};
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) return failure();
    return answer;
  }
  Result<void> execute(const std::string& sql) {
    BALUHOST_CHECK(query(sql));
    return {};
  }
  Result<Answer> with(std::string_view sql, const std::vector<std::string>& values) {
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    Answer answer{PQexecParams(connection_.get(), std::string{sql}.c_str(), static_cast<int>(values.size()), nullptr, pointers.data(), nullptr, nullptr, 0)};
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failure();
    return answer;
  }
  Result<void> parameters(std::string_view sql, const std::vector<std::string>& values) {
    BALUHOST_CHECK(with(sql, values));
    return {};
  }
  Result<std::string> value_of(std::string_view sql, const std::vector<std::string>& values) {
    BALUHOST_TRY(const Answer answer, with(sql, values));
    return PQntuples(answer.get()) == 0 ? std::string{} : std::string{PQgetvalue(answer.get(), 0, 0)};
  }
  Result<std::string> value(const std::string& sql) {
    BALUHOST_TRY(const Answer answer, query(sql));
    return PQntuples(answer.get()) == 0 ? std::string{} : std::string{PQgetvalue(answer.get(), 0, 0)};
  }
  Result<std::int64_t> number(const std::string& sql) {
    BALUHOST_TRY(const std::string text, value(sql));
    return to_number(text);
  }
  static std::int64_t to_number(std::string_view text) {
    std::int64_t result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
  }
  Result<std::optional<std::int64_t>> bound(const Table& table, std::string_view function) {
    BALUHOST_TRY(const std::string text, value(fmt::format("select coalesce({}({})::text, '') from {}", function, table.key, quoted(table.name))));
    return text.empty() ? std::optional<std::int64_t>{} : std::optional{to_number(text)};
  }

  Result<void> start(const std::string& sql, ExecStatusType expected) {
    const Answer answer{PQexec(connection_.get(), sql.c_str())};
    if (PQresultStatus(answer.get()) != expected) return failure();
    return {};
  }
  Result<void> flush() {
    if (!buffer_.empty() && PQputCopyData(connection_.get(), buffer_.data(), static_cast<int>(buffer_.size())) != 1) return failure();
    buffer_.clear();
    return {};
  }
  Result<void> drain() {
    Result<void> outcome;
    while (const Answer answer{PQgetResult(connection_.get())}) {
      if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK && outcome) outcome = failure();
    }
    return outcome;
  }

  static Result<void> parse(const Table& table, char* line, char* end, Row& row) {
    if (end != line && end[-1] == '\n') --end;
    for (std::size_t i = 0; i < row.size(); ++i) {
      auto* field_end = static_cast<char*>(std::memchr(line, '\t', static_cast<std::size_t>(end - line)));
      if (field_end == nullptr) field_end = end;
      const std::string_view raw{line, static_cast<std::size_t>(field_end - line)};
      if (raw == "\\N") row[i] = std::monostate{};
      else if (table.columns[i].type == ColumnType::text) row[i] = unescape(line, field_end);
      else if (table.columns[i].type == ColumnType::boolean && (raw == "t" || raw == "f")) row[i] = std::int64_t{raw == "t"};
      else row[i] = to_number(raw);
      line = field_end == end ? end : field_end + 1;
    }
    return {};
  }

  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
  std::string buffer_;
};

} // namespace

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url) {
  PostgresOptions options;
  options.url = url;
  BALUHOST_TRY(const Secret full, postgres_connection_url(options));
  std::unique_ptr<PGconn, ConnectionDeleter> connection{PQconnectdb(std::string{full.reveal()}.c_str())};
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    std::string message = PQerrorMessage(connection.get());
    std::ranges::replace(message, '\n', ' ');
    return Error{Errc::unavailable, printable(message)};
  }
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  const Answer settings{PQexec(connection.get(), "set statement_timeout = 0; set synchronous_commit = off; set lock_timeout = '10s'; set idle_in_transaction_session_timeout = 0; set client_encoding = 'UTF8'")};
  return std::unique_ptr<Store>{std::make_unique<PostgresStore>(std::move(connection))};
}

} // namespace baluhost::migrate
