#include "baluhost/test/small_disk.hpp"
#include "wire.hpp"

#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

// What a full disk leaves: what frees space works, with no byte and with no inode left, from the
// reserve; what only adds waits.

using namespace baluhost::test;

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

bool becomes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

/// Bytes until nothing more fits.
void fill_bytes(const std::string& file) {
  std::ofstream out{file, std::ios::binary | std::ios::app};
  for (const std::size_t size : {std::size_t{1} << 20, std::size_t{4096}, std::size_t{1}}) {
    const std::string page(size, '\0');
    while (out.write(page.data(), static_cast<std::streamsize>(size)).flush()) {
    }
    out.clear();
  }
}

/// Empty files until there can be no more; their names begin with "filler".
void fill_inodes(const std::string& directory) {
  static int number = 0;
  while (std::ofstream{directory + "/filler" + std::to_string(++number)}) {
  }
}

std::string audit_check(const Response& ready) {
  return Json::parse(ready.body)["checks"]["audit"].text();
}

/// A server whose data lie on a disk of their own, with users and files, and its reserve in place.
struct SmallWorld {
  explicit SmallWorld(const char* options)
      : disk(options),
        server({.environment = {{"BALUHOST_FILES__MIN_FREE_BYTES", "0"}},
                .data_dir = disk.path() + "/data"}),
        root(admin(server)),
        anna(new_user(server)) {
    bob = make_user(server);
    carol = make_user(server);
    for (const std::string name : {"/kept", "/gone"}) {
      REQUIRE(anna.put(files("/" + anna.username + name), std::string(200'000, 'x')).status == 201);
    }
    REQUIRE(Api{server, bob}.put(files("/" + bob + "/f"), "of bob").status == 201);
    if (database_kind() == "sqlite")
      REQUIRE(
          becomes_true([&] { return fs::exists(server.data_dir() + "/baluhost.db-reserve-3"); }));
  }

  SmallDisk disk;
  Server server;
  Api root;
  Api anna;
  std::string bob;
  std::string carol;
};

void what_frees_space_works(SmallWorld& world) {
  Api root{world.server, "admin", kAdminPassword};
  Api anna{world.server, world.anna.username};
  CHECK(world.root.patch(kApi + "/users/" + world.bob, R"({"enabled":false})").status == 200);
  CHECK(root.del(kApi + "/users/" + world.carol + "/sessions").status == 204);
  CHECK(world.server.ctl({"user", "disable", world.carol}).exit_code == 0);
  CHECK(world.server.ctl({"user", "delete", world.carol}).exit_code == 0);
  CHECK(world.server.ctl({"audit", "prune", "--keep-days", "0"}).exit_code == 0);
  CHECK(anna.del(files("/" + anna.username + "/gone") + "?permanent=true").status == 204);
  CHECK(root.del(kApi + "/users/" + world.bob + "?purge=true").status == 204);
  CHECK(world.server.ctl({"files", "gc"}).exit_code == 0);
  CHECK(anna.post(kApi + "/auth/logout").status == 204);
}

} // namespace

TEST_CASE(
    "Records of refused requests do not take the last space, and what frees space works with no "
    "byte left",
    "[full_disk][fault-09b][fault-19]") {
  if (database_kind() != "sqlite") return;
  SmallWorld world("size=48m");
  if (!world.disk.mounted()) return;
  const std::string filler = world.disk.path() + "/filler";
  const std::string part = "/" + std::string(240, 'x');
  const std::string target = files("/admin" + part + part + part + part);
  fill_bytes(filler);
  Response refused;
  for (int i = 0; i < 3000; ++i) { // the write-ahead log may have room of its own
    refused = world.anna.get(target, {{"User-Agent", std::string(400, 'u')}});
    if (refused.status == 507) break;
  }
  // Either the record has no room any more, or this account has used up what it may take of it.
  CHECK((refused.status == 507 || refused.status == 404));
  fill_bytes(filler);
  check_problem(world.anna.put(files("/" + world.anna.username + "/new"), "x"), 507,
                "insufficient_storage");
  const Response read = world.anna.get(files("/" + world.anna.username + "/kept"));
  CHECK(read.status == 200);
  CHECK(read.body.size() == 200'000);
  what_frees_space_works(world);
  CHECK(world.server.stop() == 0);
  fs::resize_file(filler, fs::file_size(filler)); // is still there
  fill_bytes(filler);
  world.server.start();
  Api after{world.server, "admin", kAdminPassword};
  CHECK(after.get("/readyz").status == 503);
  CHECK(becomes_true([&] { return fs::remove(filler) || after.get("/readyz").status == 200; }));
  CHECK(after.put(files("/admin/after"), "after").status == 201);
  CHECK(world.server.ctl({"audit", "verify"}).exit_code == 0);
}

TEST_CASE("With no inode left what frees space works, and the server stops and starts",
          "[full_disk][fault-19][fault-18]") {
  if (database_kind() != "sqlite") return;
  SmallWorld world("size=48m,nr_inodes=2000");
  if (!world.disk.mounted()) return;
  fill_inodes(world.disk.path());
  check_problem(world.anna.put(files("/" + world.anna.username + "/new"), "x"), 507,
                "insufficient_storage");
  CHECK(world.anna.get(files("/" + world.anna.username + "/kept")).status == 200);
  what_frees_space_works(world);
  for (int round = 0; round < 3; ++round) {
    CHECK(world.server.stop() == 0);
    fill_inodes(world.disk.path());
    world.server.start();
  }
  Api after{world.server, "admin", kAdminPassword};
  const Response ready = after.get("/readyz");
  CHECK(ready.status == 503);
  CHECK(Json::parse(ready.body)["checks"]["disk_space"].text() == "below the reserve");
  std::vector<fs::path> fillers;
  for (const auto& entry : fs::directory_iterator{world.disk.path()}) {
    if (entry.path().filename().string().starts_with("filler")) fillers.push_back(entry.path());
  }
  for (const auto& filler : fillers) fs::remove(filler);
  CHECK(becomes_true([&] { return after.get("/readyz").status == 200; }));
  CHECK(after.put(files("/admin/after"), "after").status == 201);
  CHECK(world.server.ctl({"audit", "verify"}).exit_code == 0);
}

TEST_CASE("Blobs on a full disk of their own: they are read and removed, and the record goes on",
          "[full_disk][fault-19]") {
  const SmallDisk blobs("size=8m");
  if (!blobs.mounted()) return;
  Server server{{.extra_toml = "files.blob_dir = \"" + blobs.path() + "/blobs\"\n",
                 .environment = {{"BALUHOST_FILES__MIN_FREE_BYTES", "0"}}}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/a"), std::string(100'000, 'a')).status == 201);
  fill_bytes(blobs.path() + "/filler");
  check_problem(anna.put(files(home + "/b"), std::string(100'000, 'b')), 507,
                "insufficient_storage");
  CHECK(anna.get(files(home + "/a")).body.size() == 100'000);
  CHECK(anna.del(files(home + "/a") + "?permanent=true").status == 204);
  CHECK(server.stop() == 0);
  server.start();
  CHECK(becomes_true([&] { return files_below(blobs.path() + "/blobs").empty(); }));
  CHECK(Api{server, anna.username}.put(files(home + "/b"), std::string(50'000, 'b')).status == 201);
}

TEST_CASE(
    "Who fills and frees the disk is on record, whoever it was, and readiness follows at once",
    "[full_disk][fault-18]") {
  if (database_kind() != "sqlite") return;
  SmallWorld world("size=48m");
  if (!world.disk.mounted()) return;
  REQUIRE(world.root.get("/readyz").status == 200);
  fill_bytes(world.disk.path() + "/filler");
  CHECK(becomes_true([&] { return world.root.get("/readyz").status == 503; }));
  const auto recorded = [&](const char* action) {
    return becomes_true([&] {
      return Json::parse(world.root.get(kEvents + "?action=" + action).body)["items"].size() == 1;
    });
  };
  REQUIRE(world.root.patch(kApi + "/users/" + world.bob, R"({"enabled":false})").status == 200);
  CHECK(world.root.put(files("/admin/new"), "x").status ==
        507); // a failed request does not hold readiness back
  CHECK(recorded("disk_space_low"));
  fs::remove(world.disk.path() + "/filler");
  const auto freed = std::chrono::steady_clock::now();
  CHECK(becomes_true([&] { return world.root.get("/readyz").status == 200; }));
  CHECK(std::chrono::steady_clock::now() - freed < 10s);
  CHECK(recorded("disk_space_recovered"));
}

TEST_CASE("Readiness says that the blob store cannot be written to", "[full_disk][fault-18]") {
  const SmallDisk blobs("size=8m");
  if (!blobs.mounted()) return;
  Server server{{.extra_toml = "files.blob_dir = \"" + blobs.path() + "/blobs\"\n"}};
  Api root = admin(server);
  REQUIRE(root.put(files("/admin/a"), "a").status == 201);
  REQUIRE(root.get("/readyz").status == 200);
  REQUIRE(::mount(nullptr, blobs.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  CHECK(becomes_true([&] { return root.get("/readyz").status == 503; }));
  const Response unready = root.get("/readyz");
  CHECK(Json::parse(unready.body)["checks"]["blob_store"].text() == "cannot be written to");
  CHECK(root.get(files("/admin/a")).body == "a");
  REQUIRE(::mount(nullptr, blobs.path().c_str(), nullptr, MS_REMOUNT, nullptr) == 0);
  CHECK(becomes_true([&] { return root.get("/readyz").status == 200; }));
}

TEST_CASE("A database that only lets in what frees space says so", "[full_disk][fault-09b]") {
  if (database_kind() != "sqlite") return;
  const SmallDisk disk("size=24m");
  if (!disk.mounted()) return;
  Server server{{.database_url = "sqlite:" + disk.path() + "/baluhost.db"}};
  Api root = admin(server);
  const std::string user = kApi + "/users/" + make_user(server);
  REQUIRE(becomes_true([&] { return fs::exists(disk.path() + "/baluhost.db-reserve-3"); }));
  fill_bytes(disk.path() + "/filler");
  for (int i = 0; fs::exists(disk.path() + "/baluhost.db-reserve-0") && i < 1000; ++i) {
    REQUIRE(root.patch(user, R"({"email":"a)" + std::to_string(i) + R"(@example.org"})").status ==
            200);
  }
  REQUIRE_FALSE(fs::exists(disk.path() + "/baluhost.db-reserve-0"));
  check_problem(root.post(dirs("/admin/d")), 507, "insufficient_storage");
  const Response ready = root.get("/readyz");
  CHECK(ready.status == 503);
  CHECK(audit_check(ready).find("frees") != std::string::npos);
  fs::remove(disk.path() + "/filler");
  CHECK(root.post(dirs("/admin/d")).status == 201);
}
