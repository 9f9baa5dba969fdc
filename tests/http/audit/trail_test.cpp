#include "audit/story.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <thread>

using namespace baluhost::test;

TEST_CASE("Exports are whole, audited, and CSV is safe for spreadsheets", "[trail]") {
  const Response csv =
      story().root.get(kApi + "/audit/export?format=csv&user=" + story().anna.username);
  CHECK(csv.status == 200);
  CHECK(csv.header("Content-Type").value_or("").starts_with("text/csv"));
  CHECK(
      csv.body.starts_with("id,timestamp,event_type,action,user,resource,success,error_message,"
                           "details,ip_address,user_agent\r\n"));
  const auto rows =
      static_cast<std::size_t>(std::count(csv.body.begin(), csv.body.end(), '\n')) - 1;
  CHECK(rows == items(story().root, "limit=1000&user=" + story().anna.username).size());
  const auto exported = items(story().root, "action=audit_exported&limit=1");
  REQUIRE(exported.size() == 1);
  CHECK(exported[0]["details"].keys() == std::vector<std::string>{"events", "filters", "format"});
  CHECK(exported[0]["details"]["events"].integer() == static_cast<std::int64_t>(rows));
  check_problem(story().root.get(kApi + "/audit/export?format=xml"), 400, "invalid_request");
}

TEST_CASE("The trail verifies over the wire, from the command line and offline from an export",
          "[trail]") {
  const Server& server = story().server;
  wait_until_sealed(server, first(items(story().root, "limit=1"))["id"].integer());
  const Json report = Json::parse(story().root.post(kApi + "/audit/verify").body);
  CHECK(report.keys() == std::vector<std::string>{"events", "ok", "problems", "seals", "unsealed"});
  CHECK(report["ok"].flag());
  CHECK(report["problems"].size() == 0);
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
  const auto exported = server.ctl({"audit", "export", "--seals"});
  REQUIRE(exported.exit_code == 0);
  const std::string file = server.data_dir() + "/../export.ndjson";
  write_file(file, exported.out);
  const std::string key = server.data_dir() + "/keys/audit-ed25519.pub.pem";
  const auto verified = run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "audit", "verify",
                             "--file", file, "--public-key", key, "--json"});
  INFO(verified.out << verified.err);
  CHECK(verified.exit_code == 0);
  std::string forged = exported.out;
  forged.replace(forged.find("login_success"), 13, "login_SUCCESS");
  write_file(file, forged);
  const auto found = run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "audit", "verify",
                          "--file", file, "--public-key", key, "--json"});
  CHECK(found.exit_code == 3);
  CHECK_FALSE(Json::parse(found.out)["ok"].flag());

  const auto id = first(items(story().root, "action=upload&limit=1&order=asc"))["id"].integer();
  const auto proof = server.ctl({"audit", "prove", std::to_string(id)});
  REQUIRE(proof.exit_code == 0);
  write_file(file, proof.out);
  CHECK(run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "audit", "prove", "--file", file,
             "--public-key", key})
            .exit_code == 0);
}

TEST_CASE("A row edited or slipped in behind the server's back is found and named", "[trail]") {
  Server server;
  Api anna = new_user(server);
  for (int i = 0; i < 5; ++i)
    REQUIRE(anna.put(files("/" + anna.username + "/" + std::to_string(i)), "x").status == 201);
  const auto id = first(anna.events("action=upload&limit=1&user=" + anna.username))["id"].integer();
  wait_until_sealed(server, id);
  const std::string edit =
      "update audit_logs set resource = '/elsewhere' where id = " + std::to_string(id);
  sql(server, edit, edit);
  const std::string slip =
      "insert into audit_logs (id, timestamp, event_type, action, \"user\", success) values "
      "(1000000, 1764000000000000, 'SECURITY', 'login_success', 'admin', true)";
  sql(server, slip, slip);
  Api root = admin(server);
  const Json report = Json::parse(root.post(kApi + "/audit/verify").body);
  CHECK_FALSE(report["ok"].flag());
  std::set<std::string> named;
  for (std::size_t i = 0; i < report["problems"].size(); ++i) {
    const Json problem = report["problems"][i];
    named.insert(problem["kind"].text() + ' ' + std::to_string(problem["event"].integer()) +
                 (problem.has("seal") ? " sealed" : ""));
  }
  CHECK(named == std::set<std::string>{"event_changed " + std::to_string(id) + " sealed",
                                       "event_unsealed 1000000"});
  CHECK(server.ctl({"audit", "verify"}).exit_code == 3);
  const auto verified = root.events("action=audit_verified&limit=1");
  REQUIRE(verified.size() == 1);
  const Json details = verified[0]["details"];
  CHECK(details.keys() ==
        std::vector<std::string>{"events", "findings", "findings_count", "ok", "seals"});
  CHECK(details["findings_count"].integer() == 2);
  std::set<std::string> on_record;
  for (std::size_t i = 0; i < details["findings"].size(); ++i) {
    const Json finding = details["findings"][i];
    on_record.insert(finding["kind"].text() + ' ' + std::to_string(finding["event"].integer()) +
                     (finding.has("seal") ? " sealed" : ""));
  }
  CHECK(on_record == named);
}

TEST_CASE("The live stream gives events as they come and resumes where it was cut", "[trail]") {
  Api anna = new_user(shared_server());
  Api root = admin(shared_server());
  HttpClient stream{shared_server().url(), std::chrono::seconds{5}};
  const auto open = [&](const std::string& last) {
    stream.connect();
    stream.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                root.access_token + "\r\n" +
                (last.empty() ? "" : "Last-Event-ID: " + last + "\r\n") + "\r\n");
    std::string text;
    while (text.find("\r\n\r\n") == std::string::npos) {
      const std::string more = stream.read_some(65536);
      if (more.empty()) break;
      text += more;
    }
    return text;
  };
  const auto read_event = [&](std::string text, const std::string& needle) {
    while (text.find(needle) == std::string::npos) {
      const std::string more = stream.read_some(65536);
      if (more.empty()) break;
      text += more;
    }
    return text;
  };
  std::string head = open("");
  CHECK(head.find("text/event-stream") != std::string::npos);
  REQUIRE(anna.put(files("/" + anna.username + "/streamed"), "x").status == 201);
  const std::string text = read_event(head, anna.username + "/streamed");
  CHECK(text.find("data: {") != std::string::npos);
  CHECK(text.find("id: ") != std::string::npos);
  const auto before =
      first(anna.events("action=login_success&user=" + anna.username))["id"].integer();
  stream.close();
  const std::string resumed = read_event(open(std::to_string(before)), anna.username + "/streamed");
  CHECK(resumed.find(anna.username + "/streamed") != std::string::npos);
}

TEST_CASE("Old events go by whole seals, and what remains verifies", "[trail]") {
  Server server;
  Api anna = new_user(server);
  for (int i = 0; i < 10; ++i) anna.put(files("/" + anna.username + "/" + std::to_string(i)), "x");
  wait_until_sealed(server, first(anna.events("limit=1"))["id"].integer());
  Api root = admin(server);
  const Json newest = first(items(root, "limit=1"));
  wait_until_sealed(server, newest["id"].integer());
  const auto pruned =
      server.ctl({"audit", "prune", "--before", newest["timestamp"].text(), "--json"});
  INFO(pruned.err);
  REQUIRE(pruned.exit_code == 0);
  CHECK(Json::parse(pruned.out)["events"].integer() > 10);
  const auto verified = server.ctl({"audit", "verify"});
  INFO(verified.out);
  CHECK(verified.exit_code == 0);
  CHECK(items(root, "action=upload&user=" + anna.username).empty());
  CHECK(items(root, "action=audit_pruned").size() == 1);
}

TEST_CASE(
    "A follower that does not read is cut off, costs little until then, and resumes without a gap",
    "[trail]") {
  Server server{{.extra_toml = "server.request_timeout = \"500ms\"\n"}};
  Api root = admin(server);
  // Far more than the sockets between the two hold.
  record_large_events(server, 600);
  const auto last = first(root.events("limit=1&action=integrity_scrub"))["id"].integer();
  const auto resident = [&] {
    return std::stoll(
        run({"sh", "-c",
             "awk '/VmRSS/ { print $2 }' /proc/" + std::to_string(server.pid()) + "/status"})
            .out);
  };
  // Connections of clients that the server still holds; those to its database are none of them.
  const auto port = std::stoi(server.url().substr(server.url().rfind(':') + 1));
  const auto sockets = [&] {
    return std::stoi(run({"sh", "-c",
                          "printf ':%04X' " + std::to_string(port) +
                              " | xargs -I@ awk '$2 ~ /@$/ && $4 == \"01\"' /proc/net/tcp | wc -l"})
                         .out);
  };

  HttpClient stream{server.url(), std::chrono::seconds{10}};
  const auto open = [&](std::int64_t after) {
    stream.connect();
    stream.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                root.access_token + "\r\nLast-Event-ID: " + std::to_string(after) + "\r\n\r\n");
  };
  const auto before = sockets();
  REQUIRE(before > 0);
  const auto memory = resident();
  open(0);
  std::string cut = stream.read_some(1); // it has begun
  for (int i = 0; i < 1000 && sockets() > before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CHECK(sockets() == before);
  CHECK(resident() - memory < 64 * 1024); // of the 38 MiB a batch at a time is made
  cut += stream.read_until_closed();
  CHECK(cut.starts_with("HTTP/1.1 200"));

  // The last event that came whole; what comes after it ends the resumed stream.
  std::string text = cut;
  text.erase(text.rfind("\n\n") == std::string::npos ? 0 : text.rfind("\n\n"));
  std::vector<std::int64_t> ids;
  const auto collect = [&](const std::string& from) {
    for (std::size_t at = from.find("\nid: "); at != std::string::npos;
         at = from.find("\nid: ", at + 1))
      ids.push_back(std::stoll(from.substr(at + 5, 20)));
  };
  collect(text);
  REQUIRE(ids.size() > 1);
  CHECK(ids.back() < last);
  open(ids.back());
  std::string rest;
  while (rest.find("\nid: " + std::to_string(last) + "\n") == std::string::npos) {
    const std::string more = stream.read_some(1 << 20);
    if (more.empty()) break;
    rest += more;
  }
  collect(rest);
  for (std::size_t i = 1; i < ids.size(); ++i) CHECK(ids[i] == ids[i - 1] + 1);
  CHECK(ids.back() >= last);
}

TEST_CASE(
    "The stream asks proxies not to hold it back, and follows from now where the client is ahead "
    "of the database",
    "[trail][fault-29]") {
  Api& root = story().root;
  HttpClient client = story().server.client();
  client.connect();
  client.send("GET " + kApi + "/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              root.access_token + "\r\nLast-Event-ID: 9223372036854775807\r\n\r\n");
  std::string text = client.read_some(64 * 1024);
  CHECK(text.find("\r\nX-Accel-Buffering: no\r\n") != std::string::npos);
  const std::string directory = "/admin/after-" + make_user(story().server);
  REQUIRE(root.post(dirs(directory)).status == 201);
  while (text.find(directory) == std::string::npos) {
    const auto more = client.read_some(64 * 1024);
    REQUIRE_FALSE(more.empty());
    REQUIRE(more.find(": still here") == std::string::npos); // said after 15 s without news
    text += more;
  }
}
