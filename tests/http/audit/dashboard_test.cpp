#include "audit/story.hpp"

#include <fstream>

// What the dashboard of the trail asks for: proofs, the state of the trail, and a verification that
// can be watched.

using namespace baluhost::test;

namespace {

const std::string kStatus = kApi + "/audit/status";
const std::string kVerify = kApi + "/audit/verify";
const Headers kWatch{{"Accept", "text/event-stream"}};

/// The verifier in Python that knows nothing but the document.
ProcessOutput others(const std::string& file, const std::string& keys) {
  return run({"python3",
              std::string{BALUHOST_TEST_HTTP_DIR} + "/../domain/audit_format/chain_verifier.py",
              "proof", file, keys});
}

std::string proof_of(const Json& event) {
  return kEvents + "/" + std::to_string(event["id"].integer()) + "/proof";
}

Json own_event(Api& who) {
  const Json event = first(items(who, "action=upload&success=true&limit=1"));
  wait_until_sealed(story().server, event["id"].integer());
  return event;
}

/// The events of a stream that has ended, each as its name and its data.
std::vector<std::pair<std::string, Json>> server_sent(const std::string& text) {
  std::vector<std::pair<std::string, Json>> events;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = text.find("\n\n", at);
    const auto data = text.find("\ndata: ", at);
    INFO(text);
    REQUIRE(end != std::string::npos);
    REQUIRE(data < end);
    REQUIRE(text.compare(at, 7, "event: ") == 0);
    events.emplace_back(text.substr(at + 7, data - at - 7),
                        Json::parse(text.substr(data + 7, end - data - 7)));
    at = end + 2;
  }
  return events;
}

} // namespace

TEST_CASE("A proof is checked with the public key of the status alone", "[dashboard]") {
  TempDirectory directory;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream{directory.path() + "/" + name, std::ios::binary} << text;
    return directory.path() + "/" + name;
  };
  const Json event = own_event(story().anna);
  const Json status = Json::parse(story().root.get(kStatus).body);
  const std::string key = write("key", status["public_key"].text());
  for (Api* who : {&story().anna, &story().root}) {
    const Response proof = who->get(proof_of(event));
    REQUIRE(proof.status == 200);
    const Json json = Json::parse(proof.body);
    CHECK(json.keys() == std::vector<std::string>{"event", "path", "seal", "seq"});
    CHECK(json["event"].dump() == event.dump());
    const auto verified = others(write("proof", proof.body), key);
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == 0);
    const auto printed =
        story().server.ctl({"audit", "prove", std::to_string(event["id"].integer())}).out;
    CHECK(printed == proof.body + "\n");
    std::string forged = proof.body;
    forged.replace(forged.find("upload"), 6, "delete");
    CHECK(others(write("forged", forged), key).exit_code == 3);
  }
}

TEST_CASE("A proof is for whoever may see its event, and there is none before its seal",
          "[dashboard]") {
  const Json event = own_event(story().anna);
  check_problem(story().bob.get(proof_of(event)), 404, "not_found");
  const Json refused = first(items(story().root, "action=access_denied&limit=1"));
  CHECK(refused["resource"].text() == proof_of(event));
  CHECK(refused["details"]["operation"].text() == "read_event_proof");
  check_problem(story().root.get(kEvents + "/999999999/proof"), 404, "not_found");
  check_problem(story().root.get(kEvents + "/x/proof"), 404, "not_found");
  Api stranger{story().server};
  check_problem(stranger.get(proof_of(event)), 401, "unauthenticated");

  Server unsealed{{.extra_toml = "audit.seal_interval = \"1h\"\n"}};
  // Looking for what a crash left, four times a minute, seals what waits.
  Response proof;
  REQUIRE(soon([&] {
    Api root = admin(unsealed);
    proof = root.get(proof_of(first(items(root, "action=login_success&limit=1"))));
    return proof.status != 200;
  }));
  check_problem(proof, 404, "not_found");
}

TEST_CASE("The status agrees with the seals, the anchor and the last verification", "[dashboard]") {
  Server server{{.extra_toml = "audit.retention_days = 400\n"}};
  Api root = admin(server);
  Api rita = new_user(server);
  REQUIRE(root.patch(kApi + "/users/" + rita.username, R"({"role":"auditor"})").status == 200);
  const auto newest_event = [&] { return first(items(root, "limit=1"))["id"].integer(); };
  wait_until_sealed(server, newest_event());
  const Json before = Json::parse(rita.get(kStatus).body);
  CHECK(before.keys() ==
        std::vector<std::string>{"anchor", "events", "head", "key_id", "last_verification",
                                 "newest_seal", "oldest_unsealed_at", "pruned_before", "public_key",
                                 "retention_days", "sealed_at", "unsealed"});
  CHECK(before["last_verification"].is_null());
  CHECK(before["pruned_before"].is_null());
  CHECK(before["unsealed"].integer() == 0);
  CHECK(before["oldest_unsealed_at"].is_null());
  CHECK(before["retention_days"].integer() == 400);
  CHECK(before["anchor"]["seal"].integer() == before["newest_seal"].integer());
  CHECK(before["anchor"]["matches"].flag());
  const Json seals = Json::parse(root.get(kApi + "/audit/seals?limit=1000").body)["items"];
  const Json last = seals[seals.size() - 1];
  CHECK(before["newest_seal"].integer() == last["seal"].integer());
  CHECK(before["sealed_at"].text() == last["sealed_at"].text());
  CHECK(before["key_id"].text() == last["key_id"].text());
  CHECK(before["events"].integer() == last["last_event"].integer());

  const Json report = Json::parse(rita.post(kVerify).body);
  const Json event = first(items(root, "action=audit_verified&limit=1"));
  wait_until_sealed(server, newest_event());
  const Json after = Json::parse(root.get(kStatus).body);
  CHECK(after["last_verification"]["at"].text() == event["timestamp"].text());
  CHECK(after["last_verification"]["ok"].flag() == report["ok"].flag());
  CHECK(after["last_verification"]["by"].text() == rita.username);
  CHECK(after["newest_seal"].integer() > before["newest_seal"].integer());
  const Json next =
      Json::parse(root.get(kApi + "/audit/seals?limit=1000").body)["items"][seals.size()];
  CHECK(next["previous"].text() == before["head"].text());
}

TEST_CASE("The status is for auditors, and a refusal is on record", "[dashboard]") {
  check_problem(story().anna.get(kStatus), 403, "forbidden");
  const Json refused = first(items(story().root, "action=access_denied&limit=1"));
  CHECK(refused["resource"].text() == kStatus);
  CHECK(refused["details"]["operation"].text() == "read_audit_status");
  Api stranger{story().server};
  check_problem(stranger.get(kStatus), 401, "unauthenticated");
  CHECK(story().root.get(kStatus + "?x=1").status == 400);
}

TEST_CASE("A verification as a stream tells how far it is, then its report, and ends",
          "[dashboard]") {
  const auto verified = [] {
    return items(story().root, "action=audit_verified&limit=1000").size();
  };
  const auto before = verified();
  for (const char* accept : {"text/event-stream", "application/json, text/event-stream;q=0.9"}) {
    const Response streamed = story().root.send("POST", kVerify, {{"Accept", accept}}, "");
    CHECK(streamed.status == 200);
    CHECK(streamed.header("content-type") == "text/event-stream");
    const auto events = server_sent(streamed.body);
    REQUIRE(events.size() >= 3);
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      CHECK(events[i].first == "progress");
      CHECK(events[i].second.keys() == std::vector<std::string>{"events", "of"});
      CHECK(events[i].second["events"].integer() <= events[i].second["of"].integer());
    }
    CHECK(events[0].second["events"].integer() == 0);
    CHECK(events[0].second["of"].integer() > 0);
    const Json& report = events.back().second;
    CHECK(events.back().first == "report");
    CHECK(report.keys() ==
          std::vector<std::string>{"events", "ok", "problems", "seals", "unsealed"});
    CHECK(report["ok"].flag());
    CHECK(events[events.size() - 2].second["events"].integer() == report["events"].integer());
  }
  CHECK(verified() == before + 2);
  for (const char* accept : {"*/*", "text/*", "application/json", "text/event-stream;q=0"}) {
    const Response whole = story().root.send("POST", kVerify, {{"Accept", accept}}, "");
    CHECK(whole.header("content-type") == "application/json");
    CHECK(Json::parse(whole.body)["ok"].flag());
  }
  check_problem(story().anna.send("POST", kVerify, kWatch, ""), 403, "forbidden");
  check_problem(story().root.send("POST", kVerify + "?x=1", kWatch, ""), 400, "invalid_request");
}

TEST_CASE("A verification ends when nobody watches it any more, and is on record as failed",
          "[dashboard]") {
  Server server;
  Api root = admin(server);
  wait_until_sealed(server, first(items(root, "limit=1"))["id"].integer());
  // Forged seals, far more than one step looks at.
  const std::string columns =
      "insert into audit_seals (number, first_sequence, last_sequence, count, root, previous, "
      "sealed_at, recovered, key_id, signature) select ";
  const std::string values = ", 1000000 + i, 1000000 + i, 1, substr('" + std::string(64, '0') +
                             "', 1), '" + std::string(64, '0') + "', 1764000000000000, ";
  const std::string rest = ", '0011223344556677', '" + std::string(128, '0') + "' from ";
  sql(server,
      columns + "1000000 + i" + values + "0" + rest +
          "(with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000) "
          "select i from n)",
      columns + "1000000 + i" + values + "false" + rest + "generate_series(1, 200000) i");
  HttpClient watcher{server.url(), std::chrono::seconds{20}};
  watcher.connect();
  watcher.send(
      "POST /api/v1/audit/verify HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
      "Content-Length: 0\r\nAuthorization: Bearer " +
      root.access_token + "\r\n\r\n");
  std::string text;
  while (text.find("event: progress") == std::string::npos) {
    const std::string more = watcher.read_some(65536);
    REQUIRE_FALSE(more.empty());
    text += more;
  }
  // Others are served meanwhile.
  CHECK(root.get(kEvents + "?limit=1").status == 200);
  watcher.close();
  REQUIRE(soon([&] { return !items(root, "action=audit_verified").empty(); }));
  const Json event = first(items(root, "action=audit_verified"));
  CHECK_FALSE(event["success"].flag());
  CHECK(event["error_message"].text() == "client_disconnected");
}
