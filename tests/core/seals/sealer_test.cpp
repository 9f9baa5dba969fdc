#include "fixtures/trail_fixture.hpp"

#include <atomic>
#include <thread>

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

void wait_until(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

/// Every sealed event once, in sequences without gaps, each with the leaf of what is stored.
void check_sealed_once(Trail& trail, std::size_t events) {
  const auto sealed = trail.sealed_events();
  REQUIRE(sealed.size() == events);
  std::set<EventId> ids;
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    REQUIRE(sealed[i].leaf.sequence == static_cast<std::int64_t>(i + 1));
    REQUIRE(ids.insert(sealed[i].leaf.event).second);
    REQUIRE(sealed[i].leaf.leaf ==
            trail.digester->sha256(canonical_encoding(sealed[i].event.value())));
  }
  const auto report = trail.verify();
  CHECK(report.problems.empty());
  CHECK(report.ok);
  CHECK(report.events == static_cast<std::int64_t>(events));
}

} // namespace

TEST_CASE("a seal covers what was written since the one before, chained, signed and anchored") {
  Trail trail;
  trail.fill(3, 5);
  const auto seals = trail.seals();
  REQUIRE(seals.size() == 3);
  Sha256Digest previous;
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(seals[i].number.value == static_cast<std::int64_t>(i + 1));
    CHECK(seals[i].count == 5);
    CHECK(seals[i].first_sequence == static_cast<std::int64_t>(5 * i + 1));
    CHECK(seals[i].previous == previous);
    CHECK_FALSE(seals[i].recovered);
    CHECK(trail.signer->verify(seals[i].key_id, signed_bytes(seals[i]), seals[i].signature));
    previous = seal_hash(seals[i], *trail.digester);
  }
  CHECK(trail.anchors->newest().value()->seal_hash == previous);
  CHECK(trail.sealer->unsealed() == 0);
  check_sealed_once(trail, 15);
}

TEST_CASE("without events no seal is made") {
  Trail trail;
  REQUIRE(trail.sealer->seal_now());
  CHECK(trail.seals().empty());
  CHECK(trail.verify().ok);
}

TEST_CASE("many events at once are sealed in several seals") {
  Trail trail;
  std::vector<NewAuditEvent> many(12'000, trail.audit_log.draft(Action::login_success));
  REQUIRE(trail.database->write([&](WriteTransaction&) -> Result<AuditEvents> {
    return AuditEvents{trail.audit_log.draft(Action::logout), many};
  }));
  REQUIRE(trail.sealer->unsealed() == 12'001);
  REQUIRE(trail.sealer->seal_now());
  CHECK(trail.seals().size() == 3);
  check_sealed_once(trail, 12'001);
}

TEST_CASE("the sealer seals by itself as soon as enough events wait") {
  Trail trail;
  trail.start_sealer({.interval = 1h, .events = 10});
  trail.sealer->start();
  trail.record_many(10);
  wait_until([&] { return trail.sealer->unsealed() == 0; });
  check_sealed_once(trail, 10);
}

TEST_CASE("the sealer seals by itself after its interval") {
  Trail trail;
  trail.start_sealer({.interval = 1ms, .events = 1000});
  trail.sealer->start();
  trail.record();
  wait_until([&] { return trail.sealer->unsealed() == 0; });
  check_sealed_once(trail, 1);
}

TEST_CASE("the destructor seals what is left") {
  Trail trail;
  trail.record_many(3);
  trail.sealer.reset();
  check_sealed_once(trail, 3);
}

TEST_CASE("events of many threads are each sealed once while the sealer works") {
  Trail trail;
  trail.start_sealer({.interval = 1ms, .events = 7});
  trail.sealer->start();
  std::vector<std::thread> writers;
  std::atomic<int> failed{0};
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&] {
      for (int i = 0; i < 250; ++i) {
        if (!trail.audit_log.record(trail.audit_log.draft(Action::login_success))) ++failed;
        if (i % 50 == 0 && !trail.sealer->seal_now()) ++failed;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  REQUIRE(trail.sealer->seal_now());
  CHECK(failed == 0);
  CHECK_FALSE(trail.sealer->trouble());
  check_sealed_once(trail, 1000);
}

TEST_CASE("leaves stay queued while sealing fails and are sealed once afterwards") {
  Trail trail;
  trail.record_many(4);
  SECTION("because the database does not answer") { trail.database->fail_writes(1); }
  SECTION("because the commit fails") { trail.database->fail_commits(1); }
  CHECK_FALSE(trail.sealer->seal_now());
  CHECK(trail.sealer->trouble());
  CHECK(trail.sealer->unsealed() == 4);
  CHECK(trail.seals().empty());
  REQUIRE(trail.sealer->seal_now());
  CHECK_FALSE(trail.sealer->trouble());
  check_sealed_once(trail, 4);
}

TEST_CASE("a seal whose answer was lost is not made twice") {
  Trail trail;
  trail.record_many(4);
  trail.database->lose_answers(1);
  CHECK_FALSE(trail.sealer->seal_now());
  trail.record();
  REQUIRE(trail.sealer->seal_now());
  CHECK(trail.sealer->unsealed() == 0);
  check_sealed_once(trail, 5);
}

TEST_CASE("events that another process sealed meanwhile are dropped, the rest is sealed") {
  Trail trail;
  trail.record_many(3);
  Sealer other({*trail.database, *trail.digester, *trail.signer, *trail.anchors, trail.clock,
                InstanceId{"other1"}},
               {});
  CHECK(other.recover(trail.clock.now() + 1s).value().events == 3);
  trail.record_many(2);
  REQUIRE(trail.sealer->seal_now());
  CHECK_FALSE(trail.sealer->trouble());
  REQUIRE(other.seal_now());
  CHECK(other.unsealed() == 0);
  check_sealed_once(trail, 5);
}

TEST_CASE("an event that another process sealed with another content is an alarm") {
  Trail trail;
  const auto event = trail.record();
  trail.change([&](SealRepository& seals) -> Result<void> {
    Seal seal{SealNumber{1}, 1, 1, 1, {}, {}, trail.clock.now(), true, "k", std::string(64, 's')};
    return seals.append(
        seal,
        std::vector<AuditLeaf>{{1, event.id, trail.digester->sha256("what it was changed into")}});
  });
  REQUIRE(trail.sealer->seal_now());
  REQUIRE(trail.sealer->trouble());
  CHECK(trail.sealer->trouble()->find("event " + std::to_string(event.id.value)) !=
        std::string::npos);
}

TEST_CASE("what a crash left unsealed is sealed as recovered at the next start") {
  auto trail = std::make_unique<Trail>();
  trail->fill(1, 2);
  trail->sealer.reset(); // from here to the next sealer nobody keeps leaves in memory, as if that
                         // memory had been lost
  trail->record_many(7);
  trail->start_sealer();
  CHECK(trail->sealer->unsealed() == 0);

  SECTION("all that is older than the moment given") {
    CHECK(trail->sealer->recover(trail->clock.now() + 1us).value().events == 7);
    const auto seals = trail->seals();
    REQUIRE(seals.size() == 2);
    CHECK_FALSE(seals[0].recovered);
    CHECK(seals[1].recovered);
    CHECK(seals[1].count == 7);
    CHECK(trail->sealer->recover(trail->clock.now() + 1us).value().events == 0);
    check_sealed_once(*trail, 9);
  }
  SECTION("and nothing of a process that wrote since, which may be about to seal") {
    CHECK(trail->sealer->recover(trail->clock.now()).value().events == 0);
    trail->clock.advance(1ms);
    CHECK(trail->sealer->recover(trail->clock.now()).value().events == 7);
  }
  SECTION("but not what this process wrote, which it seals from memory") {
    trail->record_many(2);
    CHECK(trail->sealer->recover(trail->clock.now() + 1us).value().events == 7);
    const auto seals = trail->seals();
    REQUIRE(seals.size() == 3);
    CHECK_FALSE(seals[1].recovered);
    CHECK(seals[2].recovered);
    check_sealed_once(*trail, 11);
  }
}

TEST_CASE("recovery of many events goes in bounded seals") {
  Trail trail;
  trail.sealer.reset();
  REQUIRE(trail.database->write([&](WriteTransaction&) -> Result<AuditEvents> {
    return AuditEvents{
        trail.audit_log.draft(Action::logout),
        std::vector<NewAuditEvent>(10'999, trail.audit_log.draft(Action::login_success))};
  }));
  trail.start_sealer();
  CHECK(trail.sealer->recover(trail.clock.now() + 1us).value().events == 11'000);
  CHECK(trail.seals().size() == 3);
  check_sealed_once(trail, 11'000);
}

TEST_CASE("how far the trail is sealed is noted, so that a recovery begins there") {
  Trail trail;
  const auto noted = [&] {
    EventId event;
    REQUIRE(trail.database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(event, tx.seals().sealed_up_to());
      return {};
    }));
    return event;
  };
  const auto sealed = trail.record_many(3);
  REQUIRE(trail.sealer->seal_now());
  trail.sealer.reset();
  const auto lost = trail.record_many(2);
  trail.start_sealer();
  const auto later = trail.clock.now() + 1us;
  CHECK(noted() == EventId{0});
  SECTION("up to the last event that is older than the moment given") {
    REQUIRE(trail.sealer->note_progress(sealed[2].timestamp));
    CHECK(noted() == sealed[1].id);
    REQUIRE(trail.sealer->note_progress(sealed[0].timestamp));
    CHECK(noted() == sealed[1].id);
  }
  SECTION("and never past an event that has no seal") {
    REQUIRE(trail.sealer->note_progress(later));
    CHECK(noted() == sealed[2].id);
    REQUIRE(trail.sealer->recover_and_search(later).value().events == 2);
    CHECK(noted() == lost[1].id);
    check_sealed_once(trail, 5);
  }
}

namespace {

class BrokenAnchor final : public AnchorLog {
 public:
  Result<void> append(const Anchor& anchor) override {
    if (broken) return Error{Errc::unavailable, "the disk is full"};
    return kept->append(anchor);
  }
  Result<std::optional<Anchor>> newest() const override { return kept->newest(); }
  std::unique_ptr<AnchorLog> kept = make_memory_anchor_log();
  std::atomic<bool> broken{true};
};

} // namespace

TEST_CASE("a seal stands when its anchor cannot be written: the next one makes up for it") {
  Trail trail;
  BrokenAnchor anchor;
  trail.sealer.reset();
  Sealer sealer(
      {*trail.database, *trail.digester, *trail.signer, anchor, trail.clock, InstanceId{"other2"}},
      {});
  trail.record();
  REQUIRE(sealer.seal_now());
  CHECK(trail.seals().size() == 1);
  CHECK(sealer.trouble().value() == "the disk is full");
  anchor.broken = false;
  trail.record();
  REQUIRE(sealer.seal_now());
  CHECK_FALSE(sealer.trouble());
  CHECK(anchor.newest().value()->number.value == 2);
}

TEST_CASE(
    "an anchor that could not be written is made up for as soon as it can be, without another "
    "event",
    "[fault-18]") {
  Trail trail;
  BrokenAnchor anchor;
  trail.sealer.reset();
  Sealer sealer({*trail.database, *trail.digester, *trail.signer, anchor, trail.clock},
                {.interval = std::chrono::milliseconds{1}});
  trail.record();
  REQUIRE(sealer.seal_now());
  REQUIRE(sealer.trouble());
  sealer.start();
  anchor.broken = false;
  wait_until([&] { return !sealer.trouble(); });
  CHECK_FALSE(sealer.trouble());
}

TEST_CASE("recovery makes up for an anchor that a crash left out") {
  Trail trail;
  BrokenAnchor anchor;
  trail.sealer.reset();
  {
    Sealer dying({*trail.database, *trail.digester, *trail.signer, anchor, trail.clock,
                  InstanceId{"other3"}},
                 {});
    trail.record();
    REQUIRE(dying.seal_now());
  }
  REQUIRE_FALSE(anchor.newest().value());
  anchor.broken = false;
  Sealer next(
      {*trail.database, *trail.digester, *trail.signer, anchor, trail.clock, InstanceId{"other4"}},
      {});
  CHECK(next.recover(trail.clock.now() + 1us).value().events == 0);
  CHECK(anchor.newest().value()->number.value == 1);
  CHECK_FALSE(next.trouble());
}

TEST_CASE("a database that lacks what was anchored is in trouble from its start") {
  Trail original;
  original.fill(2, 2);
  original.sealer.reset();
  Trail empty;
  empty.sealer.reset();
  empty.anchors = std::move(original.anchors);
  empty.start_sealer();
  CHECK(empty.sealer->recover(empty.clock.now() + 1us).value().events == 0);
  CHECK(empty.sealer->trouble());
  CHECK(empty.anchors->newest().value()->number.value == 2);
}

TEST_CASE("an old copy of the database cannot hide itself by going on") {
  Trail original;
  original.fill(3, 2);
  original.sealer.reset();
  Trail copy; // as the database was before its second seal, beside the anchor of the original
  copy.clock.advance(1h);
  copy.sealer.reset();
  copy.anchors = std::move(original.anchors);
  copy.start_sealer();
  copy.fill(1, 2);
  REQUIRE(copy.sealer->trouble());
  CHECK(kinds(copy.verify()) == std::set<std::string>{"tail_missing"});
  copy.fill(4, 2);
  CHECK(copy.sealer->trouble());
  CHECK(kinds(copy.verify()) == std::set<std::string>{"anchor_mismatch"});
}

TEST_CASE("without a key nothing is written") {
  Trail trail;
  auto unable = make_fake_seal_signer(Secret{});
  trail.sealer.reset();
  {
    Sealer sealer({*trail.database, *trail.digester, *unable, *trail.anchors, trail.clock,
                   InstanceId{"other5"}},
                  {});
    CHECK(trail.audit_log.record(trail.audit_log.draft(Action::logout)).error().code ==
          Errc::unavailable);
    CHECK(sealer.unsealed() == 0);
  }
  trail.start_sealer();
  trail.record_many(2);
  REQUIRE(trail.sealer->seal_now());
  check_sealed_once(trail, 2);
}
