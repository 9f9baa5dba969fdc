#include "baluhost/postgres/postgres_database.hpp"

#include "baluhost/sql_common/damage_marks.hpp"
#include "baluhost/sql_common/day_figures.hpp"
#include "baluhost/sql_common/search_keys.hpp"
#include "baluhost/sql_common/structure.hpp"
#include "baluhost/sql_common/tables.hpp"
#include "connections/native.hpp"
#include "dialect.hpp"
#include "schema.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

using namespace postgres;

constexpr std::chrono::milliseconds kNap{50};
constexpr int kTries = 100;

/// Runs `work` on a connection of its own, and returns what that returns. It may throw what SOCI
/// throws.
template <class Work>
auto on_connection(const PostgresOptions& options, const Work& work)
    -> decltype(work(std::declval<sql::Connection&>())) {
  BALUHOST_CHECK(check_postgres_url(options.url));
  try {
    const auto connection = open_connection(options).db;
    connection->patience = options.statement_timeout;
    return sql::guarded(*connection, [&] { return work(*connection); });
  } catch (const soci::soci_error& caught) {
    return Error{Errc::unavailable, caught.get_error_message()};
  } catch (const std::exception& caught) {
    return Error{Errc::internal, caught.what()};
  }
}

/// With commas between them.
std::string own_tables() {
  std::vector<std::string> names;
  for (const auto& tables : {sql::moved_tables(), sql::local_tables()})
    for (const auto& table : tables) names.emplace_back(table.name);
  return sql::joined(names, ", ");
}

/// What is missing or unknown; nothing in a database of another version.
sql::ComparedTables check_tables(sql::Connection& db) {
  const auto found = sql::read_structure(db, structure_query());
  if (found.contains("schema_version") &&
      db.number("select max(version) from schema_version") != postgres_schema_version())
    return {};
  return sql::compare_all_tables(found, "audit_order"); // of SQLite alone
}

} // namespace

Result<bool> is_empty_postgres_database(const PostgresOptions& options) {
  return on_connection(options, [](sql::Connection& db) -> Result<bool> {
    return db.number(
               "select count(*) from pg_class where relnamespace = "
               "to_regnamespace(current_schema())"
               " and relkind in ('r', 'p', 'v', 'm', 'f', 'S')") == 0;
  });
}

Result<std::vector<std::string>> check_postgres(const PostgresOptions& options) {
  return on_connection(options, [](sql::Connection& db) -> Result<std::vector<std::string>> {
    auto compared = check_tables(db);
    std::vector<std::string> problems = std::move(compared.problems);
    if (compared.is_incomplete) return problems; // the other checks would read what is missing
    BALUHOST_TRY(const auto wrong, sql::count_wrong_search_keys(db));
    std::ranges::move(sql::damage_sentences(db), std::back_inserter(problems));
    if (wrong > 0) problems.push_back(sql::wrong_keys_sentence(wrong));
    run_script(db, "begin isolation level repeatable read read only");
    const auto days = sql::wrong_days(db);
    roll_back(db);
    BALUHOST_CHECK(days);
    if (!days->empty()) problems.push_back(sql::wrong_days_sentence(*days));
    return problems;
  });
}

Result<std::int64_t> reindex_postgres(const PostgresOptions& options) {
  return on_connection(options, [](sql::Connection& db) -> Result<std::int64_t> {
    BALUHOST_TRY(const auto wrong, sql::mend_search_keys(db));
    sql::forget_figures(db);
    run_script(db, "reindex index files_search");
    return wrong;
  });
}

Result<void> clear_postgres_database(const PostgresOptions& options) {
  return on_connection(options, [](sql::Connection& db) -> Result<void> {
    // A connection ends on the server some time after its program, and might still commit. What has
    // no user is the server's own.
    for (int i = 0;
         db.number("select count(*) from pg_stat_activity where datname = current_database() and"
                   " usesysid is not null and pid <> pg_backend_pid()") != 0;
         ++i) {
      if (i == kTries)
        return Error{Errc::conflict,
                     "others use the database: try again when their connections have ended"};
      std::this_thread::sleep_for(kNap);
    }
    run_script(db, "begin; drop table if exists " + own_tables() + R"sql( cascade;
do $$ declare f regprocedure; begin
  for f in select p.oid from pg_proc p
           where p.pronamespace = to_regnamespace(current_schema()) and p.proname like 'baluhost\_%' loop
    execute 'drop function ' || f || ' cascade';
  end loop;
end $$;
commit)sql");
    return {};
  });
}

} // namespace baluhost
