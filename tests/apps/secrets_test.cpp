// No password of PostgreSQL in what a program prints, reports or passes on.

#include "migration/migrate_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

using namespace baluhost::test;

namespace {

const std::string kBin = BALUHOST_TEST_BIN_DIR;

void check_hidden(const std::string& text) {
  INFO(text);
  CHECK(text.find("S3cr") == std::string::npos);
  CHECK(text.find("etPw") == std::string::npos);
}

} // namespace

TEST_CASE("No program prints a part of a password, however the URL is written",
          "[secrets][fault-06]") {
  TempDirectory directory;
  const std::string config = directory.path() + "/c.toml";
  const std::string data = directory.path() + "/data";
  const std::string report = directory.path() + "/report.json";
  for (const std::string& url :
       {std::string{"postgresql://u:S3cretPw@127.0.0.1:1/db"},
        std::string{"postgres://u:S3cr%2FetPw@127.0.0.1:1/db"},
        std::string{"postgresql://u@127.0.0.1:1/db?password=S3cretPw"},
        std::string{"postgresql://u:S3cr/etPw@h/db"},
        std::string{"postgresql://u:S3cr@etPw@127.0.0.1:1/db"},
        std::string{"host=h user=u password=S3cretPw"},
        std::string{"host=h user=u password='S3cr etPw'"}, std::string{"mysql://u:S3cretPw@h/db"},
        std::string{"POSTGRESQL://u:S3cretPw@h/db"}, std::string{"sqlite://u:S3cretPw@h/db"},
        std::string{"sqlite:postgresql://u:S3cretPw@h/db"}}) {
    INFO(url);
    write_file(config, "[database]\nurl = \"" + url + "\"\n");
    const auto checked = run({kBin + "/baluhostd", "--check-config", "--database-url", url});
    check_hidden(checked.out + checked.err);
    const auto checked_file = run({kBin + "/baluhostd", "--check-config", "--config", config});
    check_hidden(checked_file.out + checked_file.err);
    CHECK(checked_file.exit_code == checked.exit_code);
    if (checked.exit_code != 0)
      CHECK(checked_file.err.find("c.toml:2: database.url must be") != std::string::npos);
    const auto served = run({kBin + "/baluhostd", "--database-url", url, "--data-dir", data});
    CHECK(served.exit_code != 0);
    check_hidden(served.out + served.err);
    for (const auto& verb : std::vector<std::vector<std::string>>{
             {"db", "status"}, {"db", "restore", directory.path()}, {"user", "list"}}) {
      std::vector<std::string> command{kBin + "/baluhostctl", "--database-url", url, "--data-dir",
                                       data};
      command.insert(command.end(), verb.begin(), verb.end());
      const auto ran = run(command);
      CHECK(ran.exit_code != 0);
      check_hidden(ran.out + ran.err);
    }
    for (const bool is_source : {false, true}) {
      const std::string file = "sqlite:" + directory.path() + "/x.db";
      const auto moved = migrate({"--from", is_source ? url : file, "--to", is_source ? file : url,
                                  "--report", report, "--backup-dir", directory.path()});
      CHECK(moved.exit_code != 0);
      check_hidden(moved.out + moved.err);
      if (std::filesystem::exists(report)) check_hidden(read_file(report));
    }
  }
  // One that is written as it must be is the one that is used.
  const auto good = run({kBin + "/baluhostd", "--check-config", "--database-url",
                         "postgresql://u:S3cr%40etPw@db.example:5433/balu"});
  CHECK(good.exit_code == 0);
  CHECK(good.out.find("postgresql://u@db.example:5433/balu?password=***") != std::string::npos);
}

TEST_CASE("No program repeats an argument that it did not expect", "[secrets][fault-11-7]") {
  const std::string bin = BALUHOST_TEST_BIN_DIR;
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {bin + "/baluhostctl", "user", "passwd", "bob", "S3cretPw"},
           {bin + "/baluhostctl", "user", "add", "bob", "S3cretPw", "more"},
           {bin + "/baluhostctl", "user", "add", "bob", "--password=S3cretPw"},
           {bin + "/baluhostctl", "user", "add", "bob", "-pS3cretPw"},
           {bin + "/baluhostctl", "S3cretPw"},
           {bin + "/baluhostctl", "user", "S3cretPw"},
           {bin + "/baluhostctl", "audit", "prove", "S3cretPw"},
           {bin + "/baluhostctl", "grant", "add", "/a", "bob", "S3cretPw"},
           {bin + "/baluhostctl", "session", "revoke", "S3cretPw"},
           {bin + "/baluhostd", "S3cretPw"},
           {bin + "/baluhostd", "--password=S3cretPw"},
           {bin + "/baluhost-migrate", "S3cretPw"},
           {bin + "/baluhost-migrate", "--from", "sqlite:/x", "--to", "sqlite:/y", "S3cretPw"}}) {
    const auto refused = run(command);
    INFO(refused.err);
    CHECK(refused.exit_code != 0);
    CHECK_FALSE(refused.err.empty());
    CHECK((refused.out + refused.err).find("S3cretPw") == std::string::npos);
  }
}

TEST_CASE("PostgreSQL's programs get the password in their environment, not in their arguments",
          "[secrets][fault-42]") {
  Server server{{.database_url = make_postgres_database()}};
  REQUIRE(admin(server).put("/api/v1/files/admin/a", "content").status == 201);
  TempDirectory directory;
  for (const char* tool : {"pg_dump", "pg_restore"}) {
    const std::string real = run({"sh", "-c", std::string{"command -v "} + tool}).out;
    const std::string fake = directory.path() + "/" + tool;
    write_file(fake, "#!/bin/sh\nprintf '%s\\n' \"$@\" >>" + directory.path() +
                         "/arguments\nprintf '%s\\n' \"$PGPASSWORD\" >>" + directory.path() +
                         "/passwords\nexec " + real.substr(0, real.size() - 1) + " \"$@\"\n");
    std::filesystem::permissions(fake, std::filesystem::perms::owner_all);
  }
  const Environment environment{{"PATH", directory.path() + ":" + std::getenv("PATH")}};
  const auto seen = [&](const ProcessOutput& ran) {
    INFO(ran.err);
    CHECK(ran.exit_code == 0);
    REQUIRE(std::filesystem::exists(directory.path() + "/arguments"));
    check_hidden(read_file(directory.path() + "/arguments"));
    CHECK(read_file(directory.path() + "/passwords") == "S3cr/etPw\n");
    for (const char* file : {"/arguments", "/passwords"})
      std::filesystem::remove(directory.path() + file);
  };
  const auto with_password = [](std::string url) {
    return url + (url.find('?') == std::string::npos ? "?" : "&") + "password=S3cr%2FetPw";
  };
  const std::string source = with_password(server.database_url());
  const std::string backup = directory.path() + "/backup";
  seen(run({kBin + "/baluhostctl", "--data-dir", server.data_dir(), "--database-url", source, "db",
            "backup", backup, "--with-blobs"},
           environment));
  seen(run({kBin + "/baluhostctl", "--data-dir", directory.path() + "/data", "--database-url",
            with_password(make_postgres_database()), "db", "restore", backup},
           environment));
  server.stop();
  seen(run({kBin + "/baluhost-migrate", "--yes", "--data-dir", server.data_dir(), "--from", source,
            "--to", "sqlite:" + directory.path() + "/new.db", "--backup-dir", directory.path()},
           environment));
  // By a file of ours as well.
  write_file(directory.path() + "/password", "S3cr/etPw\n");
  std::filesystem::permissions(directory.path() + "/password", std::filesystem::perms::owner_read);
  Environment by_file = environment;
  by_file["BALUHOST_DATABASE__PASSWORD_FILE"] = directory.path() + "/password";
  seen(run({kBin + "/baluhostctl", "--data-dir", server.data_dir(), "--database-url",
            server.database_url(), "db", "backup", directory.path() + "/second"},
           by_file));
}
