#include "wire.hpp"

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

// Clients that are slow, too many or there at the wrong moment: each phase of a connection has its
// deadline, each resource its end, and others are served meanwhile.

using namespace baluhost::test;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kTimeout = 400ms;
const std::string kShort = "server.request_timeout = \"400ms\"\n";

std::string put_head(const Api& api, const std::string& path, std::size_t length) {
  return "PUT " + files(path) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
         api.access_token + "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

std::string get_head(const Api& api, const std::string& path) {
  return "GET " + files(path) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
         api.access_token + "\r\n\r\n";
}

/// A byte every 50 ms until the server has closed; returns how long that took.
Clock::duration drip(HttpClient& client) {
  const auto begin = Clock::now();
  while (Clock::now() < begin + 10s && client.send("a")) std::this_thread::sleep_for(50ms);
  return Clock::now() - begin;
}

int open_files(const Server& server) {
  const std::filesystem::directory_iterator all{"/proc/" + std::to_string(server.pid()) + "/fd"};
  return static_cast<int>(std::distance(begin(all), end(all)));
}

bool answers(HttpClient& client) {
  client.send(
      "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"); // `request` would try again on a fresh connection
  return client.read_response().status == 200;
}

/// Clients that the server has taken: each got an answer.
std::vector<HttpClient> connected(const Server& server, int count) {
  std::vector<HttpClient> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(server.client(3s));
    clients.back().connect();
    CHECK(answers(clients.back()));
  }
  return clients;
}

} // namespace

TEST_CASE("A head or a body that only drips is cut at its deadline, and one that flows is not",
          "[load]") {
  Server server{{.extra_toml = kShort}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  const std::string login =
      "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/json\r\nContent-Length: 1000\r\n\r\n";
  const std::string chunked = "PUT " + files(home + "/chunks") +
                              " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + anna.access_token +
                              "\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n";
  for (const std::string& start : {std::string{"GET /livez HTTP/1.1\r\nX-Slow: "}, login,
                                   put_head(anna, home + "/sized", 100'000), chunked}) {
    INFO(start);
    HttpClient slow = server.client();
    slow.connect();
    REQUIRE(slow.send(start));
    const auto lasted = drip(slow);
    CHECK(lasted >= kTimeout - 100ms);
    CHECK(lasted < 5s);
  }
  REQUIRE(soon([&] {
    return anna.events("action=upload&success=false&user=" + anna.username).size() == 2;
  }));
  for (const Json& event : anna.events("action=upload&success=false&user=" + anna.username))
    CHECK(event["error_message"].text() == "client_disconnected");

  // Four times its window, at some 8 KiB/s.
  HttpClient steady = server.client();
  steady.connect();
  REQUIRE(steady.send(put_head(anna, home + "/steady", 32 * 400)));
  for (int i = 0; i < 32; ++i) {
    std::this_thread::sleep_for(50ms);
    REQUIRE(steady.send(std::string(400, 'x')));
  }
  CHECK(steady.read_response().status == 201);
  // Between two requests there is more time.
  std::this_thread::sleep_for(kTimeout + 200ms);
  CHECK(answers(steady));
}

TEST_CASE("A reader that pauses gets every byte, over TLS too", "[load]") {
  const std::string content = pattern(24 << 20);
  for (const bool tls : {false, true}) {
    INFO((tls ? "TLS" : "plain"));
    Server server{{.tls = tls}};
    Api anna = new_user(server);
    const std::string path = "/" + anna.username + "/large";
    REQUIRE(anna.put(files(path), content).status == 201);
    HttpClient pausing = server.client();
    pausing.connect();
    REQUIRE(pausing.send(get_head(anna, path)));
    std::string received;
    for (int pauses = 0; received.size() < content.size();) {
      // Long enough that the server has filled what lies between the two, and waits.
      if (received.size() >= content.size() / 5 * static_cast<std::size_t>(pauses) && ++pauses < 6)
        std::this_thread::sleep_for(60ms);
      const std::string more = pausing.read_some(1 << 20);
      if (more.empty()) break;
      received += more;
    }
    const auto head = received.find("\r\n\r\n");
    REQUIRE(head != std::string::npos);
    while (received.size() < head + 4 + content.size()) {
      const std::string more = pausing.read_some(1 << 20);
      if (more.empty()) break;
      received += more;
    }
    const bool same = std::string_view{received}.substr(head + 4) == content;
    CHECK(same);
    CHECK(answers(pausing));
  }
}

TEST_CASE("A reader that stalls is cut, and its download is on record as broken off", "[load]") {
  Server server{{.extra_toml = kShort}};
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/large";
  REQUIRE(anna.put(files(path), std::string(24 << 20, 'x')).status == 201);
  HttpClient stalled = server.client();
  stalled.connect();
  const auto begin = Clock::now();
  REQUIRE(stalled.send(get_head(anna, path)));
  std::vector<Json> events;
  REQUIRE(soon([&] { return !(events = anna.events("action=download")).empty(); }));
  CHECK(Clock::now() - begin >= kTimeout);
  CHECK_FALSE(events[0]["success"].flag());
  CHECK(events[0]["error_message"].text() == "client_disconnected");
  CHECK(events[0]["details"]["bytes_sent"].integer() < 24 << 20);
  CHECK_FALSE(events[0]["details"]["complete"].flag());
}

TEST_CASE("One address may hold half of all connections, and nobody more than all", "[load]") {
  Server own{{.extra_toml = "server.max_connections = 8\n"}};
  // The addresses of trusted proxies are exempt from the first.
  Server proxied{
      {.extra_toml = "server.max_connections = 8\nserver.trusted_proxies = [\"127.0.0.1\"]\n"}};
  for (const auto& [server, most] : {std::pair{&own, 4}, std::pair{&proxied, 8}}) {
    INFO(most);
    auto clients = connected(*server, most);
    HttpClient extra = server->client(5s);
    extra.connect();
    CHECK(extra.closed_by_server());
    for (HttpClient& client : clients) CHECK(answers(client));
    clients.pop_back();
    CHECK(soon([&] {
      extra.connect();
      return answers(extra);
    }));
  }
}

TEST_CASE(
    "Out of file descriptors it goes on for who is there, and accepts again when some are free",
    "[load]") {
  Server server;
  Api anna = new_user(server);
  REQUIRE(anna.get(kApi + "/auth/me").status == 200);
  auto clients = connected(server, 4);
  rlimit old{};
  const auto now_open = static_cast<rlim_t>(open_files(server));
  REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, nullptr, &old) == 0);
  const rlimit tight{now_open + 2, old.rlim_max};
  REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, &tight, nullptr) == 0);
  std::vector<HttpClient> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(server.client(50ms));
    waiting.back().connect(); // the system's queue takes it
    waiting.back().send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  // Which of them is next is the system's choice: each event loop has a queue of its own.
  std::set<HttpClient*> answered;
  const auto have_answers = [&](std::size_t count) {
    return soon([&] {
      for (HttpClient& client : waiting)
        if (!answered.contains(&client) && client.read_some(64 * 1024).starts_with("HTTP/1.1 200 "))
          answered.insert(&client);
      return answered.size() >= count;
    });
  };
  REQUIRE(soon([&] { return open_files(server) >= static_cast<int>(tight.rlim_cur); }));
  for (int round = 0; round < 5; ++round) {
    for (HttpClient& client : clients) CHECK(answers(client));
    std::this_thread::sleep_for(10ms);
  }
  clients.clear();
  CHECK(have_answers(4)); // two had room before, the rest has that of the four
  const rlimit roomy{old.rlim_max, old.rlim_max};
  REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, &roomy, nullptr) == 0);
  CHECK(have_answers(8));
  CHECK(anna.get(kApi + "/auth/me").status == 200);
}

TEST_CASE("It starts with as many files as the system allows, and says so where that is too few",
          "[load]") {
  rlimit ours{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &ours) == 0);
  const rlimit low{256, ours.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0); // the server inherits it
  Server server;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &ours) == 0);
  rlimit limit{};
  REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, nullptr, &limit) == 0);
  CHECK(limit.rlim_cur == limit.rlim_max);
  CHECK(server.stderr_text().find("open files") == std::string::npos);
  Server many{{.extra_toml = "server.max_connections = 1000000\n"}};
  if (limit.rlim_max < 1'000'000) CHECK(many.stderr_text().find("open files") != std::string::npos);
}

TEST_CASE("Strangers who merely connect leave files for the database, the trail and the blobs",
          "[load]") {
  Server server{{.wrapper = {"prlimit", "--nofile=128:128"}}};
  CHECK(server.stderr_text().find("64 are admitted") != std::string::npos);
  Api anna = new_user(server);
  std::vector<HttpClient> strangers;
  for (int i = 0; i < 200; ++i) {
    strangers.push_back(server.client());
    strangers.back().connect();
  }
  std::this_thread::sleep_for(50ms);
  const std::string file = files("/" + anna.username + "/a");
  CHECK(anna.put(file, std::string(100'000, 'x')).status == 201);
  CHECK(anna.get(file).body == std::string(100'000, 'x'));
  CHECK(anna.get("/readyz").status == 200);
}

TEST_CASE("Requests sent far ahead are answered in order while none of the answers is read",
          "[load]") {
  HttpClient client = shared_server().client();
  client.connect();
  constexpr int kCount = 3000;
  std::string ahead;
  for (int i = 0; i < kCount; ++i)
    ahead += "GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: " + std::to_string(i) + "\r\n\r\n";
  std::thread sender{[&] { client.send(ahead); }};
  int in_order = 0;
  HttpClient other = shared_server().client();
  CHECK(other.request("GET", "/livez").status == 200);
  sender.join();
  while (in_order < kCount &&
         client.read_response().header("X-Request-Id") == std::to_string(in_order))
    ++in_order;
  CHECK(in_order == kCount);
}

TEST_CASE("SIGTERM lets a request end within the grace, closes what is idle, and takes nothing new",
          "[load]") {
  Server server{{.extra_toml = "server.shutdown_grace = \"20s\"\n"}};
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/last";
  auto idle = connected(server, 2);
  HttpClient upload = server.client();
  upload.connect();
  REQUIRE(upload.send(put_head(anna, path, 2000)));
  REQUIRE(upload.send(std::string(1000, 'x')));
  std::this_thread::sleep_for(50ms); // it has begun
  ::kill(server.pid(), SIGTERM);
  for (HttpClient& client : idle) CHECK(client.closed_by_server());
  HttpClient late = server.client();
  CHECK(soon([&] {
    try {
      late.connect();
      return false;
    } catch (const std::exception&) {
      return true;
    }
  }));
  REQUIRE(upload.send(std::string(1000, 'x')));
  const Response done = upload.read_response();
  CHECK(done.status == 201);
  CHECK(done.header("Connection") == "close");
  CHECK(server.stop() == 0);
  server.start();
  Api again{server, anna.username};
  CHECK(again.get(files(path)).body == std::string(2000, 'x'));
}

TEST_CASE("What outlasts the grace is cut, recorded, and does not hold up the end", "[load]") {
  Server server{{.extra_toml = "server.shutdown_grace = \"100ms\"\n"}};
  Api anna = new_user(server);
  HttpClient upload = server.client();
  upload.connect();
  REQUIRE(upload.send(put_head(anna, "/" + anna.username + "/late", 2000)));
  REQUIRE(upload.send(std::string(1000, 'x')));
  std::this_thread::sleep_for(50ms);
  const auto begin = Clock::now();
  CHECK(server.stop() == 0);
  CHECK(Clock::now() - begin < 10s);
  server.start();
  Api again{server, anna.username};
  const auto events = again.events("action=upload&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK_FALSE(events[0]["success"].flag());
  CHECK(again.get(files("/" + anna.username + "/late")).status == 404);
}
