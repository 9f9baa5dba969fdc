// A restore is all or nothing, whatever stops it, and what it says is so.

#include "restore_fixture.hpp"

#include "baluhost/test/pgbouncer.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

using namespace baluhost::test;

namespace {

const std::string kBin = BALUHOST_TEST_BIN_DIR;

/// As a version made it that did not name its files.
void make_old(const std::string& backup) {
  std::string text = read_file(backup + "/backup.json");
  const auto at = text.find(",\"files\":[");
  REQUIRE(at != std::string::npos);
  text.erase(at, text.find(']', at) + 1 - at);
  write_file(backup + "/backup.json", text);
}

std::string first_blob(const std::string& backup) {
  const std::string id = read_file(backup + "/blobs.manifest").substr(0, 32);
  return backup + "/blobs/" + id.substr(0, 2) + "/" + id;
}

bool becomes_true(const std::function<bool()>& is) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!is()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return true;
}

} // namespace

TEST_CASE("A restore goes on beside the emptied log of a database that was closed in order",
          "[restore][fault-18]") {
  Original original{false};
  Server& server = original.server;
  server.start();
  REQUIRE(server.stop() == 0);
  const std::string data = server.data_dir();
  REQUIRE(fs::file_size(data + "/baluhost.db-wal") == 0);
  for (const char* name : {"baluhost.db", "blobs", "keys", "audit.anchor"})
    fs::remove_all(data + "/" + name);
  const auto restored = server.ctl({"db", "restore", original.backup});
  INFO(restored.err);
  REQUIRE(restored.exit_code == 0);
  CHECK(sqlite(data + "/baluhost.db", "pragma integrity_check") == "ok");
}

TEST_CASE("A restore beside what another database left is refused and names it",
          "[restore][fault-01]") {
  Original original{false};
  Server& server = original.server;
  server.start();
  Api root = admin(server);
  for (int i = 0; i < 20; ++i)
    REQUIRE(root.put("/api/v1/files/admin/later-" + std::to_string(i), "later").status == 201);
  server.kill();
  const std::string data = server.data_dir();
  REQUIRE(fs::file_size(data + "/baluhost.db-wal") > 0);
  for (const char* name : {"baluhost.db", "blobs", "keys", "audit.anchor"})
    fs::remove_all(data + "/" + name);
  const auto refused = server.ctl({"db", "restore", original.backup});
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("baluhost.db-wal") != std::string::npos);
  CHECK_FALSE(fs::exists(data + "/baluhost.db"));
  CHECK_FALSE(fs::exists(data + "/keys"));
  for (const char* end : {"-wal", "-shm"}) fs::remove(data + "/baluhost.db" + end);
  const auto restored = server.ctl({"db", "restore", original.backup});
  INFO(restored.err);
  REQUIRE(restored.exit_code == 0);
  CHECK(sqlite(data + "/baluhost.db", "pragma integrity_check") == "ok");
  CHECK(sqlite(data + "/baluhost.db", "select count(*) from files where name like 'later-%'") ==
        "0");

  for (const char* end : {"-wal", "-shm", "-journal"}) {
    INFO(end);
    Place place{false};
    fs::create_directory(place.data);
    write_file(place.data + "/baluhost.db" + end, "left over");
    const auto beside = place.restore(original.backup);
    CHECK(beside.exit_code == 1);
    CHECK(beside.err.find(std::string{"baluhost.db"} + end) != std::string::npos);
    CHECK(place.files() == std::set<std::string>{place.data + "/baluhost.db" + end});
  }
}

TEST_CASE("A share comes back with a restore, and opens by the link of before", "[restore]") {
  for (const bool postgres : {false, true}) {
    INFO((postgres ? "postgresql" : "sqlite"));
    Original original{postgres};
    Server& before = original.server;
    before.start();
    Api root = admin(before);
    const Json share =
        Json::parse(root.post("/api/v1/shares", R"({"path":"/admin","rights":["read"]})").body);
    const std::string url = share["url"].text();
    before.stop();
    const std::string backup = original.directory.path() + "/shared";
    REQUIRE(before.ctl({"db", "backup", backup, "--with-blobs"}).exit_code == 0);

    Place place{postgres};
    REQUIRE(place.restore(backup).exit_code == 0);
    place.check_whole();
    Server server{{.data_dir = place.data, .database_url = place.url}};
    Api guest{server};
    const Response opened = guest.post("/api/v1/shares/" + share["id"].text() + "/open",
                                       "{\"secret\":\"" + url.substr(url.find('#') + 1) + "\"}");
    REQUIRE(opened.status == 200);
    guest.access_token = Json::parse(opened.body)["access_token"].text();
    CHECK(guest.get("/api/v1/files/~/a").body == "content a");
  }
}

TEST_CASE("A restore without blobs says what is missing, and readiness and scrub know",
          "[restore][fault-02]") {
  for (const bool postgres : {false, true}) {
    INFO((postgres ? "postgresql" : "sqlite"));
    Original original{postgres, false};
    Place place{postgres};
    const auto restored = place.ctl({"--json", "db", "restore", original.backup});
    INFO(restored.err);
    CHECK(restored.exit_code == 3);
    CHECK(Json::parse(restored.out)["blobs"].integer() == 3);
    CHECK(Json::parse(restored.out)["missing"].integer() == 3);
    CHECK(Json::parse(restored.out)["missing_files"].size() == 3);
    CHECK(restored.out.find("/admin/a") != std::string::npos);

    Server server{{.data_dir = place.data, .database_url = place.url}};
    Api root = admin(server);
    const auto ready = root.get("/readyz");
    CHECK(ready.status == 503);
    CHECK(Json::parse(ready.body)["checks"]["blob_store"].text() == "contents are missing");
    CHECK(Json::parse(ready.body)["checks"]["database"].text() == "ok");
    const auto scrubbed = server.ctl({"files", "scrub", "--json"});
    CHECK(scrubbed.exit_code == 3);
    CHECK(Json::parse(scrubbed.out)["findings"].size() == 3);

    // Brought back, they are not missing any more.
    fs::copy(original.server.data_dir() + "/blobs", place.data + "/blobs",
             fs::copy_options::recursive | fs::copy_options::skip_existing);
    CHECK(becomes_true([&] { return root.get("/readyz").status == 200; }));
    CHECK(server.ctl({"files", "scrub"}).exit_code == 0);
    CHECK(root.get("/api/v1/files/admin/b").body == "content b");

    // Nor are those that no file refers to.
    for (const auto& entry : fs::recursive_directory_iterator{place.data + "/blobs"}) {
      if (entry.is_regular_file()) fs::remove(entry.path());
    }
    CHECK(server.ctl({"files", "scrub"}).exit_code == 3);
    CHECK(becomes_true([&] { return root.get("/readyz").status == 503; }));
    for (const char* name : {"a", "b", "c"})
      REQUIRE(root.del(std::string{"/api/v1/files/admin/"} + name + "?permanent=true").status ==
              204);
    CHECK(becomes_true([&] { return root.get("/readyz").status == 200; }));

    // Where they are already, nothing is missing.
    Place prepared{postgres};
    fs::create_directory(prepared.data);
    fs::copy(original.server.data_dir() + "/blobs", prepared.data + "/blobs",
             fs::copy_options::recursive);
    CHECK(prepared.restore(original.backup).exit_code == 0);
    prepared.check_whole();
  }
}

TEST_CASE("A restore that is refused touches nothing, and the next try works",
          "[restore][fault-03]") {
  for (const bool postgres : {false, true}) {
    INFO((postgres ? "postgresql" : "sqlite"));
    Original original{postgres};
    const TempDirectory copies;
    int copied = 0;
    const auto spoilt = [&](const std::function<void(const std::string&)>& spoil) {
      const std::string copy = copies.path() + "/" + std::to_string(++copied);
      fs::copy(original.backup, copy, fs::copy_options::recursive);
      spoil(copy);
      return copy;
    };
    const auto database = [&](const std::string& backup) {
      return backup + (postgres ? "/baluhost.dump" : "/baluhost.db");
    };
    std::vector<std::pair<std::string, std::string>> backups{
        {"no description", spoilt([](const std::string& b) { fs::remove(b + "/backup.json"); })},
        {"no manifest", spoilt([](const std::string& b) { fs::remove(b + "/blobs.manifest"); })},
        {"a short manifest", spoilt([](const std::string& b) {
           write_file(b + "/blobs.manifest", read_file(b + "/blobs.manifest").substr(0, 120));
         })},
        {"no keys", spoilt([](const std::string& b) { fs::remove_all(b + "/keys"); })},
        {"no database", spoilt([&](const std::string& b) { fs::remove(database(b)); })},
        {"half a database", spoilt([&](const std::string& b) {
           fs::resize_file(database(b), fs::file_size(database(b)) / 2);
         })},
        {"a blob that is missing", spoilt([](const std::string& b) { fs::remove(first_blob(b)); })},
        {"a blob that is damaged",
         spoilt([](const std::string& b) { write_file(first_blob(b), "damaged"); })},
        {"a blob that cannot be read", spoilt([](const std::string& b) {
           fs::remove(first_blob(b));
           fs::create_directory(first_blob(b));
         })},
        {"a record that was altered", spoilt([&](const std::string& b) {
           const std::string alter =
               "update audit_logs set resource = '/other' where action = 'upload' and resource = "
               "'/admin/a'";
           if (!postgres) {
             sqlite(database(b), "drop trigger if exists audit_logs_no_update; " + alter);
             fs::remove(database(b) + "-wal");
             return;
           }
           const std::string scratch = make_postgres_database();
           REQUIRE(run({"pg_restore", "--no-owner", "-d", scratch, database(b)}).exit_code == 0);
           psql(scratch, alter);
           REQUIRE(
               run({"pg_dump", "--format=custom", "-f", database(b), "-d", scratch}).exit_code ==
               0);
         })}};
    if (!postgres) {
      backups.emplace_back(
          "a damaged page", spoilt([&](const std::string& b) {
            std::fstream file{database(b), std::ios::in | std::ios::out | std::ios::binary};
            file.seekp(4096 * 3);
            file << std::string(4096, 'x');
          }));
    }
    backups.emplace_back("no anchor",
                         spoilt([](const std::string& b) { fs::remove(b + "/audit.anchor"); }));
    backups.emplace_back("no key of tokens", spoilt([](const std::string& b) {
                           for (const auto& key : fs::directory_iterator{b + "/keys"}) {
                             if (key.path().filename().string().starts_with("access-"))
                               fs::remove(key.path());
                           }
                         }));
    Place place{postgres};
    for (const auto& [what, backup] : backups) {
      // What the names in backup.json show is shown by the rest too, but for two.
      const bool needs_names = what == "no anchor" || what == "no key of tokens";
      for (const bool is_old : {false, true}) {
        if (is_old && (needs_names || what == "no description")) continue;
        if (is_old) make_old(backup);
        INFO(what << (is_old ? ", of an older version" : ""));
        const auto refused = place.restore(backup);
        INFO(refused.err);
        CHECK(refused.exit_code == 1);
        CHECK(refused.err.size() > 20);
        if (needs_names) CHECK(refused.err.find("is missing") != std::string::npos);
        place.check_untouched();
      }
    }
    const std::string elsewhere = place.directory.path() + "/elsewhere";
    const auto no_directory = place.ctl({"db", "restore", original.backup},
                                        {{"BALUHOST_AUDIT__ANCHOR_FILE", elsewhere + "/anchor"}});
    CHECK(no_directory.exit_code == 1);
    CHECK(no_directory.err.find(elsewhere) != std::string::npos);
    place.check_untouched();
    for (const char* there : {"keys/x", "blobs/x", "audit.anchor"}) {
      INFO(there);
      const fs::path path = place.data + "/" + there;
      fs::create_directories(path.parent_path());
      write_file(path.string(), "x");
      const auto refused = place.restore(original.backup);
      CHECK(refused.exit_code == 1);
      CHECK(refused.err.find("exists") != std::string::npos);
      CHECK(place.files() == std::set<std::string>{path.string()});
      fs::remove_all(place.data);
    }
    const auto restored = place.restore(original.backup);
    INFO(restored.err);
    REQUIRE(restored.exit_code == 0);
    CHECK(restored.err.empty());
    place.check_whole();
    CHECK(place.restore(original.backup).exit_code == 1); // never over existing data
    place.check_whole();

    Place second{postgres};
    const std::string old = spoilt(make_old);
    fs::remove(old + "/audit.anchor");
    const auto told = second.ctl({"--json", "db", "restore", old});
    CHECK(told.exit_code == 0);
    CHECK(told.err.find("older version") != std::string::npos);
    CHECK_FALSE(Json::parse(told.out)["known_whole"].flag());
  }
}

TEST_CASE("A restore through a pooler of transactions is refused, and the next try works",
          "[restore][fault-09]") {
  if (!PgBouncer::is_installed()) {
    WARN("left out: PgBouncer is not installed");
    return;
  }
  const Original original{true};
  Place place{true};
  const std::string direct = place.url;
  const auto port = direct.find(':', direct.find('@')) + 1;
  const PgBouncer pooler("127.0.0.1", "transaction",
                         direct.substr(port, direct.find('/', port) - port));
  place.url = pooler.url(direct.substr(direct.rfind('/') + 1));
  const auto refused = place.restore(original.backup);
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("pool_mode = session") != std::string::npos);
  CHECK(psql(direct, "select count(*) from pg_class where relname = 'users'") == "0");
  CHECK_FALSE(fs::exists(place.data + "/keys"));
  place.url = direct;
  CHECK(place.restore(original.backup).exit_code == 0);
}

TEST_CASE("A backup does not go among the server's own blobs or keys", "[restore][fault-11-9]") {
  Server server;
  for (const std::string& within : {std::string{"blobs"}, std::string{"blobs/new"},
                                    std::string{"keys/new"}, std::string{"blobs/../blobs/x/y"}}) {
    INFO(within);
    const auto refused = server.ctl({"db", "backup", server.data_dir() + "/" + within});
    CHECK(refused.exit_code == 1);
    CHECK(refused.err.find("a backup goes elsewhere") != std::string::npos);
    CHECK_FALSE(fs::exists(server.data_dir() + "/" + within + "/backup.json"));
  }
  CHECK(server.ctl({"db", "backup", server.data_dir() + "/blobs-of-monday"}).exit_code == 0);
}

TEST_CASE("A restore says which directory it may not write to", "[restore][fault-11-9]") {
  if (::geteuid() != 0) return;
  Original original{false};
  Place place{false};
  fs::permissions(place.directory.path(), fs::perms{0755});
  fs::permissions(original.directory.path(), fs::perms{0777});
  for (const auto& entry : fs::recursive_directory_iterator{original.backup})
    fs::permissions(entry.path(), fs::perms{0777});
  fs::permissions(original.backup, fs::perms{0777});
  auto command = place.command({"db", "restore", original.backup});
  command.insert(command.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  const auto refused = run(command);
  INFO(refused.err);
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find(place.data) != std::string::npos);
  CHECK(refused.err.find("Permission denied") != std::string::npos);
  place.check_untouched();
}

TEST_CASE(
    "A restore that is killed at any moment leaves nothing that a server would take, and the next "
    "try works",
    "[restore][fault-03]") {
  if (std::system("strace -V >/dev/null 2>&1") != 0) {
    WARN("strace is missing: killing a restore is not tested");
    return;
  }
  for (const bool postgres : {false, true}) {
    INFO((postgres ? "postgresql" : "sqlite"));
    Original original{postgres};
    const auto killed_at = [&](const std::string& calls, int when) {
      INFO(calls << " " << when);
      Place place{postgres};
      auto command = place.command({"db", "restore", original.backup});
      command.insert(command.begin(),
                     {"strace", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e",
                      "inject=" + calls + ":signal=SIGKILL:when=" + std::to_string(when)});
      const bool is_killed = run(command).exit_code != 0;
      if (is_killed && fs::exists(place.data + "/restore-unfinished")) {
        const auto server = run({kBin + "/baluhostd", "--data-dir", place.data, "--database-url",
                                 place.url, "--listen", "127.0.0.1:0"});
        CHECK(server.exit_code == 1);
        CHECK(server.err.find("restore") != std::string::npos);
        CHECK(place.ctl({"user", "list"}).exit_code == 1);
      }
      if (is_killed) {
        const auto again = place.restore(original.backup);
        INFO(again.err);
        CHECK(again.exit_code == 0);
      }
      CHECK_FALSE(fs::exists(place.data + "/restore-unfinished"));
      place.check_whole();
      return is_killed;
    };
    int kills = 0;
    for (int when = 1; killed_at("rename,renameat,renameat2,unlink,unlinkat,rmdir", when);
         when += 3)
      ++kills;
    CHECK(kills >= 3);
    if (postgres) CHECK(killed_at("wait4", 1)); // pg_restore is at work
  }
}
