// Every fault that a source may have, alone and together with a target's: refused before anything
// is written, with all findings in one report.

#include "migration/migrate_refusals_fixture.hpp"

#include "baluhost/test/small_disk.hpp"

#include <functional>

using namespace baluhost::test;

TEST_CASE("Each fault of a source is refused before anything is written", "[migrate_refusals]") {
  struct Case {
    std::string name;
    std::function<void(Copy&)> damage;
    std::vector<Finding> findings;
  };
  const auto by = [](const std::string& statements) {
    return [statements](Copy& source) { source.sql(statements); };
  };
  const std::string target = make_postgres_database();
  const std::string before = dump(target);
  const SmallDisk tiny{"size=16k"}, read_only{"ro"};
  for (const Case& c : std::vector<Case>{
           {"U+0000",
            by("update audit_logs set details = 'a' || char(0) || 'b' where id = 1"),
            {{"audit_logs", "details", "id 1", "holds U+0000"}}},
           {"invalid UTF-8",
            by("update users set email = cast(x'c328' as text) where id = 2"),
            {{"users", "email", "id 2", "is not valid UTF-8"}}},
           {"a surrogate in UTF-8",
            by("update audit_logs set resource = cast(x'eda080' as text) where id = 2"),
            {{"audit_logs", "resource", "id 2", "is not valid UTF-8"}}},
           {"text where a number belongs",
            by("update audit_logs set timestamp = 'soon' where id = 1"),
            {{"audit_logs", "timestamp", "id 1", "is not an integer"}}},
           {"a fraction where an integer belongs",
            by("update audit_logs set timestamp = 1.5 where id = 1"),
            {{"audit_logs", "timestamp", "id 1", "is not an integer"}}},
           {"bytes where text belongs",
            by("update audit_logs set user_agent = x'00ff' where id = 1"),
            {{"audit_logs", "user_agent", "id 1", "is not text"}}},
           {"neither true nor false",
            by("pragma ignore_check_constraints = on; update audit_logs set success = 7 where id = "
               "1"),
            {{"audit_logs", "success", "id 1", "is neither 0 nor 1"}}},
           {"values that the schema forbids",
            by("pragma ignore_check_constraints = on; update users set role = 'king' where id = 1; "
               "update grants set rights = 16;"
               "update files set kind = 'link' where id = (select min(id) from files); update "
               "files set sha256 = null where id = (select max(id) from files)"),
            {{"users", "role", "id 1", "forbids"},
             {"grants", "rights", "", "forbids"},
             {"files", "kind", "", "forbids"},
             {"files", "blob", "", "forbids"}}},
           {"a resource too long",
            by("update audit_logs set resource = printf('%.*c', 1001, 'x') where id = 1"),
            {{"audit_logs", "resource", "id 1", "longer than 1000 characters"}}},
           {"an address too long",
            by("update audit_logs set ip_address = printf('%.*c', 46, '1') where id = 1"),
            {{"audit_logs", "ip_address", "id 1", "longer than 45 characters"}}},
           {"an orphan",
            by("pragma foreign_keys = off; delete from sessions where id = (select session_id from "
               "refresh_tokens limit 1)"),
            {{"refresh_tokens", "session_id", "",
              "refers to a row of sessions that is not there"}}},
           {"a name twice",
            let_duplicates_in,
            {{"users", "username", "admin", "stands in several rows and must be unique"}}},
           {"a home twice",
            by("drop index files_home; insert into files (name, kind, owner_id, created_at, "
               "modified_at) select name, kind, owner_id, 1, 1 from files where parent_id is null "
               "limit 1"),
            {{"files", "name", "", "stands in several rows and must be unique"}}},
           {"a newer schema",
            by("insert into schema_version values (99)"),
            {{"schema_version", "version", "", "schema version 99"}}},
           {"an older schema",
            by("delete from schema_version where version = (select max(version) from "
               "schema_version)"),
            {{"schema_version", "version", "", "upgrades it"}}},
           {"no schema version",
            by("delete from schema_version"),
            {{"", "", "", "the source is empty"}}},
           {"a table too many", by("create table extra (x)"), {{"extra", "", "", "would be lost"}}},
           {"a column too many",
            by("alter table users add column nickname text"),
            {{"users", "nickname", "", "would be lost"}}},
           {"a column too few",
            by("alter table users drop column unlocked_at"),
            {{"users", "unlocked_at", "", "is missing"}}},
           {"another program's database",
            by("drop table schema_version"),
            {{"", "", "", "the database of another program"}}},
           {"no database",
            [](Copy& source) { write_file(source.database, std::string(8192, 'x')); },
            {{"", "", "", "the source cannot be read"}}},
           {"an empty file",
            [](Copy& source) { write_file(source.database, ""); },
            {{"", "", "", "the source is empty"}}},
           {"no file",
            [](Copy& source) { std::filesystem::remove(source.database); },
            {{"", "", "", "there is no such file"}}},
           {"no keys",
            [](Copy& source) { std::filesystem::remove_all(source.keys()); },
            {{"", "", "", "--data-dir"}}},
           {"something else in place of the keys",
            [](Copy& source) { write_file(source.keys() + "/audit-ed25519.pub.pem", "x"); },
            {{"", "", "", "no public key"}}},
           {"a file in the way of the directory for the backup",
            [](Copy& source) { source.backups = source.database + "/none"; },
            {{"", "", "", "the backup directory"}}},
           {"a file as the directory for the backup",
            [](Copy& source) { source.backups = source.database; },
            {{"", "", "", "the backup directory"}}},
       }) {
    INFO(c.name);
    Copy source;
    c.damage(source);
    check_refused(source, source.from, target, c.findings);
  }
  if (tiny.mounted()) {
    Copy source;
    source.backups = tiny.path();
    check_refused(source, source.from, target, {{"", "", "", "the backup needs"}});
  }
  if (read_only.mounted()) {
    Copy source;
    source.backups = read_only.path();
    check_refused(source, source.from, target, {{"", "", "", "the backup directory"}});
  }
  CHECK(dump(target) == before);
}

TEST_CASE("All faults stand in one report", "[migrate_refusals]") {
  Copy source;
  let_duplicates_in(source);
  source.sql(
      "pragma foreign_keys = off; delete from sessions where id = (select session_id from "
      "refresh_tokens limit 1); create table extra (x);"
      "update audit_logs set details = 'a' || char(0), resource = cast(x'ff' as text), timestamp = "
      "'soon', user_agent = printf('%.*c', 501, 'x') where id = 1;"
      "update users set email = 'a' || char(0) where id = 2");
  std::filesystem::remove_all(source.keys());
  write_file(source.directory.path() + "/in-the-way", "no directory");
  source.backups = source.directory.path() + "/in-the-way/none";
  const std::string target = make_like("", "encoding 'LATIN1' locale 'C'");
  psql(target, "create table theirs (x int)");
  const std::string before = dump(target);
  const std::vector<Finding> of_source{{"users", "username", "admin", "must be unique"},
                                       {"refresh_tokens", "session_id", "", "is not there"},
                                       {"extra", "", "", "would be lost"},
                                       {"audit_logs", "details", "id 1", "U+0000"},
                                       {"audit_logs", "resource", "id 1", "not valid UTF-8"},
                                       {"audit_logs", "timestamp", "id 1", "not an integer"},
                                       {"audit_logs", "user_agent", "id 1", "longer than 500"},
                                       {"users", "email", "id 2", "U+0000"},
                                       {"", "", "", "--data-dir"},
                                       {"", "", "", "the backup directory"}};
  auto both = of_source;
  both.insert(both.end(), {{"", "", "", "may not create tables"},
                           {"", "", "", "encoding is LATIN1"},
                           {"", "", "", "the tables of another program"}});
  check_refused(source, source.from, as_role(target, stranger()), both);
  CHECK(dump(target) == before);

  // A side that cannot even be opened hides nothing of the other.
  auto unreached = of_source;
  unreached.push_back({"", "", "", "the target cannot be reached"});
  check_refused(source, source.from, "postgresql://postgres@127.0.0.1:1/none", unreached);
  std::filesystem::remove(source.database);
  check_refused(source, source.from, as_role(target, stranger()),
                {{"", "", "", "there is no such file"},
                 {"", "", "", "the backup directory"},
                 {"", "", "", "may not create tables"},
                 {"", "", "", "encoding is LATIN1"},
                 {"", "", "", "the tables of another program"}});
  CHECK(dump(target) == before);
}

TEST_CASE("Wrong usage is exit 2, and says what is wrong", "[migrate_refusals]") {
  const Copy source;
  const auto refused = [&](std::vector<std::string> arguments, const std::string& why) {
    const auto done = migrate(std::move(arguments));
    INFO(done.err);
    CHECK(done.exit_code == 2);
    CHECK(done.err.find(why) != std::string::npos);
    CHECK(done.out.empty());
  };
  refused({"--from", source.from, "--to", "mysql://u:secret@x"},
          "is not sqlite:PATH or postgresql://");
  refused({"--from", source.from}, "baluhost-migrate: --to is required\n");
  refused({"--from", source.from, "--to", source.from + "-2"},
          "one side must be sqlite:PATH and the other postgresql://");
  refused({"--from", "postgresql:///x", "--to", "postgresql:///y"},
          "one side must be sqlite:PATH and the other postgresql://");
  refused({"--from", source.from, "--to", "postgresql:///x", "--dry-run", "--resume"},
          "exclude one another");
  refused({"--from", source.from, "--to", "postgresql:///x", "--batch", "0"},
          "baluhost-migrate: --batch must be from 1 to 100000000\n");
}
