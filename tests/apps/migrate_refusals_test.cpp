// Every fault that a source or a target may have, alone and together: refused before anything is
// written, with all findings in one report.

#include "migrate_fixture.hpp"

#include "baluhost/test/pgbouncer.hpp"
#include "baluhost/test/small_disk.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

using namespace baluhost::test;

namespace {

const std::string kBinaries{BALUHOST_TEST_BIN_DIR};

/// A copy of one server's data on SQLite, to be spoilt.
struct Copy {
  TempDirectory directory;
  std::string database{directory.path() + "/data/baluhost.db"};
  std::string from{"sqlite:" + database};
  std::string backups{directory.path()};

  Copy() {
    static const Source original;
    std::filesystem::create_directory(directory.path() + "/data");
    std::filesystem::copy_file(original.database, database);
    std::filesystem::copy(original.server.data_dir() + "/keys", keys(),
                          std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::string keys() const { return directory.path() + "/data/keys"; }
  void sql(const std::string& statements) const { sqlite(database, statements); }
};

std::string admin_url() {
  const std::string url = read_file(std::getenv("BALUHOST_TEST_POSTGRES"));
  return url.substr(0, url.find_last_not_of('\n') + 1);
}
/// Another database like `model`, or an empty one of another encoding.
std::string make_like(const std::string& model, const std::string& how = {}) {
  static int count = 0;
  const std::string name = "refusal_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  psql(admin_url(), "create database " + name + " template " +
                        (model.empty() ? "template0 " + how : model.substr(model.rfind('/') + 1)));
  return admin_url().substr(0, admin_url().rfind('/') + 1) + name;
}
std::string as_role(std::string url, const std::string& role) {
  return url.replace(url.find("//postgres@") + 2, 8, role);
}
/// A role that may connect and no more.
std::string stranger() {
  static const std::string name = [] {
    const std::string made = "stranger_" + std::to_string(::getpid());
    psql(admin_url(), "create role " + made + " login");
    return made;
  }();
  return name;
}

/// Without what readers of a SQLite file share.
std::set<std::string> listing(const std::string& directory) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    const std::string path = entry.path().string();
    if (!path.ends_with("-shm") && !path.ends_with("-wal")) found.insert(path);
  }
  return found;
}

struct Finding {
  std::string table;
  std::string column;
  std::string row;
  std::string problem; ///< a part of it
};

/// Runs the tool and expects of it exactly these findings, the documented exit and that nothing was
/// touched on this side.
void check_refused(const Copy& source, const std::string& from, const std::string& to,
                   const std::vector<Finding>& expected,
                   const std::vector<std::string>& more = {}) {
  const TempDirectory elsewhere;
  const std::string report_file = elsewhere.path() + "/report.json";
  const auto files = listing(source.directory.path());
  const bool has_file = std::filesystem::is_regular_file(source.database);
  const std::string bytes = has_file ? read_file(source.database) : "";
  std::vector<std::string> command{
      "--from",       from,       "--to",      to,           "--backup-dir",
      source.backups, "--report", report_file, "--data-dir", source.directory.path() + "/data"};
  command.insert(command.end(), more.begin(), more.end());
  const auto done = migrate(command);
  CHECK(done.exit_code == 1);
  const Json report = Json::parse(read_file(report_file));
  INFO(report.dump());
  CHECK(report["result"].text() == "failed");
  CHECK_FALSE(report["error"].text().empty());
  CHECK(done.err.find(report["error"].text()) != std::string::npos);
  CHECK(report["tables"].size() == 0);
  for (std::size_t i = 0; i < report["steps"].size(); ++i) {
    const std::string step = report["steps"][i]["step"].text();
    CHECK((step == "open" || step == "preflight"));
  }
  std::vector<bool> seen(report["findings"].size());
  for (const Finding& want : expected) {
    INFO(want.table << "." << want.column << " " << want.row << ": " << want.problem);
    bool found = false;
    for (std::size_t i = 0; i < seen.size() && !found; ++i) {
      const Json finding = report["findings"][i];
      found = !seen[i] && finding["table"].text() == want.table &&
              finding["column"].text() == want.column &&
              (want.row.empty() || finding["row"].text() == want.row) &&
              finding["problem"].text().find(want.problem) != std::string::npos;
      if (found) {
        seen[i] = true;
        CHECK(done.err.find(finding["problem"].text()) != std::string::npos);
      }
    }
    CHECK(found);
  }
  CHECK(seen.size() == expected.size());
  CHECK(listing(source.directory.path()) == files);
  if (has_file) CHECK(read_file(source.database) == bytes);
}

/// What keeps a unique index from being there, and then a row that it would have kept out.
void let_duplicates_in(const Copy& source) {
  source.sql(
      "pragma writable_schema = on; update sqlite_master set sql = replace(replace(sql, 'username "
      "text not null unique', 'username text not null'), 'email_key text unique', "
      "'email_key text') where name = 'users'; delete from sqlite_master where name like "
      "'sqlite_autoindex_users%'");
  source.sql("vacuum");
  source.sql(
      "insert into users (username, email, role, enabled, used_bytes, file_count, password_hash, "
      "created_at, updated_at) "
      "select username, null, role, 1, 0, 0, '', 1, 1 from users where username = 'admin'");
}

} // namespace

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

TEST_CASE("Each fault of a target is refused before anything is written", "[migrate_refusals]") {
  struct Case {
    std::string name;
    std::function<std::string(const Copy&)> make; ///< gives the URL
    std::vector<Finding> findings;
    std::vector<std::string> more{};
  };
  const Copy moved;
  const std::string finished = make_postgres_database();
  REQUIRE(migrate({"--from", moved.from, "--to", finished, "--no-backup"}).exit_code == 0);
  const auto after = [&](const std::string& statements) {
    return [&finished, statements](const Copy&) {
      psql(finished, statements);
      return finished;
    };
  };
  const auto empty_but = [](const std::string& statements) {
    return [statements](const Copy&) {
      std::string url = make_postgres_database();
      psql(url, statements);
      return url;
    };
  };
  const std::string of_this = "update migration_runs set source = '" + moved.from + "'";
  for (const Case& c : std::vector<Case>{
           {"another program's tables",
            empty_but("create table users (id int)"),
            {{"", "", "", "the tables of another program"}}},
           {"another source's half-done run",
            after("update migration_runs set state = 'running', source = 'sqlite:/x'"),
            {{"", "", "", "a migration of another source: sqlite:/x"}}},
           {"another source's half-done run, to be resumed",
            after("update migration_runs set state = 'running', source = 'sqlite:/x'"),
            {{"", "", "", "a migration of another source: sqlite:/x"}},
            {"--resume"}},
           {"this source's half-done run",
            after(of_this + ", state = 'running'"),
            {{"", "", "", "--resume goes on with it"}}},
           {"this source's failed run",
            after(of_this + ", state = 'failed'"),
            {{"", "", "", "--resume goes on with it"}}},
           {"this source's finished run",
            after(of_this + ", state = 'done'"),
            {{"", "", "", "--verify-only compares"}}},
           {"this source's finished run, to be resumed",
            after(of_this + ", state = 'done'"),
            {{"", "", "", "--verify-only compares"}},
            {"--resume"}},
           {"a server's own",
            after("delete from migration_runs"),
            {{"", "", "", "holds a BaluHost already"}}},
           {"nothing, to be compared",
            empty_but("select 1"),
            {{"", "", "", "nothing to compare"}},
            {"--verify-only"}},
           {"no writes",
            empty_but("do $$ begin execute format('alter database %I set "
                      "default_transaction_read_only = on', current_database()); end $$"),
            {{"", "", "", "takes no writes"}}},
           {"another encoding",
            [](const Copy&) { return make_like("", "encoding 'LATIN1' locale 'C'"); },
            {{"", "", "", "the target's encoding is LATIN1"}}},
           {"no encoding",
            [](const Copy&) { return make_like("", "encoding 'SQL_ASCII' locale 'C'"); },
            {{"", "", "", "the target's encoding is SQL_ASCII"}}},
       }) {
    INFO(c.name);
    const std::string target = c.make(moved);
    const std::string before = dump(target);
    check_refused(moved, moved.from, target, c.findings, c.more);
    CHECK(dump(target) == before);
  }
  const std::string closed = make_postgres_database();
  const std::string before = dump(closed);
  check_refused(moved, moved.from, as_role(closed, stranger()),
                {{"", "", "", "may not create tables"}});
  CHECK(dump(closed) == before);
  check_refused(moved, moved.from, closed + "_none", {{"", "", "", "does not exist"}});
  check_refused(moved, moved.from, "postgresql://postgres@127.0.0.1:1/none",
                {{"", "", "", "the target cannot be reached"}});
}

TEST_CASE("A pooler that takes the server's session away is refused before anything is written",
          "[migrate_refusals][fault-09]") {
  if (!PgBouncer::is_installed()) {
    WARN("left out: PgBouncer is not installed");
    return;
  }
  const Copy moved;
  const std::string target = make_postgres_database();
  const std::string before = dump(target);
  const auto port = target.find(':', target.find('@')) + 1;
  for (const std::string mode : {"transaction", "statement"}) {
    INFO(mode);
    const PgBouncer pooler("127.0.0.1", mode, target.substr(port, target.find('/', port) - port));
    check_refused(moved, moved.from, pooler.url(target.substr(target.rfind('/') + 1)),
                  {{"", "", "", "pool_mode = session"}});
    CHECK(dump(target) == before);
  }
}

TEST_CASE("Each fault on the way to SQLite is refused before anything is written",
          "[migrate_refusals]") {
  const Copy moved;
  const std::string source = make_postgres_database();
  REQUIRE(migrate({"--from", moved.from, "--to", source, "--no-backup"}).exit_code == 0);
  const auto to = [](const Copy& there) { return "sqlite:" + there.database; };
  {
    const Copy occupied;
    check_refused(occupied, source, to(occupied), {{"", "", "", "holds a BaluHost already"}});
    occupied.sql("drop table schema_version");
    check_refused(occupied, source, to(occupied),
                  {{"", "", "", "the database of another program"}});
    write_file(occupied.database, std::string(8192, 'x'));
    check_refused(occupied, source, to(occupied), {{"", "", "", "the target cannot be reached"}});
  }
  const Copy free;
  std::filesystem::remove(free.database);
  check_refused(free, source, "sqlite:" + free.directory.path() + "/none/baluhost.db",
                {{"", "", "", "the target cannot be reached"}});
  check_refused(free, make_postgres_database(), to(free), {{"", "", "", "the source is empty"}});
  check_refused(free, as_role(source, stranger()), to(free), {{"", "", "", "permission denied"}});
  const std::string spoilt = make_like(source);
  psql(spoilt, "insert into schema_version values (99); create table extra (x int)");
  check_refused(free, spoilt, to(free), {{"schema_version", "version", "", "schema version 99"}});
  psql(spoilt,
       "delete from schema_version where version = 99; alter table users add column nickname text");
  check_refused(free, spoilt, to(free),
                {{"extra", "", "", "would be lost"}, {"users", "nickname", "", "would be lost"}});
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
          "is neither sqlite:PATH nor postgresql://");
  refused({"--from", source.from}, "--to is required");
  refused({"--from", source.from, "--to", "postgresql:///x", "--dry-run", "--resume"},
          "exclude one another");
  refused({"--from", source.from, "--to", "postgresql:///x", "--batch", "0"}, "--batch");
}
