// Encrypted contents in backups, restores and migrations: they lie there as they lie in the host,
// and go nowhere without their keys.

#include "restore_fixture.hpp"

#include <chrono>
#include <fstream>
#include <thread>

using namespace baluhost::test;

namespace {

const std::string kOn = "files.encryption = true\n";

bool is_found(const std::string& directory, std::string_view text) {
  for (const auto& entry : fs::recursive_directory_iterator{directory}) {
    if (entry.is_regular_file() && read_file(entry.path().string()).find(text) != std::string::npos)
      return true;
  }
  return false;
}

std::string exported(const Place& place) {
  const auto out = place.directory.path() + "/out";
  const auto done = place.ctl({"files", "export", "/admin", out});
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  return read_file(out + "/a") + read_file(out + "/b") + read_file(out + "/c");
}

} // namespace

TEST_CASE("Encrypted contents lie encrypted in a backup, and are restored with their keys",
          "[encryption]") {
  const bool postgres = GENERATE(false, true);
  const bool with_blobs = GENERATE(true, false);
  const Original original{postgres, with_blobs, kOn};
  CHECK_FALSE(is_found(original.server.data_dir() + "/blobs", "content "));
  if (with_blobs) CHECK_FALSE(is_found(original.backup + "/blobs", "content "));
  const Place place{postgres};
  if (!with_blobs) {
    fs::create_directories(place.data);
    fs::permissions(place.data, fs::perms::owner_all);
    fs::copy(original.server.data_dir() + "/blobs", place.data + "/blobs",
             fs::copy_options::recursive);
  }
  const auto restored = place.restore(original.backup);
  INFO(restored.err);
  REQUIRE(restored.exit_code == 0);
  place.check_whole();
  CHECK(exported(place) == "content acontent bcontent c");
}

TEST_CASE("A start without a key of contents says which it is and how many need it",
          "[encryption]") {
  Server server{{.extra_toml = kOn}};
  {
    Api root = admin(server);
    for (const char* name : {"a", "b", "c"})
      REQUIRE(root.put(std::string{"/api/v1/files/admin/"} + name, name).status == 201);
  }
  const std::string keys = server.data_dir() + "/keys";
  std::string lost;
  for (const auto& entry : fs::directory_iterator{keys})
    if (entry.path().filename().string().starts_with("content-"))
      lost = entry.path().filename().string();
  REQUIRE(server.ctl({"keys", "rotate"}).exit_code == 0);
  std::this_thread::sleep_for(std::chrono::seconds{2}); // a server sees it within one
  REQUIRE(admin(server).put("/api/v1/files/admin/d", "under the new key").status == 201);
  REQUIRE(server.stop() == 0);
  const auto is_told = [&] {
    return server.stderr_text().find(lost.substr(lost.rfind('-') + 1)) != std::string::npos;
  };
  server.start();
  std::this_thread::sleep_for(std::chrono::seconds{2});
  CHECK_FALSE(is_told());
  REQUIRE(server.stop() == 0);
  fs::remove(keys + "/" + lost);
  server.start();
  for (int i = 0; i < 300 && !is_told(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  INFO(server.stderr_text());
  CHECK(is_told());
  CHECK(server.stderr_text().find("\"contents\":\"3\"") != std::string::npos);
  CHECK(admin(server).get("/api/v1/files/admin/a").status == 503);
  CHECK(admin(server).get("/api/v1/files/admin/d").status == 200);
}

TEST_CASE("After a migration encrypted contents are read beside the plain ones", "[encryption]") {
  Server server{{.extra_toml = kOn}};
  Api root = admin(server);
  REQUIRE(root.put("/api/v1/files/admin/hidden", "hidden content").status == 201);
  REQUIRE(server.stop() == 0);
  const std::string target = make_postgres_database();
  const TempDirectory work;
  const auto done =
      migrate({"--from", "sqlite:" + server.data_dir() + "/baluhost.db", "--to", target,
               "--backup-dir", work.path() + "/backup", "--report", work.path() + "/report.json"});
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  Server there{{.data_dir = server.data_dir(), .database_url = target}};
  Api again = admin(there);
  CHECK(again.get("/api/v1/files/admin/hidden").body == "hidden content");
  REQUIRE(again.put("/api/v1/files/admin/plain", "plain content").status == 201);
  CHECK_FALSE(is_found(server.data_dir() + "/blobs", "hidden content"));
  CHECK(is_found(server.data_dir() + "/blobs", "plain content"));
  CHECK(again.get("/api/v1/files/admin/plain").body == "plain content");
  CHECK(there.ctl({"files", "scrub"}).exit_code == 0);
}
