#include "baluhost/test/small_disk.hpp"
#include "wire.hpp"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

// What lies on the disk: nothing of an upload that was cut, no blob that nobody needs, nothing that
// others can read, and what happens when there is no room.

using namespace baluhost::test;

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string blobs(const Server& server) { return server.data_dir() + "/blobs"; }

std::string put_head(const Api& api, const std::string& target, const std::string& fields) {
  return "PUT " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + api.access_token +
         "\r\n" + fields + "\r\n";
}

/// Pages of zeros until nothing more fits.
void fill(const std::string& file) {
  std::ofstream out{file, std::ios::binary};
  const std::string page(4096, '\0');
  while (out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
  }
}

} // namespace

TEST_CASE("Twenty uploads that are cut leave no file, no use of the quota and no blob",
          "[storage][spec-67]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/kept"), "kept").status == 201);
  for (int i = 0; i < 20; ++i) {
    HttpClient cut = server.client();
    const bool replaces = i % 4 == 3;
    const std::string target = replaces ? files(home + "/kept") + "?overwrite=true"
                                        : files(home + "/d/cut") + "?parents=true";
    const std::string bytes(static_cast<std::size_t>(i) * 40'000, 'x');
    if (i % 2 == 0) {
      cut.send(put_head(anna, target, "Content-Length: 1000000\r\n"));
      cut.send(bytes);
    } else {
      cut.send(put_head(anna, target, "Transfer-Encoding: chunked\r\n"));
      if (!bytes.empty()) cut.send("fffff\r\n" + bytes);
    }
  }
  std::vector<Json> failed;
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (failed.size() < 20 && std::chrono::steady_clock::now() < deadline) {
    failed = anna.events("action=upload&success=false&limit=100&user=" + anna.username);
    std::this_thread::sleep_for(20ms);
  }
  REQUIRE(failed.size() == 20);
  for (const Json& event : failed) CHECK(event["error_message"].text() == "client_disconnected");
  CHECK(anna.get(meta(home + "/d")).status == 404);
  CHECK(anna.get(files(home + "/kept")).body == "kept");
  CHECK(usage(anna).bytes == 4);
  CHECK(usage(anna).files == 1);
  CHECK(files_below(blobs(server)).size() == 1);
  CHECK(server.stop() == 0);
  CHECK(server.ctl({"files", "gc"}).exit_code == 0);
  CHECK(files_below(blobs(server)).size() == 1);
  CHECK(server.ctl({"files", "scrub"}).exit_code == 0);
}

TEST_CASE(
    "What is replaced or deleted leaves the disk, what is copied stays, and nobody else can read "
    "it",
    "[storage]") {
  Server server{{.extra_toml = "files.versions_keep = 0\n"}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  for (const char* name : {"/a", "/b", "/t/c", "/t/d"})
    REQUIRE(anna.put(files(home + name) + "?parents=true", name).status == 201);
  REQUIRE(anna.post(kApi + "/actions/copy",
                    object({{"from", q(home + "/a")}, {"to", q(home + "/copy")}}))
              .status == 201);
  CHECK(files_below(blobs(server)).size() == 4);
  for (auto at = fs::recursive_directory_iterator{blobs(server)};
       at != fs::recursive_directory_iterator{}; ++at) {
    struct stat info {};
    REQUIRE(::lstat(at->path().c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == (at->is_directory() ? 0700 : 0600));
  }
  REQUIRE(anna.del(files(home + "/a") + "?permanent=true").status == 204);
  REQUIRE(anna.put(files(home + "/b") + "?overwrite=true", "new").status == 200);
  REQUIRE(anna.del(files(home + "/t") + "?recursive=true&permanent=true").status == 204);
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (files_below(blobs(server)).size() > 2 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(20ms);
  CHECK(files_below(blobs(server)).size() == 2);
  CHECK(anna.get(files(home + "/copy")).body == "/a");
  CHECK(anna.get(files(home + "/b")).body == "new");
}

TEST_CASE("Damage is found, marked and recorded, and nothing is deleted for it", "[storage]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/sound"), "sound").status == 201);
  const auto sound = files_below(blobs(server));
  REQUIRE(anna.put(files(home + "/hurt"), "whole").status == 201);
  for (const std::string& blob : files_below(blobs(server))) {
    if (blob != sound.at(0))
      std::fstream{blobs(server) + "/" + blob, std::ios::in | std::ios::out | std::ios::binary}
          .write("W", 1);
  }
  for (int round = 0; round < 2; ++round) CHECK(server.ctl({"files", "scrub"}).exit_code == 3);
  const auto damage = anna.events("event_type=DISK_MONITOR&action=blob_damaged");
  REQUIRE(damage.size() == 1); // once, however often it is found
  CHECK(damage[0]["details"].dump().find(home + "/hurt") != std::string::npos);
  const auto scrubs = anna.events("event_type=DISK_MONITOR&action=integrity_scrub");
  REQUIRE(scrubs.size() == 2);
  CHECK(scrubs[0]["details"]["blobs"].integer() == 2);
  CHECK(scrubs[0]["details"]["damaged"].integer() == 1);
  CHECK(files_below(blobs(server)).size() == 2);
  CHECK(anna.get(files(home + "/sound")).body == "sound");
}

TEST_CASE("Below the floor of free space nothing is taken, and that is on record", "[storage]") {
  Server server{{.environment = {{"BALUHOST_FILES__MIN_FREE_BYTES", "900000TiB"}}}};
  Api root = admin(server);
  check_problem(root.put(files("/admin/a"), "x"), 507, "insufficient_storage");
  check_problem(root.send("PUT", files("/admin/b"), {{"Transfer-Encoding", "chunked"}},
                          "1\r\nx\r\n0\r\n\r\n"),
                507, "insufficient_storage");
  check_problem(root.send("POST", kApi + "/uploads",
                          {{"Tus-Resumable", "1.0.0"},
                           {"Upload-Length", "5"},
                           {"Upload-Metadata", "path " + base64("/admin/c")}},
                          ""),
                507, "insufficient_storage");
  HttpClient careful = server.client();
  careful.send(put_head(root, files("/admin/d"), "Content-Length: 5\r\nExpect: 100-continue\r\n"));
  CHECK(careful.read_response().status == 507);
  CHECK(root.events("action=upload&success=false").size() == 4);
  const auto low = root.events("event_type=DISK_MONITOR&action=disk_space_low");
  REQUIRE(low.size() == 1);
  CHECK(low[0]["details"]["free_bytes"].integer() > 0);
  CHECK(low[0]["details"]["min_free_bytes"].integer() > low[0]["details"]["free_bytes"].integer());
  CHECK(root.post(dirs("/admin/dir")).status == 201);
}

TEST_CASE("The floor and the limit of a file hold on the way of a body too", "[storage]") {
  const SmallDisk disk("size=8m");
  if (!disk.mounted()) return;
  Server server{{.extra_toml = "files.blob_dir = \"" + disk.path() +
                               "/blobs\"\nfiles.max_upload_bytes = \"7MiB\"\n",
                 .environment = {{"BALUHOST_FILES__MIN_FREE_BYTES", "4MiB"}}}};
  Api root = admin(server);
  const std::string bytes(6 << 20, 'x');
  HttpClient careful = server.client();
  careful.send(
      put_head(root, files("/admin/a"), "Content-Length: 6291456\r\nExpect: 100-continue\r\n"));
  CHECK(careful.read_response().status == 507);
  check_problem(root.send("PUT", files("/admin/b"), {{"Transfer-Encoding", "chunked"}},
                          "600000\r\n" + bytes + "\r\n0\r\n\r\n"),
                507, "insufficient_storage");
  CHECK(files_below(disk.path()).empty());
  CHECK(root.put(files("/admin/c"), std::string(1 << 20, 'x')).status == 201);
  careful.connect();
  careful.send(
      put_head(root, files("/admin/a"), "Content-Length: 8388608\r\nExpect: 100-continue\r\n"));
  check_problem(careful.read_response(), 413, "payload_too_large");
  CHECK(root.get("/readyz").status == 200);
}

TEST_CASE("A database without room is 507, and with room again it goes on", "[storage]") {
  if (database_kind() != "sqlite") return;
  const SmallDisk disk("size=8m");
  if (!disk.mounted()) return;
  Server server{{.database_url = "sqlite:" + disk.path() + "/baluhost.db"}};
  Api root = admin(server);
  REQUIRE(root.put(files("/admin/before"), "before").status == 201);
  fill(disk.path() + "/filler");
  Response full;
  for (int i = 0; i < 2000; ++i) { // the write-ahead log may have room of its own
    full = root.put(files("/admin/" + std::to_string(i)), "x");
    if (full.status != 201) break;
  }
  check_problem(full, 507, "insufficient_storage");
  fs::remove(disk.path() + "/filler");
  CHECK(root.put(files("/admin/after"), "after").status == 201);
  CHECK(root.get(files("/admin/before")).body == "before");
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
}
