#include "fixtures/identity_fixture.hpp"

#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/json/json_views.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"
#include "baluhost/memory/portable_digester.hpp"

#include <optional>

using namespace baluhost;
using namespace baluhost::test;

namespace {

/// Anna and Bob are users, Rita is an auditor.
struct Audited : Identity {
  Audited() {
    add("anna");
    add("bob");
    add("rita", Role::auditor);
    anna.emplace(principal("anna"));
    bob.emplace(principal("bob"));
    rita.emplace(principal("rita"));
    events();
  }

  std::unique_ptr<Digester> sha = make_portable_digester();
  std::unique_ptr<SealSigner> signer = make_fake_seal_signer(Secret{"a key of the tests"});
  std::unique_ptr<AnchorLog> anchors = make_memory_anchor_log();
  AuditQueries service{{database, audit_log, *sha, *signer, *anchors, clock}};
  std::optional<Principal> anna, bob, rita;
};

AuditFilter of_user(const std::string& name) {
  AuditFilter filter;
  filter.user = name;
  return filter;
}

} // namespace

TEST_CASE("a plain user sees the own events and nobody else's") {
  Audited audited;
  const auto own = audited.service.query(*audited.anna, {}, SortOrder::descending, {});
  REQUIRE(own);
  REQUIRE_FALSE(own->items.empty());
  for (const auto& event : own->items) CHECK(event.user == "anna");
  CHECK(audited.service.query(*audited.anna, of_user("anna"), SortOrder::descending, {})->items ==
        own->items);
  CHECK(audited.events().empty());

  CHECK(code(audited.service.query(*audited.anna, of_user("bob"), SortOrder::descending, {})) ==
        Errc::forbidden);
  CHECK(
      lines(audited.events()) ==
      std::vector<std::string>{
          R"(SECURITY access_denied anna /api/v1/audit/events {"required_permission":"audit","operation":"list_events"} failed: forbidden)"});
}

TEST_CASE("administrators and auditors see everything, in both orders") {
  Audited audited;
  for (const auto* principal : {&audited.operator_, &*audited.rita}) {
    const auto newest_first =
        audited.service.query(*principal, {}, SortOrder::descending, {.limit = 1000})->items;
    auto oldest_first =
        audited.service.query(*principal, {}, SortOrder::ascending, {.limit = 1000})->items;
    std::reverse(oldest_first.begin(), oldest_first.end());
    CHECK(newest_first == oldest_first);
    CHECK(newest_first.size() == 6);
    CHECK_FALSE(audited.service.query(*principal, of_user("bob"), SortOrder::descending, {})
                    ->items.empty());
  }
}

TEST_CASE(
    "pages follow one another while events arrive, and a cursor is good for its own list only") {
  Audited audited;
  const auto all =
      audited.service.query(audited.operator_, {}, SortOrder::descending, {.limit = 1000})->items;
  std::vector<AuditEvent> seen;
  PageRequest page{.limit = 3};
  do {
    const auto part = audited.service.query(audited.operator_, {}, SortOrder::descending, page);
    REQUIRE(part);
    seen.insert(seen.end(), part->items.begin(), part->items.end());
    page.cursor = part->next_cursor;
    audited.clock.advance(std::chrono::seconds{1});
    REQUIRE(audited.audit_log.record(audited.audit_log.draft(Action::logout)));
  } while (page.cursor);
  CHECK(seen == all);

  const auto cursor =
      audited.service.query(audited.operator_, {}, SortOrder::descending, {.limit = 1})
          ->next_cursor;
  const PageRequest next{.limit = 1, .cursor = cursor};
  for (const auto& refused :
       {audited.service.query(audited.operator_, {}, SortOrder::ascending, next),
        audited.service.query(audited.operator_, of_user("anna"), SortOrder::descending, next),
        audited.service.query(*audited.anna, {}, SortOrder::descending, next)}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::invalid_request);
    CHECK(refused.error().fields.at(0).pointer == "/cursor");
  }
}

TEST_CASE("another's event does not exist for a plain user, and the attempt is on record") {
  Audited audited;
  const auto bobs =
      audited.service.query(audited.operator_, of_user("bob"), SortOrder::descending, {.limit = 1})
          ->items.front();
  CHECK(audited.service.find(*audited.bob, bobs.id).value() == bobs);
  CHECK(audited.service.find(*audited.rita, bobs.id).value() == bobs);
  CHECK(audited.events().empty());
  CHECK(code(audited.service.find(*audited.anna, bobs.id)) == Errc::not_found);
  CHECK(audited.event().action == "access_denied");
  CHECK(code(audited.service.prove(*audited.anna, bobs.id)) == Errc::not_found);
  const auto refused = audited.event();
  CHECK(refused.action == "access_denied");
  CHECK(refused.resource == "/api/v1/audit/events/" + std::to_string(bobs.id.value) + "/proof");
  CHECK(refused.details == R"({"required_permission":"audit","operation":"read_event_proof"})");
  CHECK(code(audited.service.prove(*audited.bob, bobs.id)) == Errc::not_found); // not sealed yet
  CHECK(audited.events().empty());
  CHECK(code(audited.service.find(*audited.anna, EventId{9999})) == Errc::not_found);
  CHECK(audited.events().empty());
}

TEST_CASE("statistics of a plain user count the own events only") {
  Audited audited;
  const auto own = audited.service.statistics(*audited.anna, {}, {}, {});
  REQUIRE(own);
  CHECK(own->by_user.size() == 1);
  CHECK(own->by_user.contains("anna"));
  CHECK(own->total.succeeded == 1);
  CHECK(code(audited.service.statistics(*audited.anna, {}, {}, "bob")) == Errc::forbidden);
  CHECK(audited.event().action == "access_denied");
  const auto all = audited.service.statistics(*audited.rita, {}, {}, {});
  CHECK(all->by_user.size() > 3);
  CHECK(audited.service.statistics(*audited.rita, {}, {}, "bob")->by_user.size() == 1);
}

TEST_CASE("exports, the stream, seals and verification are for auditors: a refusal is one event") {
  Audited audited;
  const auto refused = [&](const auto& result, const std::string& operation) {
    CHECK(code(result) == Errc::forbidden);
    CHECK(result.error().recorded);
    const auto event = audited.event();
    CHECK(event.action == "access_denied");
    CHECK(event.user == "anna");
    CHECK(event.details.find("\"operation\":\"" + operation + "\"") != std::string::npos);
  };
  refused(audited.service.export_events(*audited.anna, {}), "audit_exported");
  refused(audited.service.since(*audited.anna, EventId{0}, 10), "follow_events");
  refused(audited.service.newest(*audited.anna), "follow_events");
  refused(audited.service.seals(*audited.anna, {}), "list_seals");
  refused(audited.service.verify(*audited.anna), "audit_verified");
  refused(audited.service.begin_verification(*audited.anna), "audit_verified");
  refused(audited.service.status(*audited.anna), "read_audit_status");
}

TEST_CASE("a verification is on record with its outcome") {
  Audited audited;
  Sealer sealer({audited.database, *audited.sha, *audited.signer, *audited.anchors, audited.clock,
                 InstanceId{"i"}},
                {});
  audited.clock.advance(std::chrono::hours{1});
  const auto unsealed = audited.service.verify(*audited.rita);
  REQUIRE(unsealed);
  CHECK_FALSE(unsealed->ok);
  const auto first = audited.event();
  CHECK(first.action == "audit_verified");
  REQUIRE_FALSE(unsealed->problems.empty());
  const auto& found = unsealed->problems.front();
  REQUIRE(found.event);
  CHECK(first.details.starts_with(R"({"ok":false,"events":0,"seals":0,"findings_count":)" +
                                  std::to_string(unsealed->problems.size()) +
                                  R"(,"findings":[{"kind":")" + std::string{to_string(found.kind)} +
                                  R"(","event":)" + std::to_string(found.event->value) +
                                  R"(,"detail":")"));

  const auto recovered =
      sealer
          .recover_and_search(audited.clock.now() + std::chrono::microseconds{1}, Untagged::accept)
          .value()
          .events;
  const auto report = audited.service.verify(*audited.rita);
  REQUIRE(report);
  CHECK(report->ok);
  CHECK(report->events == recovered + 1); // the first verification's own event too
  CHECK(audited.event().user == "rita");

  const auto page = audited.service.seals(*audited.rita, {.limit = 1});
  REQUIRE(page->items.size() == 1);
  REQUIRE(page->next_cursor);
  const auto last = audited.service.seals(*audited.rita, {.limit = 1, .cursor = page->next_cursor});
  REQUIRE(last->items.size() == 1);
  CHECK(last->items[0].number == SealNumber{2});
  CHECK_FALSE(last->next_cursor);
  CHECK(code(audited.service.seals(*audited.rita, {.limit = 1, .cursor = "x"})) ==
        Errc::invalid_request);
}

TEST_CASE("when the record cannot be written, nothing is exported or verified") {
  Audited audited;
  audited.database.writes_fail = true;
  CHECK(code(audited.service.export_events(*audited.rita, {})) == Errc::unavailable);
  CHECK(code(audited.service.verify(*audited.rita)) == Errc::unavailable);
  CHECK(code(audited.service.query(*audited.anna, of_user("bob"), SortOrder::descending, {})) ==
        Errc::unavailable);
}

TEST_CASE("the stream returns what came after an event") {
  Audited audited;
  const auto newest = audited.service.newest(*audited.rita).value();
  CHECK(audited.service.since(*audited.rita, newest, 10)->empty());
  REQUIRE(audited.audit_log.record(audited.audit_log.draft(Action::logout)));
  const auto fresh = audited.service.since(*audited.rita, newest, 10);
  REQUIRE(fresh->size() == 1);
  CHECK(fresh->front().action == "logout");
}

TEST_CASE("the API's objects of the audit trail have exactly their members") {
  AuditEvent event{.id = EventId{7},
                   .timestamp = Timestamp{1'764'000'000'123'456},
                   .type = EventType::security,
                   .action = "login_failed"};
  CHECK(
      to_json(event) ==
      R"({"id":7,"timestamp":"2025-11-24T16:00:00.123456Z","event_type":"SECURITY","action":"login_failed","user":null,"resource":null,)"
      R"("success":true,"error_message":null,"details":{},"ip_address":null,"user_agent":null})");
  event.details = "not JSON";
  CHECK(to_json(event).find(R"("details":{"unreadable":"not JSON"})") != std::string::npos);

  AuditStatistics statistics;
  statistics.total = {3, 1};
  statistics.by_event_type["SECURITY"] = {3, 1};
  statistics.by_day["2026-11-24"] = {3, 1};
  statistics.bytes_uploaded = 5;
  CHECK(
      to_json(statistics) ==
      R"({"total":4,"succeeded":3,"failed":1,"by_event_type":{"SECURITY":{"succeeded":3,"failed":1}},"by_action":{},"by_user":{},)"
      R"("by_day":{"2026-11-24":{"succeeded":3,"failed":1}},"bytes_uploaded":5,"bytes_downloaded":0})");

  const Seal seal{
      SealNumber{2},      3,         4, 2, {}, {}, Timestamp{1'764'000'000'000'000}, true,
      "21fe31dfa154a261", "\x01\xff"};
  const std::string zeros(64, '0');
  CHECK(
      to_json(seal) ==
      R"({"seal":2,"first_event":3,"last_event":4,"count":2,"root":")" + zeros +
          R"(","previous":")" + zeros +
          R"(","sealed_at":"2025-11-24T16:00:00.000000Z","recovered":true,"key_id":"21fe31dfa154a261","signature":"01ff"})");

  VerifyReport report;
  report.events = 9;
  CHECK(to_json(report) == R"({"ok":true,"events":9,"seals":0,"unsealed":0,"problems":[]})");
  report.ok = false;
  report.problems = {{.kind = ProblemKind::event_changed,
                      .seal = SealNumber{1},
                      .event = EventId{5},
                      .detail = "d"},
                     {.kind = ProblemKind::anchor_missing, .detail = "e"}};
  CHECK(
      to_json(report) ==
      R"({"ok":false,"events":9,"seals":0,"unsealed":0,"problems":[{"kind":"event_changed","seal":1,"event":5,"detail":"d"},)"
      R"({"kind":"anchor_missing","detail":"e"}]})");
}
