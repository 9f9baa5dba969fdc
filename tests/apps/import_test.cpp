// Bringing trees in and taking them out: what could not be taken is named and counted, and the rest
// is taken.

#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <set>

using namespace baluhost::test;
namespace fs = std::filesystem;

TEST_CASE("Importing keeps tree and times, never overwrites, and goes on where it stopped",
          "[import]") {
  Server server;
  TempDirectory directory;
  const std::string tree = directory.path() + "/tree";
  fs::create_directories(tree + "/sub/empty");
  write_file(tree + "/a.txt", "alpha");
  write_file(tree + "/sub/b.txt", "beta");
  fs::create_symlink("/etc/passwd", tree + "/link");
  run({"touch", "-d", "2001-02-03T04:05:06Z", tree + "/a.txt"});
  const auto imported = server.ctl({"files", "import", tree, "/admin/tree", "--json"});
  INFO(imported.err);
  REQUIRE(imported.exit_code == 0);
  CHECK(Json::parse(imported.out)["files"].integer() == 2);
  CHECK(Json::parse(imported.out)["skipped"].size() == 1);
  Api root = admin(server);
  CHECK(root.get("/api/v1/files/admin/tree/sub/b.txt").body == "beta");
  CHECK(root.get("/api/v1/files/admin/tree/link").status == 404);
  CHECK(Json::parse(root.get("/api/v1/meta/admin/tree/a.txt").body)["modified_at"].text() ==
        "2001-02-03T04:05:06.000000Z");
  CHECK(Json::parse(server.ctl({"files", "import", tree, "/admin/tree", "--json"}).out)["unchanged"]
            .integer() == 2);
  write_file(tree + "/a.txt", "changed");
  const auto refused = server.ctl({"files", "import", tree, "/admin/tree", "--json"});
  CHECK(refused.exit_code == 1);
  CHECK(Json::parse(refused.out)["existing"].size() == 1);
  CHECK(root.get("/api/v1/files/admin/tree/a.txt").body == "alpha");
  REQUIRE(server.ctl({"files", "export", "/admin/tree", directory.path() + "/out"}).exit_code == 0);
  CHECK(read_file(directory.path() + "/out/sub/b.txt") == "beta");
  CHECK(fs::is_directory(directory.path() + "/out/sub/empty"));
}

TEST_CASE("Names as long as a name can be are exported, and nothing else is left there",
          "[import][fault-17]") {
  Server server;
  Api root = admin(server);
  std::set<std::string> names;
  for (std::size_t length = 240; length <= 255; ++length)
    names.insert(std::string(length - 3, 'n') + std::to_string(length));
  for (const std::string& name : names)
    REQUIRE(root.put("/api/v1/files/admin/long/" + name + "?parents=true", name).status == 201);
  TempDirectory directory;
  const std::string out = directory.path() + "/out";
  const auto exported = server.ctl({"files", "export", "/admin/long", out, "--json"});
  INFO(exported.err);
  CHECK(exported.exit_code == 0);
  CHECK(Json::parse(exported.out)["files"].integer() == static_cast<std::int64_t>(names.size()));
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator{out})
    found.insert(entry.path().filename().string());
  CHECK(found == names);
  for (const std::string& name : names) CHECK(read_file(out + "/" + name) == name);
  // Never over what is there.
  write_file(out + "/" + *names.begin(), "mine");
  CHECK(server.ctl({"files", "export", "/admin/long", out}).exit_code == 1);
  CHECK(read_file(out + "/" + *names.begin()) == "mine");
}

TEST_CASE("An export goes on after a file that cannot be exported, and names it",
          "[import][fault-17]") {
  Server server;
  Api root = admin(server);
  for (const char* name : {"a/1", "a/2", "b"})
    REQUIRE(root.put(std::string{"/api/v1/files/admin/t/"} + name + "?parents=true",
                     std::string{"is "} + name)
                .status == 201);
  const std::string blob =
      run({"sh", "-c", "grep -rl 'is a/1' " + server.data_dir() + "/blobs"}).out;
  REQUIRE(blob.size() > 1);
  fs::remove(blob.substr(0, blob.size() - 1));
  TempDirectory directory;
  const std::string out = directory.path() + "/out";
  const auto exported = server.ctl({"files", "export", "/admin/t", out, "--json"});
  CHECK(exported.exit_code == 1);
  CHECK(exported.err.find("/admin/t/a/1") != std::string::npos);
  REQUIRE(Json::parse(exported.out)["failed"].size() == 1);
  CHECK(Json::parse(exported.out)["failed"][0].text().find("/admin/t/a/1") != std::string::npos);
  CHECK(read_file(out + "/a/2") == "is a/2");
  CHECK(read_file(out + "/b") == "is b");
  CHECK(std::distance(fs::directory_iterator{out + "/a"}, fs::directory_iterator{}) == 1);
  // A directory that cannot be made keeps none of the others back.
  const std::string second = directory.path() + "/second";
  fs::create_directory(second);
  write_file(second + "/a", "in the way");
  CHECK(server.ctl({"files", "export", "/admin/t", second}).exit_code == 1);
  CHECK(read_file(second + "/b") == "is b");
}

TEST_CASE("An export that is killed while it writes leaves nothing of the file", "[import]") {
  Server server;
  Api root = admin(server);
  const std::string large(std::size_t{12} << 20, 'x');
  REQUIRE(root.put("/api/v1/files/admin/t/large?parents=true", large).status == 201);
  TempDirectory directory;
  const std::string out = directory.path() + "/out";
  fs::create_directory(out);
  // The kernel kills who writes beyond the limit, here 8 MiB.
  const auto killed = run({"sh", "-c",
                           "ulimit -f 16384; " BALUHOST_TEST_BIN_DIR "/baluhostctl --config " +
                               server.config_file() + " files export /admin/t " + out});
  CHECK(killed.exit_code == 128 + SIGXFSZ);
  CHECK(fs::is_empty(out));
}

TEST_CASE("An import that leaves a file out exits 1, and counts what is below a folder",
          "[import][fault-33]") {
  Server server;
  TempDirectory directory;
  const std::string tree = directory.path() + "/tree";
  fs::create_directories(tree + "/good");
  write_file(tree + "/good/z.txt", "good");
  write_file(tree + "/zz.txt", "good too");
  CHECK(server.ctl({"files", "import", tree, "/admin/first"}).exit_code == 0);
  // What is no file was never promised.
  fs::create_symlink("/etc/passwd", tree + "/link");
  const auto with_link = server.ctl({"files", "import", tree, "/admin/link", "--json"});
  CHECK(with_link.exit_code == 0);
  CHECK(Json::parse(with_link.out)["skipped"].size() == 1);

  const std::string bad_name = std::string{"bad"} + "\x01" + "name";
  write_file(tree + "/" + bad_name, "x");
  const auto refused = server.ctl({"files", "import", tree, "/admin/second", "--json"});
  CHECK(refused.exit_code == 1);
  CHECK(Json::parse(refused.out)["failed"].size() == 1);
  CHECK(Json::parse(refused.out)["failed_files"].integer() == 1);
  CHECK(Json::parse(refused.out)["files"].integer() == 2);

  fs::remove(tree + "/" + bad_name);
  fs::create_directories(tree + "/" + bad_name + "/sub");
  for (const char* name : {"/1", "/2", "/sub/3"}) write_file(tree + "/" + bad_name + name, "x");
  const auto folder = server.ctl({"files", "import", tree, "/admin/third", "--json"});
  CHECK(folder.exit_code == 1);
  CHECK(Json::parse(folder.out)["failed"].size() == 1);
  CHECK(Json::parse(folder.out)["failed_files"].integer() == 3);
  CHECK(Json::parse(folder.out)["files"].integer() == 2);
  CHECK(folder.err.find("3 files") != std::string::npos);
}
