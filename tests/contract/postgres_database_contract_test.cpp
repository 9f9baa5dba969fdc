#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/database_contract.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"

#include <catch2/catch.hpp>

#include <utility>

namespace baluhost::contract {
namespace {

/// A database as good as new: making another one takes the server much longer than emptying this.
std::unique_ptr<Database> make() {
  auto& cluster = *test::PostgresCluster::shared();
  static const std::string name = cluster.make_database();
  static bool is_used = false;
  if (std::exchange(is_used, true)) {
    const auto tables = cluster.execute(
        name,
        "select string_agg(quote_ident(tablename), ', ') from pg_tables where schemaname = 'public'"
        " and tablename not in ('schema_version', 'identity_version')");
    cluster.execute(name, "truncate " + tables + " restart identity");
  }
  PostgresOptions options;
  options.url = cluster.url(name);
  auto database = make_postgres_database(options);
  if (!database) FAIL("no database: " << database.error().detail);
  return *std::move(database);
}

} // namespace

// One case, so that one server serves all.
TEST_CASE("the postgres database keeps its contracts") {
  if (test::PostgresCluster::shared() == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  SECTION("of transactions") {
    check([&] { database_contract(make); });
  }
  SECTION("of users") {
    check([&] { users_contract(make); });
  }
  SECTION("of sessions") {
    check([&] { sessions_contract(make); });
  }
  SECTION("of keys") {
    check([&] { keys_contract(make); });
  }
  SECTION("of second factors") {
    check([&] { second_factors_contract(make); });
  }
  SECTION("of challenges") {
    check([&] { challenges_contract(make); });
  }
  SECTION("of grants") {
    check([&] { grants_contract(make); });
  }
  SECTION("of shares") {
    check([&] { shares_contract(make); });
  }
  SECTION("of files") {
    check([&] { files_contract(make); });
  }
  SECTION("of blobs and their files") {
    check([&] { blobs_contract(make); });
  }
  SECTION("of the trash") {
    check([&] { trash_contract(make); });
  }
  SECTION("of tree records") {
    check([&] { tree_records_contract(make); });
  }
  SECTION("of versions") {
    check([&] { versions_contract(make); });
  }
  SECTION("of uploads") {
    check([&] { uploads_contract(make); });
  }
  SECTION("of transfers") {
    check([&] { transfers_contract(make); });
  }
  SECTION("of archives") {
    check([&] { archives_contract(make); });
  }
  SECTION("of search") {
    check([&] { search_contract(make); });
  }
  SECTION("of the audit trail") {
    check([&] { audit_contract(make); });
  }
  SECTION("of statistics") {
    check([&] { statistics_contract(make); });
  }
  SECTION("of seals") {
    check([&] { seals_contract(make); });
  }
}

} // namespace baluhost::contract
