#include "postgres/own_database.hpp"
#include "sql/figures_cases.hpp"

namespace baluhost::test {

TEST_CASE("figures that PostgreSQL keeps of days") {
  const auto own = own_database();
  if (!own) return;
  const auto database = value(make_postgres_database(own->options));
  const auto check = [&] { return value(check_postgres(own->options)); };

  SECTION("are checked, and made anew") {
    check_and_make_anew(
        *database, [&](const std::string& sql) { own->execute(sql); }, check,
        [&] { value(reindex_postgres(own->options)); });
  }

  SECTION("stay right while others write to their days") {
    write_while_days_are_kept(*database);
    CHECK(check().empty());
  }

  SECTION("wait for a transaction that may not see the mark") {
    value(record(*database, event_at(5)));
    const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(own->options.url.c_str()),
                                                             &PQfinish);
    const auto say = [&](const char* sql) { PQclear(PQexec(other.get(), sql)); };
    say("begin");
    say("insert into audit_logs (timestamp, event_type, action, \"user\", success, details) values "
        "(6, 'SECURITY', 'login_success', 'anna', true, '{}')");
    keep_days(*database);
    CHECK(own->execute("select count(*) from audit_rolled where state = 2") == "0");
    say("commit");
    keep_days(*database);
    CHECK(own->execute("select count(*) from audit_rolled where state = 2") == "1");
    CHECK(statistics_of(*database).total.succeeded == 2);
    CHECK(check().empty());
  }
}

} // namespace baluhost::test
