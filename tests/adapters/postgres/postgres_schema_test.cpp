#include "../../adapters/postgres/src/schema.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "postgres/own_database.hpp"
#include "sql/sql_fixture.hpp"
#include "sql/structure_cases.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

// One case, so that one server serves all sections.
namespace baluhost::test {
namespace {

/// What the plan of a query names, on a table that is large enough to be worth an index.
std::string plan(const PostgresCluster& cluster, const std::string& name, const std::string& rest) {
  return cluster.execute(name, "explain (format json) select * from audit_logs a " + rest);
}

} // namespace

TEST_CASE("the schema of the postgres database", "[spec-57][spec-58][spec-59]") {
  const auto own = own_database();
  if (!own) return;
  PostgresCluster& cluster = own->cluster;
  const std::string& name = own->name;

  SECTION(
      "makes its schema once and says so; audit_logs has exactly its columns, types and indexes") {
    std::vector<SchemaChange> changes;
    auto options = own->options;
    options.on_schema_change = [&](const SchemaChange& made) { changes.push_back(made); };
    value(make_postgres_database(options));
    value(make_postgres_database(options));
    REQUIRE(changes.size() == 1);
    CHECK(changes.front().from == 0);
    CHECK(changes.front().to == postgres_schema_version());
    CHECK(postgres_schema_version() == sqlite_schema_version());
    CHECK(cluster.execute(
              name,
              "select string_agg(format('%s %s %s %s', column_name, data_type, "
              "coalesce(character_maximum_length, 0),"
              " is_nullable), ', ' order by ordinal_position) from information_schema.columns"
              " where table_name = 'audit_logs'") ==
          "id bigint 0 NO, timestamp bigint 0 NO, event_type character varying 50 NO, action "
          "character varying 100 NO, "
          "user character varying 100 YES, resource character varying 1000 YES, success boolean 0 "
          "NO, error_message text 0 YES, "
          "details text 0 NO, ip_address character varying 45 YES, user_agent character varying "
          "500 YES");
    CHECK(cluster.execute(name,
                          "select string_agg(substring(indexdef from '\\(.*\\)'), ' ' order by "
                          "indexname) from pg_indexes"
                          " where tablename = 'audit_logs'") ==
          "(action) (event_type, \"timestamp\") (ip_address, \"timestamp\") WHERE (ip_address IS "
          "NOT NULL) (\"left\"((resource)::text, 600)) WHERE (octet_length((resource)::text) > "
          "2600) (id) (resource) WHERE (octet_length((resource)::text) <= 2600) (success, "
          "\"timestamp\") (\"timestamp\") (\"user\", \"timestamp\")");

    cluster.execute(name,
                    "insert into audit_logs (timestamp, event_type, action, \"user\", resource, "
                    "success, ip_address) select i * 1000,"
                    " case when i % 1000 = 0 then 'SYSTEM' else 'FILE_ACCESS' end, 'action' || i % "
                    "1000, 'user' || i % 3000, '/r/' || i % 5000,"
                    " i % 1000 <> 0, '192.0.2.' || i % 200 from generate_series(1, 30000) i; "
                    "analyze audit_logs");
    const std::string order = " order by a.timestamp desc, a.id desc limit 100";
    const std::vector<std::pair<std::string, std::string>> filters{
        {"event_type = 'SYSTEM'", "audit_logs_event_type_timestamp"},
        {"\"user\" = 'user7'", "audit_logs_user_timestamp"},
        {"success = false", "audit_logs_success_timestamp"},
        {"action = 'action7'", "audit_logs_action"},
        {"ip_address = '192.0.2.7'", "audit_logs_ip_address_timestamp"},
        {"resource = '/r/77' and octet_length(resource) <= 2600", "audit_logs_resource"},
        {"resource >= '/r/77' and resource < '/r/78' and octet_length(resource) <= 2600",
         "audit_logs_resource"}};
    for (const auto& [filter, index] : filters) {
      for (const std::string range : {"", " and timestamp >= 5000000 and timestamp < 25000000"}) {
        INFO(filter << range);
        CHECK(plan(cluster, name, "where " + filter + range + order).find(index) !=
              std::string::npos);
      }
    }
    CHECK(plan(cluster, name, "where timestamp > 5" + order).find("audit_logs_timestamp") !=
          std::string::npos);
  }

  SECTION("has the tables and columns of the sqlite database") {
    value(make_postgres_database(own->options));
    TemporaryDirectory directory;
    value(make_sqlite_database({.path = directory / "baluhost.db"}));
    std::set<std::string> columns;
    RawSqlite raw(directory / "baluhost.db");
    // audit_order belongs to SQLite's way through its indexes alone, files_search is its index of
    // names.
    for (const auto& row : raw.rows(
             "select m.name || '.' || c.name from sqlite_master m join pragma_table_info(m.name) c"
             " where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> "
             "'audit_order' and m.name not like 'files\\_search%' escape '\\'")) {
      columns.insert(row.at(0));
    }
    std::string joined;
    for (const auto& column : columns) joined += column + " ";
    CHECK(cluster.execute(
              name,
              "select string_agg(table_name || '.' || column_name || ' ', '' order by (table_name "
              "|| '.' || column_name)"
              " collate \"C\") from information_schema.columns where table_schema = 'public'") ==
          joined);
  }

  SECTION("has the shipped steps of its schema as they were") {
    CHECK(digests_of(postgres::schema_steps()) ==
          std::vector<std::string>{
              "eecae313591c7061", "66729948e78fe8a9", "ab40192f2e6d9fe6", "5bed8247c4bfa055",
              "520b1166e3a42a24", "3a6cf9d6ee211803", "48c638e552dc2bf8", "0d2d37e4db961be6",
              "24775bd5d5d604ec", "5f14524d7fa5690b", "1606dce3c072b8fa", "8904d6d1003af464",
              "88fd288ae395738e",

              "38d82825924b887b", "330feab79cf45b69", "c5230f907c159a4f", "0f6f7b6431bb85ac",
              "1dac1119f1c7512a", "3eb3d785e78175c3", "71227ff7f8bf0917", "f86d61c24890c0a4"});
  }

  SECTION("upgrades an old schema and counts what it held") {
    cluster.execute(name,
                    std::string{postgres::schema_steps().front().sql} +
                        "; insert into schema_version values (1);"
                        " insert into audit_logs (timestamp, event_type, action, \"user\", "
                        "success, details) values"
                        " (1, 'FILE_ACCESS', 'download', 'anna', true, '{\"bytes_sent\":5}'), (-1, "
                        "'SECURITY', 'login_failed', null, false, '{}'),"
                        " (5, 'SECURITY', 'login_success', 'anna', true, 'not json')");
    auto options = own->options;
    options.create = false;
    const auto refused = make_postgres_database(options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
    const auto database = value(make_postgres_database(own->options));
    const auto found = statistics_of(*database);
    CHECK(found.total.succeeded == 2);
    CHECK(found.total.failed == 1);
    CHECK(found.bytes_downloaded == 5);
  }

  SECTION(
      "gives grants of any earlier version their giver by the name, if the account is old enough") {
    for (std::size_t version = 1; version <= 5; ++version) {
      const std::string old = cluster.make_database();
      std::string script;
      for (const auto& step : std::span(postgres::schema_steps()).first(version)) {
        script += std::string{step.sql} + "; insert into schema_version values (" +
                  std::to_string(step.version) + ");";
      }
      cluster.execute(old, script + kOldGrants);
      value(make_postgres_database(OwnDatabase{.cluster = cluster, .name = old}.options));
      std::string wanted;
      for (const auto& line : kUpgradedGrants) wanted += (wanted.empty() ? "" : ";") + line;
      CHECK(cluster.execute(old, std::string{"select string_agg(line, ';') from ("} +
                                     kOldGrantsNow + ") l") == wanted);
    }
  }

  SECTION("counts the entries and unfinished uploads of an old database when it upgrades it") {
    for (const auto& step : postgres::schema_steps()) {
      if (step.version > 5) break;
      cluster.execute(name, std::string{step.sql} + "; insert into schema_version values (" +
                                std::to_string(step.version) + ")");
    }
    cluster.execute(name,
                    "insert into users (id, username, role, enabled, used_bytes, file_count, "
                    "password_hash, created_at, updated_at)"
                    " values (1, 'anna', 'user', true, 0, 0, '', 1, 1), (2, 'bert', 'user', true, "
                    "0, 0, '', 1, 1);"
                    "insert into files (id, parent_id, name, kind, owner_id, created_at, "
                    "modified_at) values (1, null, 'anna', 'directory', 1, 1, 1),"
                    " (2, 1, 'a', 'directory', 1, 1, 1), (3, 2, 'b', 'directory', 1, 1, 1), (4, "
                    "null, 'bert', 'directory', 2, 1, 1);"
                    "insert into uploads values ('u1', 1, 'anna', '/anna/x', 100, 0, false, false, "
                    "null, 1, 2), ('u2', 2, 'anna', '/anna/y', 20, 19, false, false, null, 1, 2),"
                    " ('u3', 2, 'anna', '/anna/z', 7, 7, false, false, null, 1, 2), ('u4', 1, "
                    "'bert', '/bert/z', 9223372036854775807, 1, false, false, null, 1, 2)");
    value(make_postgres_database(own->options));
    CHECK(cluster.execute(name,
                          "select string_agg(entry_count || '/' || tree_version || '/' || removed, "
                          "' ' order by id) from users") == "2/0/false 0/0/false");
    CHECK(
        cluster.execute(name,
                        "select string_agg(kind || ' ' || key || ' ' || uploads || ' ' || bytes, "
                        "', ' order by kind, key) from upload_totals") ==
        "creator 1 2 70368744177764, creator 2 1 20, home anna 2 120, home bert 1 70368744177664");
  }

  SECTION("keeps downloads on record that were under way before an upgrade") {
    for (const std::int64_t version : {6, 20}) {
      const std::string old = cluster.make_database();
      for (const auto& step : postgres::schema_steps()) {
        if (step.version > version) break;
        cluster.execute(old, std::string{step.sql} + "; insert into schema_version values (" +
                                 std::to_string(step.version) + ")");
      }
      cluster.execute(old, kOldTransfers);
      value(make_postgres_database(OwnDatabase{.cluster = cluster, .name = old}.options));
      CHECK(cluster.execute(old,
                            "select string_agg(concat_ws(' ', instance_id, first_id, downloads, "
                            "since_id, coalesce(mac, 'none')), '; ' order by first_id) from "
                            "transfer_groups") == "dead 7 1 7 none; dead 9 1 9 none");
      for (std::size_t i = 0; i < kUpgradedTransfers.size(); ++i) {
        CHECK(cluster.execute(old, "select events::json::jsonb = '" + kUpgradedTransfers[i] +
                                       "'::jsonb from transfer_groups order by first_id offset " +
                                       std::to_string(i) + " limit 1") == "t");
      }
    }
  }

  SECTION("is compared with its description by a check") {
    value(make_postgres_database(own->options));
    check_structure([&](const std::string& sql) { own->execute(sql); },
                    [&] { return value(check_postgres(own->options)); });
  }

  SECTION("refuses a newer schema, another program's tables and a half-done migration") {
    value(make_postgres_database(own->options));
    cluster.execute(
        name, "insert into migration_runs values ('1', 'elsewhere', 'running', 1, null, null)");
    CHECK(make_postgres_database(own->options).error().code == Errc::conflict);
    cluster.execute(name, "delete from migration_runs; insert into schema_version values (99)");
    CHECK(make_postgres_database(own->options).error().code == Errc::conflict);
    const std::string other = cluster.make_database();
    cluster.execute(other, "create table users (name text)");
    CHECK(make_postgres_database(OwnDatabase{.cluster = cluster, .name = other}.options)
              .error()
              .code == Errc::conflict);
  }
}

} // namespace baluhost::test
