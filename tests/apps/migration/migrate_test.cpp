#include "migration/migrate_fixture.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <iterator>
#include <set>

using namespace baluhost::test;

TEST_CASE("The tool sees every table and column of the source", "[migrate][spec-03]") {
  Source source;
  const std::string target = make_postgres_database();
  sqlite(source.database, "create table extra (x); alter table users add column nickname text");
  auto done = migrate(arguments(source, target));
  CHECK(done.exit_code == 1);
  const Json report = report_of(source);
  CHECK(report["result"].text() == "failed");
  CHECK(report["findings"].size() == 2);
  CHECK(psql(target, "select count(*) from pg_tables where schemaname = 'public'") == "0");
}

TEST_CASE("A full migration moves every row, verifies, and the server runs on the target at once",
          "[migrate][spec-04][spec-05]") {
  Source source;
  const std::string target = make_postgres_database();
  const std::string before = read_file(source.database);

  auto dry = arguments(source, target);
  dry.push_back("--dry-run");
  const std::string empty = dump(target);
  REQUIRE(migrate(dry).exit_code == 0);
  CHECK(report_of(source)["result"].text() == "dry_run");
  CHECK(dump(target) == empty);

  const auto done = migrate(arguments(source, target));
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  const Json report = report_of(source);
  CHECK(report.keys() == std::vector<std::string>{"error", "findings", "finished_at", "result",
                                                  "source", "started_at", "steps", "tables",
                                                  "target", "tool", "version"});
  CHECK(report["result"].text() == "ok");
  REQUIRE(report["tables"].size() == kTables.size());
  for (std::size_t i = 0; i < kTables.size(); ++i) {
    const Json table = report["tables"][i];
    INFO(table.dump());
    CHECK(table["source_checksum"].text() == table["target_checksum"].text());
    const std::set<std::string> may_be_empty{"audit_prunes",  "audit_former", "audit_tags",
                                             "tree_removals", "trash",        "tree_records",
                                             "versions"};
    if (!may_be_empty.contains(table["table"].text())) CHECK(table["source_rows"].integer() > 0);
    CHECK(table["source_rows"].integer() ==
          std::stoll(sqlite(source.database, "select count(*) from " + table["table"].text())));
  }
  CHECK(psql(target, "select quota_bytes from users where username = '" + source.anna + "'") ==
        "9007199254740993");
  CHECK(psql(target, "select state from migration_runs") == "done");
  CHECK(read_file(source.database) == before);
  bool backup = false;
  for (const auto& entry : std::filesystem::directory_iterator{source.server.data_dir() + "/.."}) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("baluhost_sqlite_") || !name.ends_with(".db")) continue;
    backup = true;
    CHECK(sqlite(entry.path().string(), "pragma integrity_check") == "ok");
    CHECK((std::filesystem::status(entry.path()).permissions() &
           std::filesystem::perms::others_all) == std::filesystem::perms::none);
  }
  CHECK(backup);

  Server moved{{.data_dir = source.server.data_dir(), .database_url = target}};
  Api again{moved};
  CHECK(again.post("/api/v1/auth/refresh", "{\"refresh_token\":\"" + source.refresh_token + "\"}")
            .status == 200);
  CHECK(again.login(source.anna, kPassword).status == 200);
  CHECK(again.get("/api/v1/files/" + source.anna + "/d/plain.txt").body == "content of plain.txt");
  CHECK(again.put("/api/v1/files/" + source.anna + "/new", "x").status == 201);
  const auto migrated = again.events("action=database_migrated");
  REQUIRE(migrated.size() == 1);
  CHECK(migrated[0]["event_type"].text() == "SYSTEM");
  CHECK(migrated[0]["success"].flag());
  CHECK(migrated[0]["resource"].is_null());
  CHECK(migrated[0]["user"].text().starts_with("cli:"));
  CHECK(migrated[0]["details"].keys() == std::vector<std::string>{"rows", "source", "tables"});
  CHECK(migrated[0]["details"]["tables"].integer() == static_cast<std::int64_t>(kTables.size()));
  CHECK(again.events("action=download&success=false&resource=/" + source.anna + "/large").size() ==
        1); // what the dead instance left
  CHECK(again.events("action=recovery_completed&success=false").empty());
  const auto verified = moved.ctl({"audit", "verify"});
  INFO(verified.out);
  CHECK(verified.exit_code == 0);
  moved.stop();

  // And the other way.
  const std::string back = source.server.data_dir() + "/back.db";
  const auto returned = run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhost-migrate", "--yes",
                             "--from", target, "--to", "sqlite:" + back, "--no-backup",
                             "--data-dir", source.server.data_dir(), "--report", back + ".json"});
  INFO(returned.err);
  REQUIRE(returned.exit_code == 0);
  Server home{{.data_dir = source.server.data_dir(), .database_url = "sqlite:" + back}};
  Api last{home, source.anna};
  CHECK(last.get("/api/v1/files/" + source.anna + "/new").body == "x");
}

TEST_CASE("A row that is lost or changed is found, and rollback empties the target", "[migrate]") {
  Source source;
  const std::string target = make_postgres_database();
  const std::string empty = dump(target);
  REQUIRE(migrate(arguments(source, target)).exit_code == 0);
  auto compare = arguments(source, target);
  compare.push_back("--verify-only");
  CHECK(migrate(compare).exit_code == 0);
  psql(target, "update users set email = 'c@d.example' where email is not null");
  CHECK(migrate(compare).exit_code == 3);
  CHECK(report_of(source)["result"].text() == "failed");
  auto back = arguments(source, target);
  back.push_back("--rollback");
  REQUIRE(migrate(back).exit_code == 0);
  CHECK(report_of(source)["result"].text() == "rolled_back");
  CHECK(dump(target) == empty);
  CHECK(migrate(arguments(source, target)).exit_code == 0);
}

TEST_CASE("It works on the source of an idle running server", "[migrate]") {
  Source source;
  source.server.start();
  Api anna{source.server, source.anna};
  const std::string target = make_postgres_database();
  const auto done = migrate(arguments(source, target));
  INFO(done.err);
  CHECK(done.exit_code == 0);
}

TEST_CASE("The target has the schema that a server makes, its keys and indexes included",
          "[migrate]") {
  Source source;
  const std::string target = make_postgres_database();
  REQUIRE(migrate(arguments(source, target)).exit_code == 0);
  const std::string fresh = make_postgres_database();
  { Server server{{.database_url = fresh}}; }
  const auto schema = [](const std::string& url) {
    return run({"sh", "-c", "pg_dump --schema-only -d \"$0\" | grep -v restrict", url}).out;
  };
  REQUIRE(schema(fresh).find("audit_leaves_event_id_key") != std::string::npos);
  CHECK(schema(target) == schema(fresh));
}

TEST_CASE("A trail that was tampered with is not called migrated", "[migrate]") {
  for (const auto& [tampering, kind] :
       {std::pair{"update audit_logs set ip_address = '198.51.100.7' where id = 2",
                  "event_changed"},
        std::pair{"delete from audit_logs where id = 2", "event_missing"},
        std::pair{"update audit_seals set sealed_at = sealed_at + 1 where number = 1",
                  "bad_signature"}}) {
    INFO(tampering);
    Source source;
    const std::string target = make_postgres_database();
    sqlite(source.database, tampering);
    CHECK(migrate(arguments(source, target)).exit_code == 3);
    CHECK(report_of(source)["error"].text().find(kind) != std::string::npos);
    CHECK(state_of(target) == "failed");
  }
}

TEST_CASE("The directory of the backup is made, for its owner alone, and not where it cannot be",
          "[migrate][fault-34]") {
  Source source;
  const std::string target = make_postgres_database();
  const std::string directory = source.server.data_dir() + "/../backups/of today";
  const auto with = [&](const std::string& backups) {
    return std::vector<std::string>{
        "--from",       source.url, "--to",     target,
        "--backup-dir", backups,    "--report", source.server.data_dir() + "/../report.json"};
  };
  const auto refused = migrate(with(source.database + "/below"));
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find(source.database + "/below cannot be made") != std::string::npos);
  const auto done = migrate(with(directory));
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  CHECK(std::filesystem::status(directory).permissions() == std::filesystem::perms::owner_all);
  CHECK(std::distance(std::filesystem::directory_iterator{directory}, {}) == 1);
}

TEST_CASE("A key that refers to nothing is found with its column", "[migrate][fault-34]") {
  Source source;
  const std::string target = make_postgres_database();
  sqlite(source.database,
         "pragma foreign_keys = off; update files set owner_id = 4711 where kind = 'file'; "
         "update sessions set user_id = 4712; update grants set grantee_id = 4713");
  CHECK(migrate(arguments(source, target)).exit_code == 1);
  const Json findings = report_of(source)["findings"];
  std::set<std::string> named;
  for (std::size_t i = 0; i < findings.size(); ++i)
    named.insert(findings[i]["table"].text() + "." + findings[i]["column"].text());
  CHECK(named == std::set<std::string>{"files.owner_id", "sessions.user_id", "grants.grantee_id"});
}
