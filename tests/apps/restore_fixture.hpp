#pragma once

#include "migration/migrate_fixture.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

// What the tests of backups and restores share.
namespace baluhost::test {

namespace fs = std::filesystem;

/// A server that ran, with three contents, and the backup of it, in which all events are sealed.
struct Original {
  Server server;
  TempDirectory directory;
  std::string backup{directory.path() + "/backup"};

  explicit Original(bool postgres, bool with_blobs = true, const std::string& toml = "")
      : server{{.extra_toml = toml, .database_url = postgres ? make_postgres_database() : ""}} {
    Api root = admin(server);
    for (const char* name : {"a", "b", "c"})
      REQUIRE(root.put(std::string{"/api/v1/files/admin/"} + name, std::string{"content "} + name)
                  .status == 201);
    server.stop();
    auto made =
        server.ctl(with_blobs ? std::vector<std::string>{"db", "backup", backup, "--with-blobs"}
                              : std::vector<std::string>{"db", "backup", backup});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
  }
};

/// Where a backup is restored to.
struct Place {
  TempDirectory directory;
  std::string data{directory.path() + "/data"};
  std::string url;

  explicit Place(bool postgres)
      : url(postgres ? make_postgres_database() : "sqlite:" + data + "/baluhost.db") {}

  [[nodiscard]] std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), {std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "--data-dir",
                                 data, "--database-url", url});
    return words;
  }
  [[nodiscard]] ProcessOutput ctl(const std::vector<std::string>& words,
                                  const Environment& environment = {}) const {
    return run(command(words), environment);
  }
  [[nodiscard]] ProcessOutput restore(const std::string& backup) const {
    return ctl({"db", "restore", backup});
  }
  [[nodiscard]] bool postgres() const { return !url.starts_with("sqlite:"); }
  /// Every file below the data directory, and every empty directory.
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> found;
    if (!fs::exists(data)) return found;
    for (const auto& entry : fs::recursive_directory_iterator{data}) {
      if (!entry.is_directory() || fs::is_empty(entry.path())) found.insert(entry.path().string());
    }
    return found;
  }
  /// Nothing of a restore is left, neither in files nor in the database.
  void check_untouched() const {
    CHECK(files() == std::set<std::string>{});
    CHECK_FALSE(fs::exists(data));
    if (postgres())
      CHECK(
          psql(url, "select count(*) from pg_class where relnamespace = 'public'::regnamespace") ==
          "0");
  }
  void check_whole() const {
    CHECK(ctl({"audit", "verify"}).exit_code == 0);
    CHECK(ctl({"db", "check"}).exit_code == 0);
    CHECK(ctl({"files", "scrub"}).exit_code == 0);
  }
};

} // namespace baluhost::test
