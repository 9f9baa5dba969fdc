// Contents that are damaged, lost or without their key, in backups and restores: everything else is
// kept, they are named, and whoever asks later is told the same.

#include "restore_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

using namespace baluhost::test;

namespace {

using Names = std::set<std::string>;

std::string blob_in(const std::string& blobs, const std::string& id) {
  return blobs + "/" + id.substr(0, 2) + "/" + id;
}

void flip_a_byte(const std::string& file) {
  auto bytes = read_file(file);
  REQUIRE(bytes.size() > 90);
  bytes[90] = static_cast<char>(bytes[90] ^ 1);
  write_file(file, bytes);
}

/// Names of files by what `findings` say of them, as "damaged a".
Names named(const Json& findings) {
  Names names;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    for (std::size_t j = 0; j < findings[i]["paths"].size(); ++j)
      names.insert(findings[i]["kind"].text() + " " +
                   findings[i]["paths"][j].text().substr(std::string{"/admin/"}.size()));
  }
  return names;
}

/// A host with files that are sound and some that are not.
struct Host {
  bool is_encrypted;
  Server server;
  TempDirectory directory;
  std::map<std::string, std::string> contents;
  std::map<std::string, std::string> blobs; ///< ids by name

  Host(bool postgres, bool encrypted)
      : is_encrypted(encrypted),
        server{{.extra_toml = encrypted ? "files.encryption = true\n" : "",
                .database_url = postgres ? make_postgres_database() : ""}} {
    contents = {{"changed", std::string(1000, 'c')},
                {"cut", std::string(1000, 'd')},
                {"lost", "lost"},
                {"good", "good"},
                {"large", std::string(300'000, 'e')}};
    Api root = admin(server);
    for (const auto& [name, content] : contents) put(root, name, content);
  }

  void put(Api& root, const std::string& name, const std::string& content) {
    const auto before = ids();
    REQUIRE(root.put("/api/v1/files/admin/" + name, content).status == 201);
    for (const std::string& id : ids())
      if (!before.contains(id)) blobs[name] = id;
    REQUIRE(blobs.contains(name));
  }
  [[nodiscard]] Names ids() const {
    Names found;
    for (const auto& entry : fs::recursive_directory_iterator{server.data_dir() + "/blobs"})
      if (entry.is_regular_file()) found.insert(entry.path().filename().string());
    return found;
  }
  [[nodiscard]] std::string blob(const std::string& name) const {
    return blob_in(server.data_dir() + "/blobs", blobs.at(name));
  }
  void damage(const std::string& in_directory) const {
    flip_a_byte(blob_in(in_directory, blobs.at("changed")));
    fs::resize_file(blob_in(in_directory, blobs.at("cut")), 500);
    fs::remove(blob_in(in_directory, blobs.at("lost")));
  }
};

const Names kBad{"damaged changed", "damaged cut", "missing lost"};

/// That the restored host has everything else, and that all who are asked say the same.
void check_all_but(const Place& place, const Host& host, const Names& bad) {
  CHECK(place.ctl({"audit", "verify"}).exit_code == 0);
  CHECK(place.ctl({"db", "check"}).exit_code == 3);
  const auto scrubbed = place.ctl({"--json", "files", "scrub"});
  CHECK(scrubbed.exit_code == 3);
  CHECK(named(Json::parse(scrubbed.out)["findings"]) == bad);
  Server server{{.data_dir = place.data, .database_url = place.url}};
  Api root = admin(server);
  const auto is_bad = [&](const std::string& name) {
    return bad.contains("damaged " + name) || bad.contains("missing " + name);
  };
  for (const auto& [name, content] : host.contents) {
    INFO(name);
    const auto got = root.get("/api/v1/files/admin/" + name);
    CHECK((got.status == 200 && got.body == content) == !is_bad(name));
    if (is_bad(name))
      REQUIRE(root.del("/api/v1/files/admin/" + name + "?permanent=true").status == 204);
  }
  CHECK(server.ctl({"files", "scrub"}).exit_code == 0);
  CHECK(server.ctl({"db", "check"}).exit_code == 0);
}

} // namespace

TEST_CASE("A backup of a host with bad contents is made and says which; a restore has all others",
          "[damaged_contents]") {
  const bool postgres = GENERATE(false, true);
  const bool encrypted = GENERATE(false, true);
  Host host{postgres, encrypted};
  host.damage(host.server.data_dir() + "/blobs");
  const std::string backup = host.directory.path() + "/backup";
  const auto made = host.server.ctl({"--json", "db", "backup", backup, "--with-blobs"});
  INFO(made.err);
  REQUIRE(made.exit_code == 3);
  const Json said = Json::parse(made.out);
  CHECK(said["blobs"].integer() == 5);
  CHECK(said["damaged"].integer() == 2);
  CHECK(said["missing"].integer() == 1);
  CHECK(named(said["findings"]) == kBad);
  CHECK(Json::parse(read_file(backup + "/backup.json"))["bad_contents"].size() == 3);
  // What lies there is copied byte by byte, damaged or not.
  for (const char* name : {"changed", "cut", "good", "large"})
    CHECK(read_file(host.blob(name)) == read_file(blob_in(backup + "/blobs", host.blobs.at(name))));
  const auto listed = host.server.ctl({"--json", "audit", "list", "--action", "backup_created"});
  const Json event = Json::parse(listed.out)["items"][0];
  CHECK(event["success"].flag());
  CHECK(event["details"]["damaged"].integer() == 2);
  CHECK(event["details"]["missing"].integer() == 1);

  const Place place{postgres};
  const auto restored = place.ctl({"--json", "db", "restore", backup});
  INFO(restored.err);
  REQUIRE(restored.exit_code == 3);
  const Json told = Json::parse(restored.out);
  CHECK(named(told["findings"]) == kBad);
  CHECK(told["missing_files"].size() == 1);
  for (std::size_t i = 0; i < told["findings"].size(); ++i)
    CHECK_FALSE(told["findings"][i]["new"].flag());
  check_all_but(place, host, kBad);
}

TEST_CASE("A backup that was damaged since is restored but for the contents that were",
          "[damaged_contents]") {
  const bool postgres = GENERATE(false, true);
  const bool encrypted = GENERATE(false, true);
  Host host{postgres, encrypted};
  const std::string backup = host.directory.path() + "/backup";
  const auto made = host.server.ctl({"db", "backup", backup, "--with-blobs"});
  REQUIRE(made.exit_code == 0);
  CHECK(made.out.find("DAMAGED") == std::string::npos);
  host.damage(backup + "/blobs");
  if (encrypted) fs::create_directory(blob_in(backup + "/blobs", host.blobs.at("lost")));
  const Place place{postgres};
  const auto refused = place.ctl({"db", "restore", backup});
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("3 contents were damaged or lost since the backup was made") !=
        std::string::npos);
  CHECK(refused.err.find("/admin/lost") != std::string::npos);
  place.check_untouched();
  const auto restored = place.ctl({"db", "restore", backup, "--skip-damaged"});
  INFO(restored.err);
  REQUIRE(restored.exit_code == 3);
  CHECK(restored.out.find("2 of them are DAMAGED and 1 MISSING") != std::string::npos);
  const std::string why = encrypted ? "the content cannot be opened: it is not a regular file"
                                    : "the blob is not there";
  CHECK(restored.out.find("missing: /admin/lost: " + why + " (since the backup was made)") !=
        std::string::npos);
  CHECK(restored.out.find("damaged: /admin/changed: ") != std::string::npos);
  check_all_but(place, host, kBad);
}

TEST_CASE("Contents whose key is lost are in a backup, named, and sound again with the key",
          "[damaged_contents]") {
  const bool postgres = GENERATE(false, true);
  Host host{postgres, true};
  const std::string keys = host.server.data_dir() + "/keys";
  std::string lost;
  for (const auto& entry : fs::directory_iterator{keys})
    if (entry.path().filename().string().starts_with("content-"))
      lost = entry.path().filename().string();
  REQUIRE(host.server.ctl({"keys", "rotate"}).exit_code == 0);
  std::this_thread::sleep_for(std::chrono::seconds{2}); // a server sees it within one
  Api root = admin(host.server);
  host.contents["later"] = "under the new key";
  host.put(root, "later", host.contents["later"]);
  const std::string kept = host.directory.path() + "/kept";
  const std::string backup = host.directory.path() + "/backup";
  const Names all{"damaged changed", "damaged cut", "damaged good", "damaged large",
                  "damaged lost"};
  std::vector<std::string> restore{"--json", "db", "restore", backup};
  SECTION("in the host") {
    fs::rename(keys + "/" + lost, kept);
    const auto made = host.server.ctl({"--json", "db", "backup", backup, "--with-blobs"});
    CHECK(made.exit_code == 3);
    CHECK(named(Json::parse(made.out)["findings"]) == all);
    CHECK(made.out.find(lost.substr(lost.rfind('-') + 1, 16)) != std::string::npos);
  }
  SECTION("in the backup") {
    REQUIRE(host.server.ctl({"db", "backup", backup, "--with-blobs"}).exit_code == 0);
    fs::rename(backup + "/keys/" + lost, kept);
    restore.emplace_back("--skip-damaged");
  }
  const Place place{postgres};
  const auto restored = place.ctl(restore);
  INFO(restored.err);
  REQUIRE(restored.exit_code == 3);
  CHECK(named(Json::parse(restored.out)["findings"]) == all);
  CHECK(place.ctl({"db", "check"}).exit_code == 3);
  CHECK(place.ctl({"files", "scrub"}).exit_code == 3);
  fs::copy(kept, place.data + "/keys/" + lost);
  fs::permissions(place.data + "/keys/" + lost, fs::perms::owner_read | fs::perms::owner_write);
  place.check_whole();
}

TEST_CASE("A backup names ten of many bad contents and counts the rest", "[damaged_contents]") {
  Server server;
  Api root = admin(server);
  for (int i = 0; i < 12; ++i)
    REQUIRE(root.put("/api/v1/files/admin/" + std::to_string(i), "x").status == 201);
  for (const auto& entry : fs::recursive_directory_iterator{server.data_dir() + "/blobs"})
    if (entry.is_regular_file()) fs::remove(entry.path());
  const TempDirectory directory;
  const auto made = server.ctl({"db", "backup", directory.path() + "/backup", "--with-blobs"});
  CHECK(made.exit_code == 3);
  CHECK(std::ranges::count(made.out, '\n') == 12);
  CHECK(made.out.find("and 2 more") != std::string::npos);
}

TEST_CASE("What is damaged in the trash is found and named by its blob", "[damaged_contents]") {
  const bool postgres = GENERATE(false, true);
  Host host{postgres, false};
  Api root = admin(host.server);
  for (const char* name : {"changed", "lost"})
    REQUIRE(root.del(std::string{"/api/v1/files/admin/"} + name).status == 204);
  flip_a_byte(host.blob("changed"));
  fs::remove(host.blob("lost"));
  const auto scrubbed = host.server.ctl({"files", "scrub"});
  CHECK(scrubbed.exit_code == 3);
  for (const char* name : {"changed", "lost"}) {
    const auto at = scrubbed.out.find(host.blobs.at(name));
    REQUIRE(at != std::string::npos);
    CHECK(scrubbed.out.find("it is in the trash") != std::string::npos);
  }
  CHECK(host.server.ctl({"db", "check"}).exit_code == 3);
  REQUIRE(root.del("/api/v1/trash").status == 204);
  CHECK(host.server.ctl({"files", "scrub"}).exit_code == 0);
}
