#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/pgbouncer.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "postgres/own_database.hpp"
#include "sql/sql_fixture.hpp"

#include <string>

// What the adapter relies on is looked at when a database is opened, and refused with words that
// say what to do.
namespace baluhost::test {
namespace {

Result<std::unique_ptr<Database>> open(const std::string& url) {
  PostgresOptions options;
  options.url = url;
  return make_postgres_database(options);
}

bool mentions(const Error& error, std::string_view text) {
  return error.detail.find(text) != std::string::npos;
}

} // namespace

TEST_CASE("a database that cannot hold every text is refused when it is opened", "[fault-08]") {
  PostgresCluster* const cluster = shared_cluster();
  if (cluster == nullptr) return;
  for (const std::string encoding : {"LATIN1", "SQL_ASCII"}) {
    INFO(encoding);
    const std::string name = "encoded_" + encoding;
    cluster->execute("postgres", "create database \"" + name + "\" template template0 encoding '" +
                                     encoding + "' locale 'C'");
    const auto refused = open(cluster->url(name));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
    CHECK(mentions(refused.error(), "the encoding " + encoding));
    CHECK(mentions(refused.error(), "encoding 'UTF8'"));
    CHECK(cluster->execute(name, "select count(*) from pg_tables where schemaname = 'public'") ==
          "0"); // nothing was made in it
  }
  const auto refused = open(cluster->url(cluster->make_database()) + "&client_encoding=LATIN1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::conflict);
  CHECK(mentions(refused.error(), "leave client_encoding out"));
}

TEST_CASE("a pooler that takes the server's process away is refused: one that leaves it serves",
          "[fault-09]") {
  PostgresCluster* const cluster = PostgresCluster::shared();
  if (cluster == nullptr || !PgBouncer::is_installed()) {
    WARN("left out: PostgreSQL or PgBouncer is not installed");
    return;
  }
  const std::string name = cluster->make_database();
  value(open(cluster->url(name)));

  SECTION("for a transaction or a statement") {
    for (const std::string mode : {"transaction", "statement"}) {
      INFO(mode);
      const PgBouncer pooler(cluster->directory(), mode);
      const auto refused = open(pooler.url(name));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Errc::conflict);
      CHECK(mentions(refused.error(), "pool_mode = session"));
      PostgresOptions options;
      options.url = pooler.url(name);
      CHECK(check_postgres_pooling(options).error().code == Errc::conflict);
    }
  }

  SECTION("never, and is refused from the moment when that changes") {
    const PgBouncer pooler(cluster->directory(), "session");
    PostgresOptions options;
    options.url = pooler.url(name);
    const auto database = value(make_postgres_database(options));
    value(check_postgres_pooling(options));
    value(record(*database, event_at(1)));
    pooler.set_pool_mode("transaction");
    value(record(*database, event_at(2)));
    // Takes the process that was ours until then.
    const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(pooler.url(name).c_str()),
                                                             PQfinish);
    PQclear(PQexec(other.get(), "begin; select 1"));
    const auto refused = record(*database, event_at(3));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
    CHECK(mentions(refused.error(), "pool_mode = session"));
    CHECK(trail(*value(open(cluster->url(name)))).size() == 2);
  }
}

} // namespace baluhost::test
