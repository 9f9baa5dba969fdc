// PostgreSQL by libpq itself, since COPY is the one fast way in and out: rows go through a buffer
// of some tens of KiB, whatever their number.

#include "store.hpp"

#include "baluhost/domain/text.hpp"
#include "baluhost/postgres/postgres_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

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

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> fields;
  for (;;) {
    const auto end = text.find(separator);
    fields.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

// COPY's binary format: big-endian lengths and numbers, each field behind its length, -1 for null.
constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0", 11};
constexpr std::size_t kHeader =
    kSignature.size() + 8; ///< with flags and the length of an extension, both 0

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, sizeof(Number)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] =
        static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * (bytes.size() - 1 - i)));
  out.append(bytes.data(), bytes.size());
}

/// What is left of a message of COPY's. Reading behind its end gives zeros and spoils it.
class Message {
 public:
  Message(const char* bytes, int length) : left_(bytes, static_cast<std::size_t>(length)) {}
  std::string_view take(std::size_t size) {
    sound_ = sound_ && size <= left_.size();
    if (!sound_) return {};
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  template <class Number>
  Number number() {
    std::uint64_t bits = 0;
    for (const char byte : take(sizeof(Number)))
      bits = bits << 8 | static_cast<unsigned char>(byte);
    return static_cast<Number>(bits);
  }
  [[nodiscard]] bool empty() const { return left_.empty(); }
  [[nodiscard]] bool sound() const { return sound_; }

 private:
  std::string_view left_;
  bool sound_{true};
};

class PostgresStore final : public Store {
 public:
  explicit PostgresStore(std::unique_ptr<PGconn, ConnectionDeleter> connection)
      : connection_(std::move(connection)) {}

  Result<std::int64_t> schema_version() override {
    BALUHOST_TRY(const auto present, value("select to_regclass('schema_version') is not null"));
    if (present != "t") {
      BALUHOST_TRY(
          const auto others,
          value("select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                "where n.nspname = current_schema() and c.relkind in ('r', 'v', 'm', 'p')"));
      if (others != "0")
        return Error{Errc::conflict, "the database holds the tables of another program"};
      return std::int64_t{0};
    }
    return number("select coalesce(max(version), 0) from schema_version");
  }

  Result<std::vector<Finding>> structure() override {
    std::vector<Finding> findings;
    BALUHOST_TRY(
        const Answer names,
        query("select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where "
              "n.nspname = current_schema() and c.relkind = 'r' order by 1"));
    for (int i = 0; i < PQntuples(names.get()); ++i) {
      const std::string name = PQgetvalue(names.get(), i, 0);
      if (!is_known_table(name))
        findings.push_back({name, "", "", "is no table of BaluHost's and would be lost"});
    }
    for (const Table& table : tables()) {
      BALUHOST_TRY(const Answer columns,
                   query(fmt::format("select attname from pg_attribute where attrelid = "
                                     "to_regclass('{}') and attnum > 0 and not attisdropped",
                                     table.name)));
      std::vector<std::string> found;
      for (int i = 0; i < PQntuples(columns.get()); ++i)
        found.emplace_back(PQgetvalue(columns.get(), i, 0));
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

  Result<std::vector<Finding>> damage() override { return std::vector<Finding>{}; }

  Result<void> begin_snapshot() override {
    return execute("begin isolation level repeatable read read only");
  }
  void end_snapshot() override { roll_back(); }
  Result<bool> moved() override { return true; }

  Result<void> scan(const Table& table, std::optional<std::int64_t> after, RowSink sink,
                    std::int64_t limit) override {
    const std::string from = table.source.empty() ? quoted(table.name) : std::string{table.source};
    const std::string where = after ? fmt::format(" where {} > {}", table.key, *after) : "";
    const std::string at_most = limit > 0 ? fmt::format(" limit {}", limit) : "";
    BALUHOST_CHECK(
        start(fmt::format("copy (select {} from {}{} order by {}{}) to stdout (format binary)",
                          column_list(table), from, where, table.key, at_most),
              PGRES_COPY_OUT));
    Result<void> outcome;
    Row row(table.columns.size());
    bool begun = false;
    for (;;) {
      char* bytes = nullptr;
      const int length = PQgetCopyData(connection_.get(), &bytes, 0);
      if (length < 0) {
        if (length == -2 && outcome) outcome = failure();
        break;
      }
      Message message{bytes, length};
      if (!begun) message.take(kHeader);
      begun = true;
      while (outcome && message.sound() && !message.empty()) {
        if (!parse(table, message, row)) break;
        outcome = sink(row);
      }
      if (outcome && !message.sound())
        outcome =
            Error{Errc::internal, fmt::format("{} comes in a form that is not known", table.name)};
      PQfreemem(bytes);
    }
    BALUHOST_CHECK(drain());
    return outcome;
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
    BALUHOST_TRY(const auto sequence,
                 value(fmt::format("select pg_get_serial_sequence('{}', 'id')", table.name)));
    return number(
        fmt::format("select case when is_called then last_value else 0 end from {}", sequence));
  }

  Result<std::vector<Finding>> rights() override {
    std::vector<Finding> findings;
    BALUHOST_TRY(const auto may, value("select has_schema_privilege(current_schema(), 'create') "
                                       "and has_schema_privilege(current_schema(), 'usage')"));
    if (may != "t")
      findings.push_back(
          {"", "", "",
           "the role may not create tables in the target's schema: grant create on it"});
    BALUHOST_TRY(const auto encoding, value("select pg_encoding_to_char(encoding) from pg_database "
                                            "where datname = current_database()"));
    if (encoding != "UTF8")
      findings.push_back(
          {"", "", "", "the target's encoding is " + encoding + ", and must be UTF8"});
    BALUHOST_TRY(
        const auto recovery,
        value("select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'"));
    if (recovery != "f")
      findings.push_back({"", "", "", "the target takes no writes (a standby, or read only)"});
    return findings;
  }

  Result<Run> run() override {
    BALUHOST_TRY(const auto present, value("select to_regclass('migration_runs') is not null"));
    if (present != "t") return Run{};
    BALUHOST_TRY(
        const Answer found,
        query("select state, source from migration_runs order by started_at desc limit 1"));
    if (PQntuples(found.get()) == 0) return Run{};
    const std::string state = PQgetvalue(found.get(), 0, 0);
    return Run{state == "done"     ? RunState::done
               : state == "failed" ? RunState::failed
                                   : RunState::running,
               PQgetvalue(found.get(), 0, 1)};
  }

  Result<void> begin() override { return execute("begin"); }
  Result<void> commit() override {
    BALUHOST_TRY(const Answer done, query("commit"));
    if (std::string_view{PQcmdStatus(done.get())} != "COMMIT")
      return Error{Errc::unavailable, "the target rolled the transaction back"};
    return {};
  }
  void roll_back() noexcept override { Answer{PQexec(connection_.get(), "rollback")}; }

  Result<void> create_schema(std::string_view source) override {
    BALUHOST_CHECK(execute(postgres_schema_sql()));
    // What slows a load down is taken away and written down in the run, so that a later process can
    // put it back: keys, indexes, references.
    std::vector<std::string> restore;
    std::vector<std::string> drop;
    for (const Table& table : tables()) {
      BALUHOST_TRY(
          const Answer constraints,
          query(fmt::format("select conname, pg_get_constraintdef(oid), contype from pg_constraint "
                            "where conrelid = '{}'::regclass and contype in ('f', 'p', 'u')",
                            table.name)));
      for (int i = 0; i < PQntuples(constraints.get()); ++i) {
        const std::string name = PQgetvalue(constraints.get(), i, 0);
        const char kind = *PQgetvalue(constraints.get(), i, 2) == 'f' ? 'f' : 'k';
        // Dropping a key would take the references to it with it.
        drop.insert(
            kind == 'f' ? drop.begin() : drop.end(),
            fmt::format("alter table {} drop constraint {}", quoted(table.name), quoted(name)));
        restore.push_back(
            fmt::format("{}\x1f{}\x1f{}\x1f"
                        "alter table {} add constraint {} {}",
                        kind, table.name, name, quoted(table.name), quoted(name),
                        PQgetvalue(constraints.get(), i, 1)));
      }
      BALUHOST_TRY(
          const Answer indexes,
          query(fmt::format(
              "select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on "
              "c.oid = i.indexrelid where i.indrelid = '{}'::regclass and not i.indisprimary "
              "and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)",
              table.name)));
      for (int i = 0; i < PQntuples(indexes.get()); ++i) {
        drop.push_back(fmt::format("drop index {}", quoted(PQgetvalue(indexes.get(), i, 0))));
        restore.push_back(fmt::format("i\x1f{}\x1f{}\x1f{}", table.name,
                                      PQgetvalue(indexes.get(), i, 0),
                                      PQgetvalue(indexes.get(), i, 1)));
      }
    }
    for (const std::string& statement : drop) BALUHOST_CHECK(execute(statement));
    for (const Table& table : tables())
      BALUHOST_CHECK(
          execute(fmt::format("alter table {} disable trigger user", quoted(table.name))));
    return parameters(
        "insert into migration_runs (id, source, state, started_at, detail) values "
        "(gen_random_uuid()::text, $1, 'running', (extract(epoch from clock_timestamp()) * "
        "1000000)::bigint, $2)",
        {std::string{source}, fmt::format("{}", fmt::join(restore, "\x1e"))});
  }

  Result<void> empty_mutable_tables() override {
    std::vector<std::string> names;
    for (const Table& table : tables()) {
      if (table.growth == Growth::mutable_) names.push_back(quoted(table.name));
    }
    return execute(fmt::format("truncate {}", fmt::join(names, ", ")));
  }

  Result<void> empty(const Table& table) override {
    return execute(fmt::format("delete from {}", quoted(table.name)));
  }

  Result<void> drop_below(const Table& table, std::int64_t key) override {
    return execute(fmt::format("delete from {} where {} < {}", quoted(table.name), table.key, key));
  }

  Result<void> begin_rows(const Table& table) override {
    if (const auto known = widths_.find(table.name); known != widths_.end()) {
      width_ = &known->second;
    } else {
      BALUHOST_TRY(width_, read_widths(table));
    }
    buffer_.assign(kSignature).append(kHeader - kSignature.size(), '\0');
    return start(fmt::format("copy {} ({}) from stdin (format binary)", quoted(table.name),
                             column_list(table)),
                 PGRES_COPY_IN);
  }

  Result<void> put(const Table& table, const Row& row) override {
    append_number(buffer_, static_cast<std::int16_t>(row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (const auto* text = std::get_if<std::string_view>(&row[i])) {
        append_number(buffer_, static_cast<std::int32_t>(text->size()));
        buffer_.append(*text);
      } else if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
        const int width = (*width_)[i];
        append_number(buffer_, std::int32_t{width});
        if (width == 8)
          append_number(buffer_, *number);
        else if (width == 4 && *number == static_cast<std::int32_t>(*number))
          append_number(buffer_, static_cast<std::int32_t>(*number));
        else if (width == 1)
          buffer_.push_back(static_cast<char>(*number != 0));
        else
          return Error{Errc::internal, fmt::format("{} of {} does not fit the target's column",
                                                   *number, table.columns[i].name)};
      } else {
        append_number(buffer_, std::int32_t{-1});
      }
    }
    return buffer_.size() < kBuffer ? Result<void>{} : flush();
  }

  Result<void> end_rows() override {
    append_number(buffer_, std::int16_t{-1});
    BALUHOST_CHECK(flush());
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) return failure();
    return drain();
  }

  Result<void> set_identity(const Table& table, std::int64_t last) override {
    if (last <= 0) return {};
    return execute(
        fmt::format("select setval(pg_get_serial_sequence('{}', 'id'), {})", table.name, last));
  }

  Result<std::vector<SchemaPart>> missing_parts() override {
    BALUHOST_TRY(
        const auto detail,
        value("select coalesce(detail, '') from migration_runs order by started_at desc limit 1"));
    std::vector<SchemaPart> parts;
    for (std::size_t begin = 0; begin < detail.size();) {
      const auto end = std::min(detail.find('\x1e', begin), detail.size());
      const auto fields = split(std::string_view{detail}.substr(begin, end - begin), '\x1f');
      begin = end + 1;
      if (fields.size() != 4)
        return Error{
            Errc::conflict,
            "the target holds a run of another version of this tool: --rollback empties it"};
      const auto kind = fields[0] == "k"   ? SchemaPart::Kind::key
                        : fields[0] == "i" ? SchemaPart::Kind::index
                                           : SchemaPart::Kind::reference;
      const std::string_view catalog = kind == SchemaPart::Kind::index
                                           ? "select count(*) from pg_class where relname = $1 and "
                                             "relnamespace = current_schema()::regnamespace"
                                           : "select count(*) from pg_constraint where conname = "
                                             "$1 and connamespace = current_schema()::regnamespace";
      BALUHOST_TRY(const auto there, value_of(catalog, {fields[2]}));
      if (there == "0") parts.push_back({kind, fields[1], fields[2], fields[3]});
    }
    std::ranges::stable_sort(parts, {}, &SchemaPart::kind);
    return parts;
  }

  Result<void> make_part(const SchemaPart& part) override { return execute(part.statement); }

  Result<void> finish_schema() override {
    for (const Table& table : tables())
      BALUHOST_CHECK(
          execute(fmt::format("alter table {} enable trigger user", quoted(table.name))));
    BALUHOST_CHECK(execute("update identity_version set version = version + 1"));
    return {};
  }

  Result<void> set_state(RunState state, std::string_view detail) override {
    const char* name = state == RunState::done     ? "done"
                       : state == RunState::failed ? "failed"
                                                   : "running";
    if (state == RunState::done) {
      // Batches need not wait for the disk, which this waits for, and all that came before with it.
      BALUHOST_CHECK(execute("set synchronous_commit = on"));
      return parameters(
          "update migration_runs set state = $1, finished_at = (extract(epoch from "
          "clock_timestamp()) * 1000000)::bigint, detail = $2",
          {name, std::string{detail}});
    }
    return parameters("update migration_runs set state = $1", {name});
  }

  Result<void> remove_everything() override {
    BALUHOST_CHECK(execute("begin"));
    for (const Table& table : tables())
      BALUHOST_CHECK(execute(fmt::format("drop table if exists {} cascade", quoted(table.name))));
    BALUHOST_CHECK(
        execute("drop table if exists schema_version, migration_runs, identity_version, "
                "audit_sealed_up_to cascade"));
    BALUHOST_TRY(const Answer functions,
                 query("select p.oid::regprocedure::text from pg_proc p where p.pronamespace = "
                       "current_schema()::regnamespace and p.proname like 'baluhost\\_%'"));
    for (int i = 0; i < PQntuples(functions.get()); ++i) {
      BALUHOST_CHECK(execute(
          fmt::format("drop function if exists {} cascade", PQgetvalue(functions.get(), i, 0))));
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
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
      return failure();
    return answer;
  }
  Result<void> execute(const std::string& sql) {
    BALUHOST_CHECK(query(sql));
    return {};
  }
  Result<Answer> with(std::string_view sql, const std::vector<std::string>& values) {
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    Answer answer{PQexecParams(connection_.get(), std::string{sql}.c_str(),
                               static_cast<int>(values.size()), nullptr, pointers.data(), nullptr,
                               nullptr, 0)};
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
    return PQntuples(answer.get()) == 0 ? std::string{}
                                        : std::string{PQgetvalue(answer.get(), 0, 0)};
  }
  Result<std::string> value(const std::string& sql) {
    BALUHOST_TRY(const Answer answer, query(sql));
    return PQntuples(answer.get()) == 0 ? std::string{}
                                        : std::string{PQgetvalue(answer.get(), 0, 0)};
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
    BALUHOST_TRY(const std::string text,
                 value(fmt::format("select coalesce({}({})::text, '') from {}", function, table.key,
                                   quoted(table.name))));
    return text.empty() ? std::optional<std::int64_t>{} : std::optional{to_number(text)};
  }

  Result<void> start(const std::string& sql, ExecStatusType expected) {
    const Answer answer{PQexec(connection_.get(), sql.c_str())};
    if (PQresultStatus(answer.get()) != expected) return failure();
    return {};
  }
  Result<void> flush() {
    if (!buffer_.empty() &&
        PQputCopyData(connection_.get(), buffer_.data(), static_cast<int>(buffer_.size())) != 1)
      return failure();
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

  /// The next row of `message`; false if it is the end of all rows, or no row.
  static bool parse(const Table& table, Message& message, Row& row) {
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

  /// The bytes of each column's type; 0 for text.
  Result<const std::vector<int>*> read_widths(const Table& table) {
    std::vector<int> widths;
    for (const Column& column : table.columns) {
      BALUHOST_TRY(const auto width, value_of("select greatest(attlen, 0) from pg_attribute where "
                                              "attrelid = $1::text::regclass and attname = $2",
                                              {quoted(table.name), std::string{column.name}}));
      widths.push_back(static_cast<int>(to_number(width)));
    }
    return &(widths_[table.name] = std::move(widths));
  }

  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
  std::string buffer_;
  std::map<std::string_view, std::vector<int>> widths_; ///< by table
  const std::vector<int>* width_{nullptr};              ///< of the table whose rows come
};

} // namespace

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url) {
  PostgresOptions options;
  options.url = url;
  BALUHOST_CHECK(check_postgres_pooling(options));
  BALUHOST_TRY(const Secret full, postgres_connection_url(options));
  std::unique_ptr<PGconn, ConnectionDeleter> connection{
      PQconnectdb(std::string{full.reveal()}.c_str())};
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    std::string message = PQerrorMessage(connection.get());
    std::ranges::replace(message, '\n', ' ');
    return Error{Errc::unavailable, printable(message)};
  }
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  // Sorted in runs that fit a core's cache, an index is made faster than in one run of all of it.
  const Answer settings{
      PQexec(connection.get(),
             "set statement_timeout = 0; set synchronous_commit = off; set maintenance_work_mem = "
             "'8MB'; set lock_timeout = '10s'; set idle_in_transaction_session_timeout = 0; set "
             "client_encoding = 'UTF8'")};
  return std::unique_ptr<Store>{std::make_unique<PostgresStore>(std::move(connection))};
}

} // namespace baluhost::migrate
