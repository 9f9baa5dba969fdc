#include "files/tus.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

// Uploads whose connection, server or client went away: what is kept, who goes on, and what
// expires.

using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

/// A port that nobody listens on, below those that the system gives away by itself.
std::string free_port() {
  for (int port = 20'000 + ::getpid() % 10'000;; ++port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    ::close(fd);
    if (free) return std::to_string(port);
  }
}

/// Where the server keeps what has come of an upload.
std::string staging_file(const std::string& location) {
  return staging(shared_server()) + location.substr(location.rfind('/'));
}

/// A first request of which `bytes` are sent and the rest is not, once the server has begun it.
HttpClient begun_append(const Api& anna, const std::string& location, std::size_t announced,
                        std::string_view bytes) {
  HttpClient client = half_append(shared_server(), anna, location, 0, announced, bytes);
  const std::string staged = staging_file(location);
  for (int i = 0; i < 2000 && !std::filesystem::exists(staged); ++i)
    std::this_thread::sleep_for(5ms);
  return client;
}

} // namespace

TEST_CASE("What came before a connection broke is kept", "[resume]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/broken";
  const std::string content = pattern(400'000, 7);
  const std::string location = begin(anna, path, content.size());
  {
    HttpClient cut = half_append(shared_server(), anna, location, 0, content.size(),
                                 std::string_view{content}.substr(0, 300'000));
  }
  std::size_t kept = 0;
  for (int i = 0; i < 1000 && kept == 0; ++i, std::this_thread::sleep_for(5ms))
    kept = std::stoul(offset(anna, location));
  REQUIRE(kept > 0);
  REQUIRE(kept <= 300'000);
  CHECK(append(anna, location, kept, std::string_view{content}.substr(kept)).status == 204);
  CHECK(anna.get(files(path)).body == content);
}

TEST_CASE("Of two requests for one offset one is refused while the other brings its bytes",
          "[resume]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/twice";
  const std::string location = begin(anna, path, 100'000);
  HttpClient slow = begun_append(anna, location, 100'000, std::string(50'000, 'a'));
  check_problem(append(anna, location, 0, ""), 409, "conflict");
  slow.send(std::string(50'000, 'a'));
  CHECK(slow.read_response().status == 204);
  CHECK(anna.get(files(path)).body == std::string(100'000, 'a'));
}

TEST_CASE("The newest request of an upload goes on where a silent connection left it",
          "[resume][fault-21]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/silent";
  const std::string content = pattern(400'000, 21);
  const std::string_view all{content};
  const std::string location = begin(anna, path, content.size());
  HttpClient silent = begun_append(anna, location, content.size(), all.substr(0, 300'000));
  check_problem(append(anna, location, 0, all), 409, "conflict");

  // As a client does: it asks for the offset and goes on there, again and again until it may.
  const auto begun = std::chrono::steady_clock::now();
  Response went_on;
  std::size_t at = 0;
  while (went_on.status != 204 && std::chrono::steady_clock::now() - begun < 9s) {
    at = std::stoul(offset(anna, location));
    went_on = append(anna, location, at, all.substr(at));
    if (went_on.status != 204) check_problem(went_on, 409, "conflict");
    if (went_on.status != 204) std::this_thread::sleep_for(100ms);
  }
  CHECK(went_on.status == 204);
  CHECK(at > 0); // what had arrived was not lost
  CHECK(silent.closed_by_server());
  CHECK(anna.get(files(path)).body == content);
}

TEST_CASE("The offset counts every byte that came before a connection fell silent",
          "[resume][fault-21]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/little";
  const std::string content = pattern(1'000'000, 22);
  const std::string_view all{content};
  const auto becomes = [&](const std::string& location, std::size_t expected) {
    return soon([&] { return std::stoul(offset(anna, location)) == expected; });
  };
  const std::string location = begin(anna, path, content.size());
  HttpClient silent =
      half_append(shared_server(), anna, location, 0, content.size(), all.substr(0, 5000));
  CHECK(becomes(location, 5000));

  SECTION("and it goes on where it was when it speaks again") {
    silent.send(all.substr(5000));
    CHECK(silent.read_response().status == 204);
  }
  SECTION("and falls silent again") {
    silent.send(all.substr(5000, 4000));
    CHECK(becomes(location, 9000));
    silent.send(all.substr(9000));
    CHECK(silent.read_response().status == 204);
  }
  SECTION("and another goes on there") {
    CHECK(append(anna, location, 5000, all.substr(5000)).status == 204);
    CHECK(silent.closed_by_server());
  }
  CHECK(anna.get(files(path)).body == content);
}

TEST_CASE("A silent connection does not keep its creator from giving an upload up",
          "[resume][fault-21]") {
  Api anna = new_user(shared_server());
  const std::string location = begin(anna, "/" + anna.username + "/silent", 10);
  HttpClient silent = begun_append(anna, location, 10, "01234");
  Response gone;
  for (int i = 0; i < 90 && gone.status != 204; ++i, std::this_thread::sleep_for(100ms))
    gone = anna.del(location, tus());
  CHECK(gone.status == 204);
  CHECK(silent.closed_by_server());
  CHECK(status(anna, location).status == 404);
  CHECK_FALSE(std::filesystem::exists(staging_file(location)));
}

TEST_CASE("An upload that nobody goes on with expires, and one beyond the limit is refused",
          "[resume]") {
  Server server{
      {.extra_toml = "files.upload_expiry = \"1s\"\nfiles.max_upload_bytes = \"1MiB\"\n"}};
  Api anna = new_user(server, "user", "\"quota_bytes\":100");
  CHECK(anna.send("OPTIONS", kUploads, {}, "").header("Tus-Max-Size") == "1048576");
  const std::string path = "/" + anna.username + "/late";
  Api root = admin(server);
  check_problem(create(root, "/admin/big", (1 << 20) + 1), 413, "payload_too_large");
  const std::string location = begin(anna, path, 100);
  REQUIRE(append(anna, location, 0, "01234").status == 204);
  REQUIRE(files_below(staging(server)).size() == 1);
  int found = 200;
  for (int i = 0; i < 500 && found == 200; ++i, std::this_thread::sleep_for(10ms))
    found = status(anna, location).status;
  CHECK(found == 404);
  check_problem(append(anna, location, 5, "5"), 404, "not_found");
  // Its bytes and its room in the quota go with the next round, which a start brings at once.
  CHECK(server.stop() == 0);
  server.start();
  Api again{server, anna.username};
  for (int i = 0; i < 500 && !files_below(staging(server)).empty(); ++i)
    std::this_thread::sleep_for(10ms);
  CHECK(files_below(staging(server)).empty());
  CHECK(again.put(files(path), std::string(100, 'x')).status == 201);
  const auto events = again.events("action=upload&success=false&resource=" + percent_encode(path));
  REQUIRE(events.size() == 1);
  CHECK(events[0]["error_message"].text() == "client_disconnected");
  CHECK(events[0]["user"].text() == anna.username);
  CHECK(events[0]["details"]["attempted_size"].integer() == 100);
}

TEST_CASE("An upload goes on after kill -9 of the server and ends byte-identical", "[resume]") {
  Server server;
  std::optional<Api> anna{new_user(server)};
  const std::string name = anna->username;
  const std::string path = "/" + name + "/survivor";
  const std::string content = pattern(3'000'000, 99);
  const std::string_view all{content};
  const std::string location =
      begin(*anna, path, content.size(), ",sha256 " + base64(hex(digest(Hash::sha256, content))));
  std::size_t at = 0;
  for (int round = 0; round < 3; ++round) {
    REQUIRE(append(*anna, location, at, all.substr(at, 400'000)).status == 204);
    const std::size_t acknowledged = at + 400'000;
    HttpClient torn = half_append(server, *anna, location, acknowledged,
                                  content.size() - acknowledged, all.substr(acknowledged, 300'000));
    std::this_thread::sleep_for(10ms * round); // the kill hits it at one time or another
    server.kill();
    server.start();
    anna.emplace(server, name);
    at = std::stoul(offset(*anna, location));
    CHECK(at >= acknowledged);
    CHECK(at <= acknowledged + 300'000);
  }
  const std::string_view next = all.substr(at, (content.size() - at) / 2);
  REQUIRE(append(*anna, location, at, next, checksum("sha256", next)).status == 204);
  CHECK(append(*anna, location, at + next.size(), all.substr(at + next.size())).status == 204);
  CHECK(anna->get(files(path)).body == content);
  CHECK(usage(*anna).bytes == static_cast<std::int64_t>(content.size()));
  CHECK(anna->events("action=upload&success=true&user=" + name).size() == 1);
  CHECK(files_below(staging(server)).empty());
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
}

TEST_CASE(
    "tus-js-client uploads, pauses, and goes on when the server was killed or a connection died",
    "[resume][fault-21]") {
  const char* modules = std::getenv("BALUHOST_TEST_NPM");
  if (modules == nullptr || !std::filesystem::exists(std::string{modules} + "/installed")) {
    WARN("tus-js-client is not installed: it is not tested");
    return;
  }
  Server server{{.extra_arguments = {"--listen", "127.0.0.1:" + free_port()}}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  const TempDirectory place;
  const std::string content = pattern(1'000'000, 4);
  write_file(place.path() + "/content", content);
  for (const char* file : {"/out", "/err"}) write_file(place.path() + file, "");
  Process client{{"node", BALUHOST_TEST_HTTP_DIR "/npm/tus.mjs", modules, server.url() + kUploads,
                  anna.access_token, home, place.path()},
                 {},
                 place.path() + "/out",
                 place.path() + "/err"};
  const auto told = [&] {
    return read_file(place.path() + "/out") + read_file(place.path() + "/err");
  };
  for (const std::string& name : {std::string{"paused"}, std::string{"killed"}}) {
    while (!std::filesystem::exists(place.path() + "/" + name + ".reached")) {
      const auto ended = client.wait(5ms);
      INFO(told());
      REQUIRE_FALSE(ended);
    }
    server.kill();
    server.start();
    write_file(place.path() + "/" + name + ".go", "");
  }
  const auto code = client.wait(60s);
  INFO(told());
  REQUIRE(code == 0);
  for (const char* name : {"/at-once", "/paused", "/killed", "/silenced"})
    CHECK(anna.get(files(home + name)).body == content);
  CHECK(anna.get(meta(home + "/given-up")).status == 404);
  CHECK(usage(anna).files == 4);
  CHECK(files_below(staging(server)).empty());
}
