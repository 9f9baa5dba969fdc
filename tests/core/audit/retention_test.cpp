#include "fixtures/trail_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

Result<PruneResult> prune(Trail& trail, Timestamp before, const Principal* principal = nullptr) {
  return prune_trail(*trail.database, trail.audit_log, *trail.signer, trail.clock, principal,
                     before);
}

std::vector<PruneRecord> prunes(Trail& trail) {
  std::vector<PruneRecord> records;
  REQUIRE(trail.database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(records, tx.seals().prunes());
    return {};
  }));
  return records;
}

std::vector<AuditEvent> events_of(Trail& trail, const std::string& action) {
  AuditFilter filter;
  filter.action = action;
  return trail.service.query(trail.operator_, filter, SortOrder::ascending, {.limit = 1000})->items;
}

} // namespace

TEST_CASE(
    "a prune removes whole seals whose newest event is old enough, and what remains verifies") {
  Trail trail;
  trail.fill(3, 4);
  const auto boundary = trail.sealed_events().at(9).event->timestamp; // in the third seal
  trail.clock.advance(1h);
  const auto result = prune(trail, boundary, &trail.operator_);
  REQUIRE(result);
  CHECK(result->events == 8);
  CHECK(result->last_seal == SealNumber{2});
  REQUIRE(trail.sealer->seal_now());

  const auto left = trail.sealed_events();
  CHECK(left.front().leaf.sequence == 9);
  CHECK(trail.seals().size() == 4);
  const auto report = trail.verify();
  CHECK(report.problems.empty());
  CHECK(report.ok);

  const auto recorded = events_of(trail, "audit_pruned");
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].user == "cli:root");
  CHECK(recorded[0].success);
  CHECK(recorded[0].details ==
        R"({"events":8,"last_seal":2,"last_event":8,"before":")" + boundary.to_rfc3339() + "\"}");

  SECTION("exported as a whole it verifies too") {
    const auto exported =
        trail.verify_text(trail.export_with_seals(), trail.anchors->newest().value());
    CHECK(exported.problems.empty());
    CHECK(exported.seals == 4);
    CHECK(exported.events == 5);
  }
  SECTION("an export without its prune record does not") {
    auto text = trail.export_with_seals();
    const auto at = text.find("{\"prune\"");
    text.erase(at, text.find('\n', at) - at + 1);
    CHECK(kinds(trail.verify_text(text)) == std::set<std::string>{"event_missing"});
  }
  SECTION("again there is nothing old enough") {
    const auto again = prune(trail, boundary);
    CHECK(again->events == 0);
    CHECK_FALSE(again->last_seal);
    CHECK(events_of(trail, "audit_pruned").size() == 1);
  }
  SECTION("later a second one goes on where it ended") {
    const auto later = prune(trail, trail.clock.now() - 30min);
    CHECK(later->events == 4);
    CHECK(later->last_seal == SealNumber{3});
    CHECK(prunes(trail).size() == 2);
    CHECK_FALSE(events_of(trail, "audit_pruned").back().user);
    CHECK(trail.verify().ok);
    CHECK(trail.verify_text(trail.export_with_seals()).ok);
  }
  SECTION(
      "a range of seals that ends before the last that was pruned brings the record that explains "
      "it") {
    trail.record_many(4);
    REQUIRE(trail.sealer->seal_now());
    const auto first = trail.export_text(
        {.format = ExportFormat::ndjson, .seals = true, .last_seal = SealNumber{1}});
    CHECK(trail.verify_text(first).problems.empty());
    CHECK(trail.verify_text(first).seals == 1);
    auto altered = first;
    const auto at = altered.find("\"last_event\":8");
    altered.replace(at, 14, "\"last_event\":9");
    CHECK(kinds(trail.verify_text(altered)) ==
          std::set<std::string>{"event_missing", "prune_unproven"});
  }
  SECTION("segments exported before the prune verify against the seals that remain") {
    CHECK(trail
              .verify_text(trail.export_text(
                  {.format = ExportFormat::ndjson, .seals = true, .first_seal = SealNumber{3}}))
              .ok);
  }
}

TEST_CASE("a seal with one young event keeps all its events and those after it") {
  Trail trail;
  trail.fill(1, 3);
  const auto before = trail.clock.now();
  CHECK(prune(trail, before)->events == 0);
  CHECK(trail.sealed_events().size() == 3);
  CHECK(prune(trail, before + 1us)->events == 3);
}

TEST_CASE(
    "a prune that is cut short at any moment leaves a trail that verifies, and the next one ends "
    "it") {
  for (int writes = 0; writes < 6; ++writes) {
    Trail trail;
    trail.sealer.reset();
    trail.start_sealer();
    for (int seal = 0; seal < 3; ++seal) {
      REQUIRE(trail.database->write([&](WriteTransaction&) -> Result<AuditEvents> {
        return AuditEvents{
            trail.audit_log.draft(Action::logout),
            std::vector<NewAuditEvent>(899, trail.audit_log.draft(Action::login_success))};
      }));
      REQUIRE(trail.sealer->seal_now());
    }
    trail.clock.advance(1h);
    // Each batch is one write; from the given one on the process is gone.
    int done = 0;
    const auto result = prune_trail(*trail.database, trail.audit_log, *trail.signer, trail.clock,
                                    nullptr, trail.clock.now(), [&](std::int64_t) {
                                      if (++done == writes) trail.database->fail_writes(1000);
                                    });
    const bool cut_short = !result;
    CHECK(cut_short == (writes == 1 || writes == 2 || writes == 3));
    trail.database->fail_writes(0);
    REQUIRE(trail.sealer->seal_now());
    CAPTURE(writes);
    const auto report = trail.verify();
    CHECK(report.problems.empty());
    const auto exported = trail.verify_text(trail.export_with_seals());
    CHECK(exported.problems.empty());

    REQUIRE(prune(trail, Timestamp{0}));
    for (const auto& sealed : trail.sealed_events()) CHECK(sealed.leaf.sequence > 2'700);
    CHECK(trail.verify().ok);
  }
}

TEST_CASE("an export that a prune overtakes verifies, wherever it was") {
  for (std::size_t pieces = 0; pieces < 12; ++pieces) {
    Trail trail;
    for (int i = 0; i < 12; ++i) trail.fill(1, 150 + i);
    trail.clock.advance(1h);
    auto stream =
        trail.service
            .export_events(trail.operator_, {.format = ExportFormat::ndjson, .seals = true})
            .value();
    std::string text;
    for (std::size_t i = 0;; ++i) {
      if (i == pieces)
        REQUIRE(prune(trail, trail.sealed_events().at(1'700).event->timestamp)->events > 1'300);
      const auto piece = stream->next();
      REQUIRE(piece);
      if (piece->empty()) break;
      text += *piece;
    }
    CAPTURE(pieces);
    const auto report = trail.verify_text(text);
    for (const auto& problem : report.problems)
      UNSCOPED_INFO(to_string(problem.kind) << " " << problem.detail);
    CHECK(report.ok);
    CHECK(report.seals == 12);
    CHECK(report.events >= static_cast<std::int64_t>(trail.sealed_events().size()) - 1);
  }
}

TEST_CASE("nothing goes unless the record of it is committed") {
  Trail trail;
  trail.fill(2, 3);
  trail.clock.advance(1h);
  trail.database->fail_commits(1);
  CHECK_FALSE(prune(trail, trail.clock.now()));
  CHECK(trail.sealed_events().size() == 6);
  CHECK(prunes(trail).empty());
  const auto recorded = events_of(trail, "audit_pruned");
  REQUIRE(recorded.size() == 1);
  CHECK_FALSE(recorded[0].success);
}

TEST_CASE("events do not go on a forged prune record") {
  Trail trail;
  trail.fill(2, 3);
  const auto key = trail.seals().front().key_id;
  trail.change([&](SealRepository& seals) {
    return seals.append_prune({SealNumber{2}, 6, 6, trail.clock.now(), key, std::string(64, 'f')});
  });
  REQUIRE(prune(trail, Timestamp{0}));
  CHECK(trail.sealed_events().size() == 6);
  CHECK(kinds(trail.verify()) == std::set<std::string>{"prune_unproven"});
}

TEST_CASE("removing sealed events without a record is found by seal and sequence") {
  Trail trail;
  trail.fill(3, 4);
  trail.change([](SealRepository& seals) -> Result<void> {
    BALUHOST_CHECK(seals.remove_events(8, 1000));
    return {};
  });
  const auto report = trail.verify();
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].kind == ProblemKind::event_missing);
  CHECK(report.problems[0].seal == SealNumber{1});
  CHECK(report.problems[0].detail == "the events of sequences 1 to 8 are gone");
}
