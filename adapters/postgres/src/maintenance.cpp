#include "baluhost/postgres/postgres_database.hpp"

#include "dialect.hpp"
#include "native.hpp"

#include <cctype>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace baluhost {
namespace {

using namespace postgres;

constexpr std::chrono::milliseconds kNap{50};
constexpr int kTries = 100;

/// Runs `work` on a connection of its own, and gives what it returns. It may throw what SOCI
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

/// The tables that the schema makes, with commas between them.
std::string own_tables() {
  constexpr std::string_view kMaking = "create table ";
  const std::string schema = postgres_schema_sql();
  std::string names;
  for (auto at = schema.find(kMaking); at != std::string::npos; at = schema.find(kMaking, at)) {
    at += kMaking.size();
    auto end = at;
    while (end < schema.size() &&
           (std::isalnum(static_cast<unsigned char>(schema[end])) != 0 || schema[end] == '_'))
      ++end;
    names += (names.empty() ? "" : ", ") + schema.substr(at, end - at);
  }
  return names;
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

Result<void> clear_postgres_database(const PostgresOptions& options) {
  return on_connection(options, [](sql::Connection& db) -> Result<void> {
    // A session ends on the server some time after its program, and might still commit. What has no
    // user is the server's own.
    for (int i = 0;
         db.number("select count(*) from pg_stat_activity where datname = current_database() and"
                   " usesysid is not null and pid <> pg_backend_pid()") != 0;
         ++i) {
      if (i == kTries)
        return Error{Errc::conflict,
                     "others use the database: try again when their sessions have ended"};
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
