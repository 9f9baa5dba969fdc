#include "baluhost/core/audit/audit_status.hpp"

#include "baluhost/core/audit/retention.hpp"
#include "baluhost/core/json/json_views.hpp"
#include "fixtures/trail_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

AuditStatus status_of(Trail& trail) {
  auto status = trail.service.status(trail.operator_);
  REQUIRE(status);
  return *std::move(status);
}

std::vector<AuditEvent> verifications(Trail& trail) {
  const AuditFilter filter{.action = "audit_verified"};
  return trail.service.query(trail.operator_, filter, SortOrder::ascending, {.limit = 1000})->items;
}

} // namespace

TEST_CASE("the status of a trail without a seal says what waits, and null of the rest") {
  Trail trail;
  const auto first = trail.record();
  trail.record();
  const auto status = status_of(trail);
  CHECK(status.unsealed == 2);
  CHECK(status.oldest_unsealed_at == first.timestamp);
  CHECK(to_json(status) ==
        R"({"newest_seal":null,"sealed_at":null,"head":null,"events":0,"unsealed":2,)"
        R"("oldest_unsealed_at":")" +
            first.timestamp.to_rfc3339() +
            R"(","key_id":null,"public_key":null,"anchor":null,"last_verification":null,)"
            R"("retention_days":0,"pruned_before":null})");
}

TEST_CASE("the status names the newest seal, its key and what the anchor says of it") {
  Trail trail;
  trail.fill(3, 4);
  const auto newest = trail.seals().back();
  auto status = status_of(trail);
  REQUIRE(status.newest_seal);
  CHECK(status.newest_seal->number == newest.number);
  CHECK(status.head == seal_hash(newest, *trail.digester));
  CHECK(status.events == 12);
  CHECK(status.unsealed == 0);
  CHECK_FALSE(status.oldest_unsealed_at);
  CHECK(status.public_key == trail.signer->public_key(newest.key_id));
  CHECK(status.public_key);
  REQUIRE(status.anchor);
  CHECK(status.anchor->seal == newest.number);
  CHECK(status.anchor->matches);
  CHECK_FALSE(status.last_verification);

  REQUIRE(trail.anchors->append({newest.number, Sha256Digest{}}));
  status = status_of(trail);
  CHECK(status.anchor->seal == newest.number);
  CHECK_FALSE(status.anchor->matches);
  REQUIRE(trail.anchors->append({SealNumber{9}, seal_hash(newest, *trail.digester)}));
  CHECK_FALSE(status_of(trail).anchor->matches);
}

TEST_CASE("the status tells the last verification that came to its end, and its outcome") {
  Trail trail;
  trail.fill(2, 2);
  REQUIRE(trail.service.verify(trail.operator_)->ok);
  const auto at = verifications(trail).back().timestamp;
  auto last = status_of(trail).last_verification;
  REQUIRE(last);
  CHECK(last->at == at);
  CHECK(last->ok);
  CHECK(last->by == "cli:root");

  trail.clock.advance(1s);
  const auto begun = trail.service.begin_verification(trail.operator_);
  (*begun)->abandon(Error{.code = Errc::client_disconnected});
  CHECK(status_of(trail).last_verification->at == at);

  REQUIRE(trail.anchors->append({SealNumber{9}, Sha256Digest{}}));
  trail.clock.advance(1s);
  CHECK_FALSE(trail.service.verify(trail.operator_)->ok);
  last = status_of(trail).last_verification;
  CHECK(last->at > at);
  CHECK_FALSE(last->ok);
}

TEST_CASE("the status tells what was pruned") {
  Trail trail;
  trail.fill(3, 4);
  const auto seals = trail.seals();
  trail.clock.advance(1h);
  trail.record();
  REQUIRE(trail.sealer->seal_now());
  REQUIRE(prune_trail(*trail.database, trail.audit_log, *trail.signer, trail.clock, nullptr,
                      trail.clock.now() - 1min));
  const auto status = status_of(trail);
  CHECK(status.events == 1);
  CHECK(status.pruned_before == seals.back().sealed_at);
  CHECK(status.unsealed == 1); // `audit_pruned`
}

TEST_CASE("a verification in steps tells how far it is, and ends as one in one go") {
  Trail trail;
  trail.fill(1500, 1);
  const auto begun = trail.service.begin_verification(trail.operator_);
  REQUIRE(begun);
  auto& verification = **begun;
  CHECK(verification.progress().events == 0);
  CHECK(verification.progress().of == 1500);
  const auto none = verification.advance();
  REQUIRE(none);
  CHECK_FALSE(*none);
  CHECK(verification.progress().events > 500);
  CHECK(verification.progress().events < 1500);
  CHECK(verifications(trail).empty());
  const auto report = verification.advance();
  REQUIRE(report);
  REQUIRE(*report);
  CHECK((*report)->ok);
  CHECK((*report)->events == 1500);
  CHECK((*report)->seals == 1500);
  verification.abandon(Error{.code = Errc::client_disconnected});
  REQUIRE(verifications(trail).size() == 1);
  CHECK(verifications(trail)[0].success);
  CHECK(verifications(trail)[0].details == R"({"ok":true,"events":1500,"seals":1500})");
}

TEST_CASE("a verification that ends early is on record once, as failed") {
  Trail trail;
  trail.fill(1500, 1);
  const auto begun = trail.service.begin_verification(trail.operator_);
  REQUIRE((*begun)->advance());
  (*begun)->abandon(Error{.code = Errc::client_disconnected});
  (*begun)->abandon(Error{.code = Errc::unavailable});
  REQUIRE(verifications(trail).size() == 1);
  CHECK_FALSE(verifications(trail)[0].success);
  CHECK(verifications(trail)[0].error_message == "client_disconnected");
}
