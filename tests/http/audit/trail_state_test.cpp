#include "audit/story.hpp"

#include <fstream>
#include <sstream>

// The state of the trail where it is not well: what waits, an anchor that is gone or tells another
// story, a verification that found something, events that are there no more.

using namespace baluhost::test;

namespace {

const std::string kStatus = kApi + "/audit/status";
const std::string kVerify = kApi + "/audit/verify";

Json status_of(Api& who) {
  const Response response = who.get(kStatus);
  INFO(response.body);
  REQUIRE(response.status == 200);
  return Json::parse(response.body);
}

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

/// The data of the last event of a stream that has ended, which has to be `name`.
Json last_of(const std::string& stream, const std::string& name) {
  const std::string begin = "event: " + name + "\ndata: ";
  const auto at = stream.rfind("event: ");
  INFO(stream);
  REQUIRE(at != std::string::npos);
  REQUIRE(stream.compare(at, begin.size(), begin) == 0);
  return Json::parse(stream.substr(at + begin.size(), stream.rfind("\n\n") - at - begin.size()));
}

} // namespace

TEST_CASE("The status counts what no seal holds yet, and says since when it waits",
          "[trail_state]") {
  Server server{{.extra_toml = "audit.seal_interval = \"1h\"\n"}};
  Api root = admin(server);
  // Looking for what a crash left, four times a minute, seals what waits.
  CHECK(soon([&] {
    REQUIRE(root.put(files("/admin/f") + "?overwrite=true", "x").status < 300);
    const Json status = status_of(root);
    std::vector<Json> waiting;
    for (const Json& event : items(root, "order=asc&limit=1000"))
      if (event["id"].integer() > status["events"].integer()) waiting.push_back(event);
    return !waiting.empty() &&
           status["unsealed"].integer() == static_cast<std::int64_t>(waiting.size()) &&
           status["oldest_unsealed_at"].text() == waiting.front()["timestamp"].text();
  }));
}

TEST_CASE("The status tells that the anchor names another seal, or that there is none",
          "[trail_state]") {
  Server server;
  Api root = admin(server);
  wait_until_sealed(server, first(items(root, "limit=1"))["id"].integer());
  REQUIRE(soon([&] { return status_of(root)["anchor"]["matches"].flag(); }));
  const std::string file = server.data_dir() + "/audit.anchor";
  const std::string told = read(file);
  const auto seal = status_of(root)["newest_seal"].integer();
  std::string other = told;
  char& digit = other.at(other.find_last_not_of('\n'));
  digit = digit == '0' ? '1' : '0';
  std::ofstream{file, std::ios::binary} << other;
  const Json lying = status_of(root)["anchor"];
  CHECK(lying["seal"].integer() == seal);
  CHECK_FALSE(lying["matches"].flag());
  // A seal that is not there: the end of the trail was cut off.
  std::ofstream{file, std::ios::binary} << told << seal + 5
                                        << told.substr(told.rfind(' ', told.size() - 2));
  CHECK(status_of(root)["anchor"]["seal"].integer() == seal + 5);
  CHECK_FALSE(status_of(root)["anchor"]["matches"].flag());
  std::ofstream{file, std::ios::binary} << "";
  CHECK(status_of(root)["anchor"].is_null());
}

TEST_CASE("A verification that finds something says the same as a stream, and the status says so",
          "[trail_state]") {
  Server server;
  Api root = admin(server);
  const Json event = first(items(root, "limit=1"));
  wait_until_sealed(server, event["id"].integer());
  const std::string text = "update audit_logs set ip_address = '203.0.113.9' where id = " +
                           std::to_string(event["id"].integer());
  sql(server, text, text);
  const Response streamed = root.send("POST", kVerify, {{"Accept", "text/event-stream"}}, "");
  CHECK(streamed.status == 200);
  const Json report = last_of(streamed.body, "report");
  CHECK_FALSE(report["ok"].flag());
  REQUIRE(report["problems"].size() == 1);
  const Json problem = report["problems"][0];
  CHECK(problem["kind"].text() == "event_changed");
  CHECK(problem["event"].integer() == event["id"].integer());
  const Json last = status_of(root)["last_verification"];
  CHECK_FALSE(last["ok"].flag());
  CHECK(last["by"].text() == "admin");
  const Json whole = Json::parse(root.post(kVerify).body);
  CHECK(whole.keys() == report.keys());
  CHECK(whole["problems"].dump() == report["problems"].dump());
}

TEST_CASE("What was pruned is said in the status, and has no proof any more", "[trail_state]") {
  Server server;
  Api root = admin(server);
  const Json event = first(items(root, "limit=1"));
  wait_until_sealed(server, event["id"].integer());
  const std::string proof = kEvents + "/" + std::to_string(event["id"].integer()) + "/proof";
  REQUIRE(root.get(proof).status == 200);
  REQUIRE(root.put(files("/admin/f"), "x").status == 201);
  const Json upload = first(items(root, "limit=1"));
  wait_until_sealed(server, upload["id"].integer());
  const Json before = status_of(root);
  const auto pruned =
      server.ctl({"audit", "prune", "--before", upload["timestamp"].text(), "--json"});
  INFO(pruned.err);
  REQUIRE(pruned.exit_code == 0);
  const auto gone = Json::parse(pruned.out)["events"].integer();
  REQUIRE(gone > 0);
  const std::string of_pruning = std::to_string(first(items(root, "limit=1"))["id"].integer());
  wait_until_sealed(server, std::stoll(of_pruning));
  const Json after = status_of(root);
  CHECK(after["events"].integer() == before["events"].integer() - gone + 1);
  // When the last seal was made whose events are gone.
  std::string sealed;
  const Json seals = Json::parse(root.get(kApi + "/audit/seals?limit=1000").body)["items"];
  for (std::size_t i = 0; i < seals.size(); ++i)
    if (seals[i]["last_event"].integer() == gone) sealed = seals[i]["sealed_at"].text();
  CHECK(after["pruned_before"].text() == sealed);
  check_problem(root.get(proof), 404, "not_found");
  CHECK(root.get(kEvents + "/" + of_pruning + "/proof").status == 200);
}
