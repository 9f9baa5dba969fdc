// An archive that is being downloaded goes on where its database went.

#include "migration/migrate_fixture.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace baluhost::test;

namespace {

/// A server with an archive whose checksums and contents are partly the archive's alone.
struct Original {
  Server server;
  TempDirectory directory;
  Api anna;
  std::string url;
  std::string bytes;

  explicit Original(bool postgres)
      : server{{.database_url = postgres ? make_postgres_database() : ""}}, anna(new_user(server)) {
    const std::string home = "/api/v1/files/" + anna.username;
    REQUIRE(anna.put(home + "/d/kept?parents=true", "kept").status == 201);
    REQUIRE(anna.put(home + "/d/gone", std::string(700'000, 'g')).status == 201);
    const Response made =
        anna.post("/api/v1/archives", "{\"paths\":[\"/" + anna.username + "/d\"]}");
    REQUIRE(made.status == 201);
    url = Json::parse(made.body)["url"].text();
    bytes = anna.get(url).body;
    REQUIRE(anna.del(home + "/d/gone?permanent=true").status == 204);
  }

  [[nodiscard]] std::string checksums(const std::string& database_url) const {
    const std::string text =
        "select name, crc32 from files where kind = 'file' union all "
        "select name, crc32 from archive_entries order by 1";
    return database_url.starts_with("sqlite:")
               ? sqlite(database_url.substr(std::string{"sqlite:"}.size()), text)
               : psql(database_url, text);
  }

  /// The server is that one from now on.
  void check_there(const std::string& data, const std::string& database_url) const {
    Server there{{.data_dir = data, .database_url = database_url}};
    Api again{there};
    again.access_token = anna.access_token;
    CHECK((again.get(url).body == bytes));
    const Response rest = again.get(url, {{"Range", "bytes=123456-"}});
    CHECK(rest.status == 206);
    CHECK((rest.body == bytes.substr(123456)));
    there.stop();
    for (const auto& command :
         std::vector<std::vector<std::string>>{{"db", "check"}, {"files", "scrub"}})
      CHECK(there.ctl(command).exit_code == 0);
  }
};

std::string url_of(const Server& server) {
  return server.database_url().empty() ? "sqlite:" + server.data_dir() + "/baluhost.db"
                                       : server.database_url();
}

} // namespace

TEST_CASE("An archive goes on after a restore of its backup, contents and checksums too",
          "[archives]") {
  Original original{GENERATE(false, true)};
  const std::string backup = original.directory.path() + "/backup";
  original.server.stop();
  const auto made = original.server.ctl({"db", "backup", backup, "--with-blobs"});
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  const bool postgres = !url_of(original.server).starts_with("sqlite:");
  const std::string data = original.directory.path() + "/data";
  const std::string url = postgres ? make_postgres_database() : "sqlite:" + data + "/baluhost.db";
  const auto restored = run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "--data-dir",
                             data, "--database-url", url, "db", "restore", backup});
  INFO(restored.err);
  REQUIRE(restored.exit_code == 0);
  CHECK(original.checksums(url) == original.checksums(url_of(original.server)));
  original.check_there(data, url);
}

TEST_CASE("An archive goes on after a migration to PostgreSQL, and after one back", "[archives]") {
  Original original{false};
  original.server.stop();
  const std::string data = original.server.data_dir();
  const auto move = [&](const std::string& from, const std::string& to) {
    const auto done = migrate({"--from", from, "--to", to, "--no-backup", "--data-dir", data,
                               "--report", original.directory.path() + "/report.json"});
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
  };
  const std::string here = url_of(original.server);
  const std::string there = make_postgres_database();
  const std::string back = "sqlite:" + data + "/back.db";
  const std::string checksums = original.checksums(here);
  move(here, there);
  CHECK(checksums.find("d/gone|") != std::string::npos);
  original.check_there(data, there);
  CHECK(original.checksums(there) == checksums);
  move(there, back);
  CHECK(original.checksums(back) == checksums);
  original.check_there(data, back);
}
