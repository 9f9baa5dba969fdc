#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "sql/figures_cases.hpp"

namespace baluhost::test {

TEST_CASE("figures that PostgreSQL keeps of days") {
  PostgresCluster* const cluster = PostgresCluster::shared();
  if (cluster == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  const std::string name = cluster->make_database();
  PostgresOptions options;
  options.url = cluster->url(name);
  const auto database = value(make_postgres_database(options));
  const auto check = [&] { return value(check_postgres(options)); };

  SECTION("are checked, and made anew") {
    check_and_make_anew(
        *database, [&](const std::string& sql) { cluster->execute(name, sql); }, check,
        [&] { value(reindex_postgres(options)); });
  }

  SECTION("stay right while others write to their days") {
    write_while_days_are_kept(*database);
    CHECK(check().empty());
  }

  SECTION("wait for a transaction that may not see the mark") {
    value(record(*database, event_at(5)));
    const std::unique_ptr<PGconn, decltype(&PQfinish)> other(
        PQconnectdb(cluster->url(name).c_str()), &PQfinish);
    const auto say = [&](const char* sql) { PQclear(PQexec(other.get(), sql)); };
    say("begin");
    say("insert into audit_logs (timestamp, event_type, action, \"user\", success, details) values "
        "(6, 'SECURITY', 'login_success', 'anna', true, '{}')");
    keep_days(*database);
    CHECK(cluster->execute(name, "select count(*) from audit_rolled where state = 2") == "0");
    say("commit");
    keep_days(*database);
    CHECK(cluster->execute(name, "select count(*) from audit_rolled where state = 2") == "1");
    CHECK(statistics_of(*database).total.succeeded == 2);
    CHECK(check().empty());
  }
}

} // namespace baluhost::test
