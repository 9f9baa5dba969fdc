#include "fixtures/export_fixture.hpp"

#include <functional>

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

} // namespace

TEST_CASE("an export with seals takes no filters and no CSV") {
  Trail trail;
  ExportRequest request{.format = ExportFormat::ndjson, .seals = true};
  SECTION("no filter") { request.filter.user = "anna"; }
  SECTION("no CSV") { request.format = ExportFormat::csv; }
  SECTION("no cursor") { request.cursor = "1"; }
  SECTION("no other order") { request.order = SortOrder::descending; }
  CHECK(trail.service.export_events(trail.operator_, request).error().code ==
        Errc::invalid_request);
}

TEST_CASE("an export with seals verifies with nothing but the key") {
  Trail trail;
  trail.fill(2, 4);
  record_hostile(trail);
  REQUIRE(trail.sealer->seal_now());
  trail.record("/anna/unsealed");
  const auto text = trail.export_with_seals();
  const auto report = trail.verify_text(text, trail.anchors->newest().value());
  CHECK(report.problems.empty());
  CHECK(report.ok);
  CHECK(report.events == 9);
  CHECK(report.seals == 3);
  CHECK(report.head == seal_hash(trail.seals().back(), *trail.digester));
  CHECK(text.find("unsealed") == std::string::npos);
  CHECK(newest_event(trail).details ==
        R"({"format":"ndjson","filters":{"seals":true},"events":9})");
}

TEST_CASE("an export of many seals comes in pieces and verifies") {
  Trail trail;
  for (int i = 0; i < 130; ++i) trail.fill(1, 1 + i % 7);
  REQUIRE(trail.database->write([&](WriteTransaction&) -> Result<AuditEvents> {
    return AuditEvents{
        trail.audit_log.draft(Action::logout),
        std::vector<NewAuditEvent>(1'999, trail.audit_log.draft(Action::login_success))};
  }));
  REQUIRE(trail.sealer->seal_now());
  const auto report = trail.verify_text(trail.export_with_seals());
  CHECK(report.problems.empty());
  CHECK(report.seals == 131);
  CHECK(report.events == static_cast<std::int64_t>(trail.sealed_events().size()));
}

TEST_CASE("a range of seals verifies by itself") {
  Trail trail;
  trail.fill(6, 3);
  const auto text = trail.export_text({.format = ExportFormat::ndjson,
                                       .seals = true,
                                       .first_seal = SealNumber{3},
                                       .last_seal = SealNumber{4}});
  const auto report = trail.verify_text(text);
  CHECK(report.ok);
  CHECK(report.seals == 2);
  CHECK(report.events == 6);
  CHECK(newest_event(trail).details.find(R"("events":6)") != std::string::npos);
}

TEST_CASE("an altered export is found out") {
  Trail trail;
  trail.fill(3, 4);
  const auto text = trail.export_with_seals();
  auto lines = lines_of(text);
  const auto joined = [&] {
    std::string all;
    for (const auto& line : lines) all += line + '\n';
    return all;
  };
  REQUIRE(trail.verify_text(joined()).ok);
  std::set<std::string> expected;
  SECTION("a changed value") {
    lines[1] = replaced(lines[1], "cli:root", "cli:r00t");
    expected = {"root_mismatch"};
  }
  SECTION("details written another way") {
    lines[1] = replaced(lines[1], "{\"file_size\":5}", "{\"file_size\": 5}");
    expected = {"root_mismatch"};
  }
  SECTION("a line that is gone") {
    lines.erase(lines.begin() + 1);
    expected = {"event_missing"};
  }
  SECTION("two lines in each other's place") {
    std::swap(lines[1], lines[2]);
    expected = {"event_missing", "sequence_gap"};
  }
  SECTION("a line twice") {
    lines.insert(lines.begin() + 1, lines[1]);
    expected = {"sequence_gap"};
  }
  SECTION("a member that nothing vouches for") {
    lines[1] = replaced(lines[1], "{\"id\"", "{\"note\":1,\"id\"");
    expected = {"line_unreadable", "event_missing"};
  }
  SECTION("a line that is no JSON") {
    lines[1] += "x";
    expected = {"line_unreadable", "event_missing"};
  }
  SECTION("a seal that is gone") {
    lines.erase(lines.begin() + 9);
    expected = {"seal_missing", "sequence_gap"};
  }
  SECTION("the end that is gone") {
    lines.resize(lines.size() - 1);
    expected = {"tail_missing"};
  }
  SECTION("a seal's time") {
    lines[4] = replaced(lines[4], "\"recovered\":false", "\"recovered\":true");
    expected = {"bad_signature", "chain_broken"};
  }
  const auto report = trail.verify_text(joined());
  CHECK_FALSE(report.ok);
  CHECK(kinds(report) == expected);
}

TEST_CASE("an export without its newest seal is told by the anchor") {
  Trail trail;
  trail.fill(3, 2);
  const auto text = trail.export_text(
      {.format = ExportFormat::ndjson, .seals = true, .last_seal = SealNumber{2}});
  CHECK(trail.verify_text(text).ok);
  CHECK(kinds(trail.verify_text(text, trail.anchors->newest().value())) ==
        std::set<std::string>{"tail_missing"});
}

TEST_CASE("an inclusion proof proves its event and no other") {
  Trail trail;
  trail.fill(2, 7);
  const auto hostile = record_hostile(trail);
  REQUIRE(trail.sealer->seal_now());
  for (const auto id : {1, 4, 7, 8, 14}) {
    const auto proof = trail.service.prove(trail.operator_, EventId{id});
    REQUIRE(proof);
    CHECK(check_inclusion_proof(*proof, *trail.signer, *trail.digester).value());
  }
  const auto hostile_proof = trail.service.prove(trail.operator_, hostile.id).value();
  CHECK(check_inclusion_proof(hostile_proof, *trail.signer, *trail.digester).value());

  const auto proof = trail.service.prove(trail.operator_, EventId{4}).value();
  const auto proves = [&](const std::string& text) {
    return check_inclusion_proof(text, *trail.signer, *trail.digester);
  };
  CHECK_FALSE(proves(replaced(proof, "cli:root", "cli:r00t")).value());
  CHECK_FALSE(proves(replaced(proof, "\"seq\":4", "\"seq\":5")).value());
  CHECK_FALSE(proves(replaced(proof, "\"seq\":4", "\"seq\":-9223372036854775808")).value());
  CHECK_FALSE(proves(replaced(proof, "\"count\":7", "\"count\":8")).value());
  CHECK_FALSE(proves(replaced(proof, "\"recovered\":false", "\"recovered\":true")).value());
  CHECK_FALSE(
      proves(replaced(proof, "\"first_event\":1", "\"first_event\":-9223372036854775808")).value());
  const auto path = proof.find("\"path\":[\"");
  auto bent = proof;
  bent[path + 9] = bent[path + 9] == 'a' ? 'b' : 'a';
  CHECK_FALSE(proves(bent).value());
  CHECK_FALSE(proves(proof.substr(0, path) + "\"path\":[]" + proof.substr(proof.find(",\"seal\"")))
                  .value());
  const auto stranger = make_fake_seal_signer(Secret{"another key"});
  CHECK_FALSE(check_inclusion_proof(proof, *stranger, *trail.digester).value());
  for (const auto& broken : {std::string{}, std::string{"{}"}, proof + "x",
                             replaced(proof, "\"event\"", "\"e\""), std::string(1'000'000, '[')}) {
    CHECK(check_inclusion_proof(broken, *trail.signer, *trail.digester).error().code ==
          Errc::invalid_request);
  }
}

TEST_CASE("an event that is not sealed yet cannot be proved") {
  Trail trail;
  const auto event = trail.record();
  CHECK(trail.service.prove(trail.operator_, event.id).error().code == Errc::not_found);
  CHECK(trail.service.prove(trail.operator_, EventId{99}).error().code == Errc::not_found);
}
