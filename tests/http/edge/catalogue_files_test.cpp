#include "baluhost/test/small_disk.hpp"
#include "edge/catalogue.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

// The rows of the catalogue of events about files, uploads and the server itself; the others are in
// catalogue_test.cpp.

using namespace baluhost::test;
using namespace baluhost::test::catalogue;

TEST_CASE("What happens to files is recorded as the catalogue says", "[catalogue_files]") {
  Api anna = new_user(server(), "user", "\"quota_bytes\":1000");
  Api bob = new_user(server());
  const std::string home = "/" + anna.username, path = home + "/a.txt";
  const Keys done{"duration_ms", "file_size", "mime_type",         "replaced",
                  "sha1",        "sha256",    "transfer_rate_mbps"};
  const Keys not_done{"attempted_size", "duration_ms", "mime_type"};

  Json event = check(anna, "PUT", files(path), "hello", 201, {"upload", path, done, ""});
  CHECK(event["details"]["file_size"].integer() == 5);
  CHECK(event["details"]["mime_type"].text() == "text/plain");
  CHECK_FALSE(event["details"]["replaced"].flag());
  CHECK(event["details"]["sha1"].text() == "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d");
  event =
      check(anna, "PUT", files(path) + "?overwrite=true", "hello", 200, {"upload", path, done, ""});
  CHECK(event["details"]["replaced"].flag());
  event =
      check(anna, "PUT", files(path), "hello", 409, {"upload", path, not_done, "already_exists"});
  CHECK(event["details"]["attempted_size"].integer() == 5);
  check(anna, "PUT", files(home + "/big"), std::string(2000, 'x'), 413,
        {"upload", home + "/big", not_done, "quota_exceeded"});
  check(anna, "PUT", files(home + "/no/such"), "hello", 404,
        {"upload", home + "/no/such", not_done, "not_found"});
  check_refused(bob, "PUT", files(path), "hello", 404, path, "upload", "write");
  check_without_token("PUT", files(path), "hello");

  Keys sent{"bytes_sent", "complete", "download_time_ms",  "duration_ms",
            "file_size",  "sha256",   "transfer_rate_mbps"};
  event = check(anna, "GET", files(path), "", 200, {"download", path, sent, ""});
  CHECK(event["details"]["bytes_sent"].integer() == 5);
  CHECK(event["details"]["file_size"].integer() == 5);
  CHECK(event["details"]["complete"].flag());
  sent.insert(sent.begin() + 5, "range");
  event = check(anna, "GET", files(path), "", 206, {"download", path, sent, ""}, anna.username,
                {{"Range", "bytes=1-2"}});
  CHECK(event["details"]["range"].text() == "1-2");
  CHECK(event["details"]["bytes_sent"].integer() == 2);
  check(anna, "GET", files(path), "", 416,
        {"download", path, {"file_size", "sha256"}, "range_not_satisfiable"}, anna.username,
        {{"Range", "bytes=9-"}});
  check(anna, "GET", files(home + "/none"), "", 404, {"download", home + "/none", {}, "not_found"});
  check_refused(bob, "GET", files(path), "", 404, path, "download", "read");
  check_without_token("GET", files(path), "");

  const std::string directory = home + "/dir";
  check(anna, "POST", dirs(directory), "", 201, {"create_directory", directory, {}, ""});
  check(anna, "POST", dirs(directory), "", 409,
        {"create_directory", directory, {}, "already_exists"});
  check_refused(bob, "POST", dirs(home + "/theirs"), "", 404, home + "/theirs", "create_directory",
                "write");
  check_without_token("POST", dirs(directory), "");

  const auto between = [](const std::string& source, const std::string& destination) {
    return object({{"from", q(source)}, {"to", q(destination)}});
  };
  const std::string move = kApi + "/actions/move", copy = kApi + "/actions/copy";
  const Keys went{"destination", "file_count", "source"}, stayed{"destination", "source"};
  event = check(anna, "POST", move, between(path, directory + "/a.txt"), 200,
                {"move", directory + "/a.txt", went, ""});
  CHECK(event["details"]["source"].text() == path);
  CHECK(event["details"]["destination"].text() == directory + "/a.txt");
  CHECK(event["details"]["file_count"].integer() == 1);
  check(anna, "POST", move, between(path, directory + "/b.txt"), 404,
        {"move", directory + "/b.txt", stayed, "not_found"});
  check(anna, "POST", move, between(directory + "/a.txt", directory + "/b.txt"), 200,
        {"rename", directory + "/b.txt", went, ""});
  check(anna, "POST", move, between(directory + "/b.txt", directory + "/b.txt"), 409,
        {"rename", directory + "/b.txt", stayed, "conflict"});
  event = check(anna, "POST", copy, between(directory, home + "/copy"), 201,
                {"copy", home + "/copy", went, ""});
  check(anna, "POST", copy, between(directory, home + "/copy"), 409,
        {"copy", home + "/copy", stayed, "already_exists"});
  for (const auto& target : {move, copy}) {
    const bool moves = target == move;
    check_refused(bob, "POST", target, between(directory, "/" + bob.username + "/x"), 404,
                  directory, moves ? "move" : "copy", moves ? "read,write,delete" : "read");
    check_without_token("POST", target, between(directory, home + "/x"));
    check(anna, "POST", target, "{}", 400,
          {moves ? "move" : "copy", std::nullopt, {}, "invalid_request"});
  }

  event = check(anna, "DELETE", files(directory + "/b.txt") + "?permanent=true", "", 204,
                {"delete", directory + "/b.txt", {"file_size", "kind"}, ""});
  CHECK(event["details"]["kind"].text() == "file");
  CHECK(event["details"]["file_size"].integer() == 5);
  check(anna, "DELETE", files(home + "/copy"), "", 409,
        {"delete", home + "/copy", {"kind"}, "conflict"});
  check(anna, "DELETE", files(home + "/none"), "", 404,
        {"delete", home + "/none", {}, "not_found"});
  check_refused(bob, "DELETE", files(home + "/copy"), "", 404, home + "/copy", "delete", "delete");
  check_without_token("DELETE", files(home + "/copy"), "");
  const std::string address = next_address();
  REQUIRE(
      anna.del(files(home + "/copy") + "?recursive=true&permanent=true", from(address)).status ==
      204);
  const auto tree = anna.events("action=delete&ip_address=" + address);
  REQUIRE(tree.size() == 2);
  for (const Json& one : tree) {
    const bool whole = one["resource"].text() == home + "/copy";
    CHECK((whole || one["resource"].text() == home + "/copy/b.txt"));
    Keys keys = one["details"].keys();
    std::erase(keys, "peer_address");
    CHECK(keys == (whole ? Keys{"file_count", "file_size", "kind", "total_size"}
                         : Keys{"file_size", "kind"}));
    CHECK(one["details"]["file_size"].integer() == 5);
    CHECK(one["details"]["kind"].text() == (whole ? "directory" : "file"));
  }
}

TEST_CASE("Uploads of several requests are recorded at their end, however they end",
          "[catalogue_files]") {
  Api anna = new_user(server());
  Api bob = new_user(server());
  const std::string path = "/" + anna.username + "/later.txt";
  const std::string uploads = kApi + "/uploads";
  const Headers tus{{"Tus-Resumable", "1.0.0"}};
  const auto plus = [&](Headers more) {
    more.insert(more.begin(), tus.begin(), tus.end());
    return more;
  };
  const std::string metadata = "path " + run({"base64", "-w0"}, {}, path).out;
  const auto start = [&](Api& who) {
    const Response made = who.send(
        "POST", uploads, plus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata}}), "");
    REQUIRE(made.status == 201);
    const std::string location = made.header("Location").value_or("");
    return location.substr(location.find("/api/"));
  };
  const auto chunk = [&](const std::string& offset) {
    return plus({{"Upload-Offset", offset}, {"Content-Type", "application/offset+octet-stream"}});
  };
  const Keys done{"duration_ms", "file_size", "mime_type",         "replaced",
                  "sha1",        "sha256",    "transfer_rate_mbps"};

  check(bob, "POST", uploads, "", 404,
        {"access_denied", path, {"operation", "required_permission"}, "not_found"}, bob.username,
        plus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata}}));
  const std::string first = start(anna);
  check(anna, "PATCH", first, "hello", 409,
        {"upload", path, {"attempted_size", "mime_type"}, "conflict"}, anna.username, chunk("3"));
  check(bob, "PATCH", first, "hello", 404,
        {"access_denied", path, {"operation", "required_permission"}, "not_found"}, bob.username,
        chunk("0"));
  check(anna, "PATCH", first, "hello", 204, {"upload", path, done, ""}, anna.username, chunk("0"));
  check(anna, "POST", uploads, "", 409,
        {"upload", path, {"attempted_size", "duration_ms", "mime_type"}, "already_exists"},
        anna.username, plus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata}}));
  REQUIRE(anna.del(files(path) + "?permanent=true").status == 204);

  const std::string second = start(anna);
  check(bob, "DELETE", second, "", 404,
        {"access_denied", path, {"operation", "required_permission"}, "not_found"}, bob.username,
        tus);
  check(anna, "DELETE", second, "", 204,
        {"upload", path, {"attempted_size", "mime_type"}, "client_disconnected"}, anna.username,
        tus);
  check(anna, "DELETE", second, "", 404, {"upload", std::nullopt, {}, "not_found"}, anna.username,
        tus);
}

TEST_CASE("What the server does of itself is recorded as the catalogue says", "[catalogue_files]") {
  const SmallDisk disk("size=8m");
  const std::string filler = disk.path() + "/filler";
  if (disk.mounted()) write_file(filler, std::string(6 << 20, 'x'));
  Server own{
      {.extra_toml = "audit.seal_interval = \"20ms\"\n" +
                     (disk.mounted() ? "files.blob_dir = \"" + disk.path() + "/blobs\"\n" : ""),
       .environment = {{"BALUHOST_FILES__MIN_FREE_BYTES", "4MiB"}}}};
  Api root = admin(own);
  const auto check_system = [&](const std::string& action, const Keys& keys,
                                const std::string& user) {
    INFO(action);
    const auto events = Api{own}.events("limit=1&action=" + action);
    REQUIRE(events.size() == 1);
    INFO(events[0].dump());
    CHECK(events[0]["event_type"].text() == type_of(action));
    CHECK(events[0]["resource"].is_null());
    CHECK(events[0]["success"].flag());
    CHECK(events[0]["details"].keys() == keys);
    if (user.empty())
      CHECK(events[0]["user"].is_null());
    else
      CHECK(events[0]["user"].text().starts_with(user));
    return events[0];
  };
  const Keys space{"free_bytes", "free_inodes", "min_free_bytes", "total_bytes"};
  if (disk.mounted()) {
    for (int i = 0; i < 500 && root.events("action=disk_space_low").empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    const Json low = check_system("disk_space_low", space, "");
    CHECK(low["details"]["free_bytes"].integer() < low["details"]["min_free_bytes"].integer());
    CHECK(low["details"]["min_free_bytes"].integer() == 4 << 20);
    std::filesystem::remove(filler);
    for (int i = 0; i < 2000 && root.events("action=disk_space_recovered").empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10}); // it looks every 5 s
    const Json recovered = check_system("disk_space_recovered", space, "");
    CHECK(recovered["details"]["free_bytes"].integer() >=
          recovered["details"]["min_free_bytes"].integer());
  }
  CHECK(
      check_system("schema_migrated", {"from_version", "to_version"}, "")["details"]["from_version"]
          .integer() == 0);
  check_system("server_started", {"instance", "version"}, "");
  REQUIRE(root.put(files("/admin/a"), "content to be hurt").status == 201);
  REQUIRE(own.ctl({"keys", "rotate"}).exit_code == 0);
  check_system("keys_rotated",
               {"access", "content", "factor", "refresh", "removed", "resealed", "seal"}, "cli:");
  REQUIRE(own.ctl({"files", "scrub"}).exit_code == 0);
  CHECK(check_system("integrity_scrub",
                     {"blobs", "bytes", "complete", "damaged", "duration_ms", "missing", "orphans"},
                     "cli:")["details"]["blobs"]
            .integer() == 1);
  const std::string victim =
      run({"sh", "-c",
           "grep -rl 'to be hurt' " + (disk.mounted() ? disk.path() : own.data_dir()) + "/blobs"})
          .out;
  write_file(victim.substr(0, victim.size() - 1), "content to be HURT");
  REQUIRE(own.ctl({"files", "scrub"}).exit_code == 3);
  check_system("blob_damaged", {"blob", "detail", "file_size", "finding", "paths", "sha256"},
               "cli:");
  TempDirectory directory;
  REQUIRE(own.ctl({"db", "backup", directory.path() + "/b"}).exit_code == 0);
  check_system("backup_created", {"blobs", "bytes", "with_blobs"}, "cli:");
  REQUIRE(own.ctl({"db", "backup", directory.path() + "/b"}).exit_code == 1);
  const auto failed = root.events("limit=1&action=backup_created&success=false");
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]["event_type"].text() == "SYSTEM");
  CHECK(failed[0]["error_message"].text() == "conflict");
  CHECK(failed[0]["details"].keys() == Keys{"with_blobs"});
  CHECK(failed[0]["user"].text().starts_with("cli:"));
  own.kill();
  if (database_kind() == "postgresql")
    alter(own, "update instances set seen_at = seen_at - 61000000"); // else the dead one may still
                                                                     // live for a minute
  own.start();
  check_system("recovery_completed", {"instances", "interrupted_downloads", "recovered_events"},
               "");
  CHECK(own.stop() == 0);
  own.start();
  check_system("server_stopped", {"instance", "uptime_seconds"}, "");
  REQUIRE(own.ctl({"audit", "prune", "--before", "2100-01-01T00:00:00Z"}).exit_code == 0);
  const Json pruned =
      check_system("audit_pruned", {"before", "events", "last_event", "last_seal"}, "cli:");
  CHECK(pruned["details"]["before"].text() == "2100-01-01T00:00:00.000000Z");
  CHECK(pruned["details"]["events"].integer() > 10);
}
