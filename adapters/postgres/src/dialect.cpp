#include "dialect.hpp"

#include "array.hpp"
#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "connections/native.hpp"
#include "connections/server_check.hpp"
#include "connections/statement.hpp"
#include "event_rows.hpp"
#include "name_index.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>
#include <chrono>

namespace baluhost::postgres {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};
constexpr int kAdvisoryClass = 0x42414C55; // "BALU"

/// Of the other kind of advisory locks, those with one key, so that it meets no `AdvisoryLock`.
std::int64_t account_key(UserId id) { return (std::int64_t{kAdvisoryClass} << 32) ^ id.value; }

/// A role that may only read, say.
constexpr std::string_view kNoRight = "42501";
/// A statement that was ended before its end.
constexpr const char* kCancelled = "57014";

/// Of a statement's failure the first line only: those after it repeat values. libpq's own
/// messages, that it cannot connect, say in the last lines what is wrong.
std::string explained(const soci::soci_error& error,
                      const soci::postgresql_soci_error* of_statement) {
  const std::string message = error.get_error_message();
  if (of_statement != nullptr && of_statement->sqlstate() == kNoRight) {
    const std::string line = message.substr(0, message.find('\n'));
    const auto error_at = line.find("ERROR:  ");
    return "PostgreSQL " + std::string{kNoRight} + ": " +
           printable(error_at == std::string::npos ? line : line.substr(error_at + 8)) +
           ": the role of database.url needs every right on BaluHost's tables and sequences, as "
           "their owner has it";
  }
  if (of_statement != nullptr) {
    return "PostgreSQL " + of_statement->sqlstate() + ": " +
           printable(message.substr(0, message.find('\n')));
  }
  std::string line;
  for (const char c : message) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t';
    if (!is_space) line += c;
    if (is_space && !line.empty() && line.back() != ' ') line += ' ';
  }
  return "PostgreSQL: " + printable(line);
}

class PostgresDialect final : public sql::Dialect {
 public:
  sql::Connection::Trouble translate(const soci::soci_error& error) const override {
    const auto* native = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    // Errors without a state come from libpq: it could not send, or not connect.
    const std::string state = native == nullptr ? "08000" : native->sqlstate();
    const std::string_view kind = std::string_view{state}.substr(0, 2);
    sql::Connection::Trouble trouble;
    // A unique or foreign key that fails although it was looked up first was changed by another
    // transaction meanwhile.
    trouble.retry = state == "40001" || state == "40P01" || state == "23505" || state == "23503";
    trouble.lost = kind == "08" || state == "57P01" || state == "57P02" || state == "57P03" ||
                   state == "     ";
    // A prepared statement that is not there, or is already: the process is not ours alone.
    const bool is_shared = state == "26000" || state == "42P05";
    // Whether a connection may write was settled when it began, by the settings of then, or by a
    // server that is a standby by now.
    trouble.stale = state == "25006" || is_shared;
    const bool is_passing = trouble.lost || trouble.stale || trouble.retry || kind == "53" ||
                            kind == "57" || kind == "58" || state == "55P03" || state == "25P03";
    const bool is_conflict_of_keys = kind == "23";
    const bool is_full = state == "53100";
    auto code = is_passing && !is_conflict_of_keys ? Errc::unavailable : Errc::internal;
    if (is_full) code = Errc::insufficient_storage;
    trouble.error =
        Error{.code = code,
              .detail = explained(error, native),
              .retry_after = is_passing && !is_full ? kRetryAfter : std::chrono::seconds{0}};
    if (is_shared) trouble.error = lost_process(Errc::unavailable);
    return trouble;
  }

  std::unique_ptr<sql::Statement> prepare(sql::Connection& db, std::string_view sql,
                                          std::string_view shape) const override {
    return make_statement(pipeline_of(db), sql, shape);
  }

  void lock_roles(sql::Connection& db) const override {
    if (db.held.roles) return;
    take(db, AdvisoryLock::roles);
    db.held.roles = true;
  }
  void lock_chain(sql::Connection& db) const override { take(db, AdvisoryLock::chain); }

  // Not the rows themselves: those are locked by every change of the home, which must not wait for
  // a login.
  void lock_accounts(sql::Connection& db, const AccountLocks& locks) const override {
    const auto share = [&] {
      db.execute("select pg_advisory_xact_lock_shared(cast(? as bigint))",
                 {account_key(*locks.relies_on)});
    };
    const bool relies = locks.relies_on && locks.relies_on != locks.changes;
    // Always in the order of their ids, so that no two transactions wait for each other.
    const bool first = relies && (!locks.changes || *locks.relies_on < *locks.changes);
    if (first) share();
    if (locks.changes) {
      db.execute("select pg_advisory_xact_lock(cast(? as bigint))", {account_key(*locks.changes)});
    }
    if (relies && !first) share();
  }

  std::vector<UserId> hold_accounts(sql::Connection& db,
                                    std::span<const UserId> accounts) const override {
    static const sql::Query query = sql::select(sql::number("id"),
                                                "from users where id = any(cast(? as bigint[]))"
                                                " and removed = false order by id");
    Array locks, ids;
    for (const UserId account : accounts) {
      locks.add(account_key(account));
      ids.add(account.value);
    }
    const auto keys = locks.end();
    db.execute_later(
        "select pg_advisory_xact_lock_shared(key)"
        " from unnest(cast(? as bigint[])) as key",
        {&keys, 1});
    std::vector<UserId> present;
    for (auto rows = db.select(query, {ids.end()}); rows.next();) {
      auto row = rows.row();
      present.push_back(UserId{row.number()});
    }
    return present;
  }

  bool lock_home(sql::Connection& db, UserId owner) const override {
    if (is_held(db, owner)) return true;
    // Not `for update`: that would stop others from logging this user in, whose rows refer to this
    // one.
    if (!db.number("select id from users where id = ? for no key update", {owner})) return false;
    db.held.homes.push_back(owner);
    return true;
  }
  bool hold_home(sql::Connection& db, UserId owner) const override {
    if (is_held(db, owner)) return false;
    lock_home(db, owner);
    return true;
  }

  void before_removal(sql::Connection& db, std::span<const FileId> files) const override {
    const sql::ValueList<FileId> list(files);
    auto twice = list.arguments;
    twice.insert(twice.end(), list.arguments.begin(), list.arguments.end());
    const auto shared = db.number(
        "select 1 from (select f.id, f.blob from files f where f.blob is not null and f.id in (" +
            list.sql + ") union all select v.file_id, v.blob from versions v where v.file_id in (" +
            list.sql +
            ")) r where exists (select 1 from files o where o.blob = r.blob and o.id <> r.id)"
            " or exists (select 1 from versions o where o.blob = r.blob and o.file_id <> r.id)"
            " limit 1",
        twice);
    if (shared) take(db, AdvisoryLock::blobs);
  }
  void before_copy(sql::Connection& db, FileId root) const override {
    db.number(
        "with recursive t(id) as (select id from files where id = ? union all"
        " select f.id from t join files f on f.parent_id = t.id), held as"
        " (select id from files where id in (select id from t) order by id for share) select "
        "count(*) from held",
        {root});
  }

  std::string_view next_file_id() const override {
    return "nextval(pg_get_serial_sequence('files', 'id'))";
  }
  std::string json_integer(std::string_view details, std::string_view key) const override {
    return "baluhost_json_integer(" + std::string{details} + ", '" + std::string{key} + "')";
  }
  std::string_view settled() const override {
    // Ids are given before the commit, so a smaller one may still appear as long as its transaction
    // runs. Which one took it cannot be asked: numbers of transactions and ids are not given in the
    // same order. None runs for so long after its last insert.
    return "a.timestamp < cast(extract(epoch from now()) * 1000000 as bigint) - 45000000";
  }
  std::string_view transaction_number() const override {
    return "cast(cast(pg_current_xact_id() as text) as bigint)";
  }
  std::string_view is_over() const override {
    return "run < cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)";
  }
  std::string_view well_typed() const override { return "true"; }
  std::string_view newest_event() const override {
    return "select coalesce((select max(id) from audit_logs),"
           " (select case when is_called then last_value else 0 end from audit_logs_id_seq))";
  }
  std::string_view last_event_id() const override {
    return "select case when is_called then last_value else 0 end from audit_logs_id_seq";
  }
  std::vector<std::int64_t> insert_events(sql::Connection& db,
                                          std::span<const AuditEvent> events) const override {
    return postgres::insert_events(db, events);
  }
  bool is_remote() const override { return true; }
  void keep_plans(sql::Connection& db) const override {
    db.execute_later("set local plan_cache_mode = force_generic_plan", {});
  }
  bool has_long_resources() const override { return true; }

  // An array is looked up in the index as it is; the planner, which knows nothing of how many a
  // recursive query brings, would join them row by row, at three times the cost.
  std::string among(std::string_view query) const override {
    return concat("= any(array(", query, "))");
  }
  std::string contains(std::string_view text, std::string_view part) const override {
    return concat("strpos(", text, ", ", part, ") > 0");
  }
  std::optional<std::int64_t> names_read(sql::Connection& db, std::span<const std::string> terms,
                                         std::optional<UserId> owner) const override {
    return postgres::names_read(db, terms, owner);
  }
  std::vector<std::string> name_matches(sql::Connection&, std::span<const std::string> terms,
                                        std::optional<UserId> owner,
                                        const std::optional<IdRange>& range) const override {
    return postgres::name_matches(terms, owner, range);
  }
  FileId few_from(sql::Connection& db, std::span<const std::string> terms,
                  std::optional<UserId> owner, const IdRange& range) const override {
    return postgres::few_from(db, terms, owner, range);
  }
  // Whole before it is ordered: else the planner may look at all entries in their order. Nor may it
  // look at all of the range or of the owner, which the matches name already: `offset 0` keeps the
  // conditions out of the look at the index.
  sql::Query name_lookup(const sql::Columns& columns, const std::string& condition,
                         std::size_t matches) const override {
    return sql::select(
        concat("with found as materialized (select f.id from (select * from files f where ",
               postgres::indexed_names(matches), " offset 0) f where f.id >= ? and f.id < ? and ",
               condition, "), newest as (select n.id from found n order by n.id desc limit ?)"),
        columns, "from newest n join files f on f.id = n.id order by f.id desc");
  }

  std::vector<AuditEvent> audit_page(sql::Connection& db, const AuditFilter& filter,
                                     SortOrder order, const std::optional<EventPosition>& after,
                                     std::size_t limit) const override {
    // The planner knows how frequent each value is, if it sees it.
    db.execute("set local plan_cache_mode = force_custom_plan");
    std::optional<std::string> prefix_end;
    auto conditions = sql::conditions_of(filter, order, after, prefix_end, has_long_resources());
    conditions.values.emplace_back(std::min<std::size_t>(limit, std::size_t{1} << 31));
    const auto query =
        sql::select(sql::kEventColumns, "from audit_logs a where " + conditions.where +
                                            (order == SortOrder::descending
                                                 ? " order by a.timestamp desc, a.id desc limit ?"
                                                 : " order by a.timestamp, a.id limit ?"));
    return sql::all(db.select(query, conditions.values), sql::read_event);
  }

  void statement_begins(sql::Connection& db) const override {
    const auto now = std::chrono::steady_clock::now();
    if (db.yields_at != 0 && now.time_since_epoch().count() >= db.yields_at)
      throw soci::postgresql_soci_error("others wait for this write", kCancelled);
    db.began_at = now.time_since_epoch().count();
    if (db.patience.count() > 0) db.overdue_at = (now + db.patience).time_since_epoch().count();
  }
  void statement_ends(sql::Connection& db) const override {
    db.began_at = 0;
    db.overdue_at = 0;
  }

 private:
  static bool is_held(const sql::Connection& db, UserId owner) {
    return std::find(db.held.homes.begin(), db.held.homes.end(), owner) != db.held.homes.end();
  }
};

} // namespace

const sql::Dialect& postgres_dialect() noexcept {
  static const PostgresDialect dialect;
  return dialect;
}

void take(sql::Connection& db, AdvisoryLock lock) {
  db.execute("select pg_advisory_xact_lock(cast(? as integer), cast(? as integer))",
             {kAdvisoryClass, static_cast<int>(lock)});
}

} // namespace baluhost::postgres
