#include "wire.hpp"

#include <atomic>
#include <chrono>
#include <thread>

// What one account may take of what all share: queries, exports, room in the record.

using namespace baluhost::test;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

} // namespace

TEST_CASE("Exports that nobody reads hold up no statistics, verification or export of others",
          "[shares][fault-11b]") {
  Server server;
  Api root = admin(server);
  Api auditor = new_user(server, "auditor");
  // More than the sockets between the two hold.
  record_large_events(server, 300);
  std::vector<HttpClient> exports;
  for (int i = 0; i < 4; ++i) {
    exports.push_back(server.client());
    exports.back().connect();
    exports.back().send(
        "GET /api/v1/audit/export?format=ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
        root.access_token + "\r\n\r\n");
    CHECK(exports.back().read_some(12) == "HTTP/1.1 200");
  }
  const Response refused = root.get(kApi + "/audit/export?format=csv");
  check_problem(refused, 503, "unavailable");
  CHECK(refused.header("Retry-After"));
  for (Api* who : {&root, &auditor}) {
    CHECK(who->get(kApi + "/audit/stats").status == 200);
    CHECK(who->get(kApi + "/audit/events?limit=1").status == 200);
    CHECK(who->post(kApi + "/audit/verify").status == 200);
  }
  CHECK(auditor.get(kApi + "/audit/export?format=csv&action=login_success").status == 200);
  exports.pop_back();
  CHECK(soon([&] {
    return root.get(kApi + "/audit/export?format=csv&action=login_success").status == 200;
  }));
}

TEST_CASE(
    "Refused requests of one account take so much of the record, and its next event counts the "
    "rest",
    "[shares][fault-11b]") {
  Server server;
  Api anna = new_user(server);
  Api bob = new_user(server);
  const std::string part = "/" + std::string(240, 'x');
  const auto denied = [&](Api& who) {
    return who
        .get(files("/admin" + part + part + part + part), {{"User-Agent", std::string(500, 'u')}})
        .status;
  };
  constexpr int kAsked = 1200; // 2.8 KB each: three times the burst
  for (int i = 0; i < kAsked; ++i) REQUIRE(denied(anna) == 404);
  const auto count = [&](const Api& who) {
    Api root = admin(server);
    const Json stats = Json::parse(root.get(kApi + "/audit/stats?user=" + who.username).body);
    return stats["by_action"].has("access_denied")
               ? stats["by_action"]["access_denied"]["failed"].integer()
               : 0;
  };
  const auto recorded = count(anna);
  CHECK(recorded >= 200);
  CHECK(recorded < kAsked * 3 / 4);
  REQUIRE(denied(bob) == 404);
  CHECK(count(bob) == 1);
  // The bucket fills: what is let in again counts what was left out before it.
  std::int64_t asked = kAsked;
  CHECK(soon([&] {
    denied(anna);
    ++asked;
    const auto events = anna.events("action=access_denied&limit=1000&user=" + anna.username);
    std::int64_t counted = static_cast<std::int64_t>(events.size());
    for (const Json& event : events) {
      if (event["details"].has("suppressed")) counted += event["details"]["suppressed"].integer();
    }
    return counted == asked;
  }));
}

TEST_CASE("One account's costly queries wait for one another, and nobody else for them",
          "[shares][fault-11b]") {
  Server server;
  Api root = admin(server);
  Api anna = new_user(server);
  const std::string row =
      "timestamp, event_type, action, success, resource, details) select 1764000000000000 + i, "
      "'SYSTEM', ";
  const std::string what = "case when i % 2 = 0 then 'integrity_scrub' else 'backup_created' end, ";
  const std::string where = ", case when i % 2 = 0 then 'even' else 'odd' end, '{}' from ";
  sql(server,
      "insert into audit_logs (" + row + what + "1" + where +
          "(with recursive n (i) as (select 1 union all select i + 1 from n where i < 400000) "
          "select i from n)",
      "insert into audit_logs (" + row + what + "true" + where + "generate_series(1, 400000) i");
  constexpr int kCrowd = 40;
  // Without places all 32 workers would be at one, and end about together, before whoever comes has
  // a turn.
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < kCrowd; ++i) {
    crowd.emplace_back(
        [&, client = std::make_shared<HttpClient>(server.client(std::chrono::minutes{2}))] {
          const Response answer =
              client->request("GET", kEvents + "?action=integrity_scrub&resource=odd",
                              {{"Authorization", "Bearer " + root.access_token}}, {});
          // Ten seconds are the longest wait for one's own others.
          if (answer.status != 200 && answer.status != 503) ++failed;
          ++answered;
        });
  }
  CHECK(soon([&] { return answered > 0; }));
  CHECK(anna.put(files("/" + anna.username + "/a"), "a").status == 201);
  CHECK(anna.get(files("/" + anna.username + "/a")).body == "a");
  CHECK(anna.get(kEvents + "?limit=1").status == 200);
  CHECK(answered <= kCrowd / 2);
  for (std::thread& one : crowd) one.join();
  CHECK(failed == 0);
}

TEST_CASE("What is expensive a user may ask a burst of, and then only so many a minute",
          "[shares]") {
  Api anna = new_user(shared_server());
  Api bob = new_user(shared_server());
  int granted = 0;
  Response answer;
  while (granted < 1000 && (answer = anna.get(kApi + "/audit/stats")).status == 200) ++granted;
  CHECK(granted >= 120);
  check_problem(answer, 429, "rate_limited");
  CHECK(answer.header("Retry-After"));
  CHECK(anna.get(kApi + "/audit/events?limit=1").status == 200);
  CHECK(bob.get(kApi + "/audit/stats").status == 200);
}
