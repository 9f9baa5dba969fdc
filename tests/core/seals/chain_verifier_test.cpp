#include "seals/chain_verifier.hpp"

#include "fixtures/trail_fixture.hpp"
#include "json/json_reader.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

/// A sealed trail of four seals of five events, taken out of its database so that a test can alter
/// it before it is checked.
struct Sealed {
  Sealed() {
    trail.fill(4, 5);
    seals = trail.seals();
    events = trail.sealed_events();
  }

  VerifyReport check() {
    ChainVerifier check(*trail.signer, *trail.digester, trail.anchors->newest().value(), {});
    std::size_t next = 0;
    for (const auto& seal : seals) {
      for (; next < events.size() && events[next].leaf.sequence <= seal.last_sequence; ++next)
        check.event(events[next].leaf, events[next].event);
      check.seal(seal);
    }
    for (const auto& record : prunes) {
      check.prune(
          record,
          record.last_seal.value <= 4
              ? std::optional{seals.at(static_cast<std::size_t>(record.last_seal.value) - 1)}
              : std::nullopt);
    }
    return check.finish(events.empty() ? 1'000'000 : events.front().leaf.sequence,
                        MissingAnchor::finding);
  }
  AuditEvent& event(std::size_t sequence) { return events.at(sequence - 1).event.value(); }
  void remove(std::size_t first, std::size_t last) {
    events.erase(events.begin() + static_cast<std::ptrdiff_t>(first) - 1,
                 events.begin() + static_cast<std::ptrdiff_t>(last));
  }
  void sign_again(Seal& seal, SealSigner& signer) {
    const auto signature = signer.sign(signed_bytes(seal)).value();
    seal.key_id = signature.key_id;
    seal.signature = signer.sign(signed_bytes(seal)).value().signature;
  }
  void prune_record(std::int64_t seal) {
    PruneRecord record{SealNumber{seal},     seal * 5, seal * 5, trail.clock.now(),
                       seals.front().key_id, {}};
    record.signature = trail.signer->sign(signed_bytes(record)).value().signature;
    prunes.push_back(record);
  }

  Trail trail;
  std::vector<Seal> seals;
  std::vector<SealedEvent> events;
  std::vector<PruneRecord> prunes;
};

/// The one problem there is.
VerifyProblem only(const VerifyReport& report) {
  CAPTURE(kinds(report));
  REQUIRE(report.problems.size() == 1);
  CHECK_FALSE(report.ok);
  return report.problems.front();
}

} // namespace

TEST_CASE("an untouched trail has no problem") {
  Sealed sealed;
  const auto report = sealed.check();
  CHECK(report.ok);
  CHECK(report.events == 20);
  CHECK(report.seals == 4);
  CHECK(report.head == seal_hash(sealed.seals.back(), *sealed.trail.digester));
}

TEST_CASE("a changed column of any kind is a changed event, named with its seal") {
  Sealed sealed;
  auto& event = sealed.event(8);
  const auto column = GENERATE(range(0, 11));
  switch (column) {
    case 0:
      event.id.value += 100;
      break;
    case 1:
      event.timestamp.microseconds += 1;
      break;
    case 2:
      event.type = EventType::system;
      break;
    case 3:
      event.action = "download";
      break;
    case 4:
      event.user = "bob";
      break;
    case 5:
      event.resource.reset();
      break;
    case 6:
      event.success = false;
      break;
    case 7:
      event.error_message = "";
      break;
    case 8:
      event.details = "{\"file_size\": 5}";
      break;
    case 9:
      event.ip_address = "192.0.2.1";
      break;
    default:
      event.user_agent = "x";
      break;
  }
  const auto problem = only(sealed.check());
  CHECK(problem.kind == ProblemKind::event_changed);
  CHECK(problem.seal == SealNumber{2});
  CHECK(problem.event == sealed.events.at(7).leaf.event);
}

TEST_CASE("a changed leaf is told from a changed event") {
  Sealed sealed;
  sealed.events.at(7).leaf.leaf.bytes[3] ^= 1;
  const auto problem = only(sealed.check());
  CHECK(problem.kind == ProblemKind::leaf_mismatch);
  CHECK(problem.event == sealed.events.at(7).leaf.event);
}

TEST_CASE("an event changed together with its leaf contradicts the signed root") {
  Sealed sealed;
  sealed.event(8).user = "bob";
  sealed.events.at(7).leaf.leaf =
      sealed.trail.digester->sha256(canonical_encoding(sealed.event(8)));
  const auto problem = only(sealed.check());
  CHECK(problem.kind == ProblemKind::root_mismatch);
  CHECK(problem.seal == SealNumber{2});
}

TEST_CASE("swapped events are both found") {
  Sealed sealed;
  std::swap(sealed.events.at(6).event, sealed.events.at(7).event);
  const auto report = sealed.check();
  CHECK(report.problems.size() == 2);
  CHECK(kinds(report) == std::set<std::string>{"event_changed"});
}

TEST_CASE("a missing row is named, a missing row with its leaf is named by its sequence") {
  Sealed sealed;
  SECTION("the row alone") {
    const auto id = sealed.events.at(7).leaf.event;
    sealed.events.at(7).event.reset();
    const auto problem = only(sealed.check());
    CHECK(problem.kind == ProblemKind::event_missing);
    CHECK(problem.seal == SealNumber{2});
    CHECK(problem.event == id);
  }
  SECTION("the first, one in the middle, the last, a whole seal's") {
    const auto [first, last, seal] = GENERATE(table<std::size_t, std::size_t, std::int64_t>(
        {{1, 1, 1}, {8, 8, 2}, {20, 20, 4}, {6, 10, 2}, {1, 20, 1}}));
    sealed.remove(first, last);
    const auto problem = only(sealed.check());
    CHECK(problem.kind == ProblemKind::event_missing);
    CHECK(problem.seal == SealNumber{seal});
    CHECK(problem.detail.find(std::to_string(first)) != std::string::npos);
  }
}

TEST_CASE("an event and leaf slipped in do not go unseen") {
  Sealed sealed;
  auto forged = sealed.events.at(7);
  forged.leaf.sequence = 8;
  sealed.events.insert(sealed.events.begin() + 8, forged);
  CHECK(kinds(sealed.check()) == std::set<std::string>{"sequence_gap"});
}

TEST_CASE("an altered seal is found whatever was altered") {
  Sealed sealed;
  auto& seal = sealed.seals.at(1);
  SECTION("its root") {
    seal.root.bytes[0] ^= 1;
    CHECK(kinds(sealed.check()) ==
          std::set<std::string>{"bad_signature", "root_mismatch", "chain_broken"});
  }
  SECTION("its count") {
    seal.count = 4;
    CHECK(kinds(sealed.check()) ==
          std::set<std::string>{"bad_signature", "count_mismatch", "chain_broken"});
  }
  SECTION("its time") {
    seal.sealed_at.microseconds += 1;
    CHECK(kinds(sealed.check()) == std::set<std::string>{"bad_signature", "chain_broken"});
  }
  SECTION("whether it was recovered") {
    seal.recovered = true;
    CHECK(kinds(sealed.check()) == std::set<std::string>{"bad_signature", "chain_broken"});
  }
  SECTION("its signature") {
    seal.signature[5] ^= 1;
    CHECK(kinds(sealed.check()) == std::set<std::string>{"bad_signature", "chain_broken"});
  }
  SECTION("to bounds that nothing can have") {
    seal.first_sequence = std::numeric_limits<std::int64_t>::min();
    seal.last_sequence = std::numeric_limits<std::int64_t>::max();
    CHECK(kinds(sealed.check()).contains("count_mismatch"));
  }
}

TEST_CASE("a seal signed again, rightly in all else, breaks the chain after it") {
  Sealed sealed;
  sealed.event(8).user = "bob";
  sealed.events.at(7).leaf.leaf =
      sealed.trail.digester->sha256(canonical_encoding(sealed.event(8)));
  MerkleTree tree(*sealed.trail.digester);
  for (std::size_t i = 5; i < 10; ++i) tree.add(sealed.events.at(i).leaf.leaf.view());
  sealed.seals.at(1).root = tree.root();
  SECTION("with our key") {
    sealed.sign_again(sealed.seals.at(1), *sealed.trail.signer);
    CHECK(only(sealed.check()).kind == ProblemKind::chain_broken);
  }
  SECTION("with another's") {
    const auto other = make_fake_seal_signer(Secret{"another key"});
    sealed.sign_again(sealed.seals.at(1), *other);
    CHECK(kinds(sealed.check()) == std::set<std::string>{"unknown_key", "chain_broken"});
  }
  SECTION("and all after it too: only the anchor is left to tell") {
    for (std::size_t i = 1; i < 4; ++i) {
      if (i > 1)
        sealed.seals.at(i).previous = seal_hash(sealed.seals.at(i - 1), *sealed.trail.digester);
      sealed.sign_again(sealed.seals.at(i), *sealed.trail.signer);
    }
    CHECK(only(sealed.check()).kind == ProblemKind::anchor_mismatch);
  }
}

TEST_CASE("a seal that is gone is named") {
  Sealed sealed;
  SECTION("with its events") {
    sealed.seals.erase(sealed.seals.begin() + 1);
    sealed.remove(6, 10);
    const auto problem = only(sealed.check());
    CHECK(problem.kind == ProblemKind::seal_missing);
    CHECK(problem.seal == SealNumber{2});
  }
  SECTION("the newest, events and all: the anchor tells") {
    sealed.seals.pop_back();
    sealed.remove(16, 20);
    const auto problem = only(sealed.check());
    CHECK(problem.kind == ProblemKind::tail_missing);
    CHECK(problem.seal == SealNumber{4});
  }
}

TEST_CASE("the anchor must be there where it is expected") {
  Sealed sealed;
  sealed.trail.sealer.reset();
  sealed.trail.anchors = make_memory_anchor_log();
  CHECK(only(sealed.check()).kind == ProblemKind::anchor_missing);
}

TEST_CASE("pruned events may be gone, their seals may not") {
  Sealed sealed;
  sealed.prune_record(2);
  SECTION("all of them") { sealed.remove(1, 10); }
  SECTION("some seals', when the prune was interrupted") { sealed.remove(1, 5); }
  SECTION("or none yet") {}
  CHECK(sealed.check().ok);
}

TEST_CASE("a prune record excuses nothing but what it names") {
  Sealed sealed;
  SECTION("more is gone than it says") {
    sealed.prune_record(2);
    sealed.remove(1, 15);
    const auto problem = only(sealed.check());
    CHECK(problem.kind == ProblemKind::event_missing);
    CHECK(problem.seal == SealNumber{3});
  }
  SECTION("events between others are gone") {
    sealed.prune_record(2);
    sealed.remove(7, 8);
    CHECK(only(sealed.check()).kind == ProblemKind::event_missing);
  }
  SECTION(
      "some events of a pruned seal are there, and nothing can say whether they are the ones that "
      "were sealed") {
    sealed.prune_record(2);
    sealed.remove(1, 9);
    const auto problem = only(sealed.check());
    CHECK(problem.kind == ProblemKind::event_missing);
    CHECK(problem.seal == SealNumber{2});
  }
  SECTION("it is forged") {
    sealed.prune_record(2);
    sealed.prunes.front().last_seal = SealNumber{3};
    sealed.prunes.front().last_sequence = 15;
    sealed.remove(1, 15);
    CHECK(kinds(sealed.check()) == std::set<std::string>{"prune_unproven", "event_missing"});
  }
  SECTION("it is gone") {
    sealed.remove(1, 10);
    CHECK(only(sealed.check()).kind == ProblemKind::event_missing);
  }
  SECTION("a seal of it is gone") {
    sealed.prune_record(2);
    sealed.remove(1, 10);
    sealed.prunes.front().last_seal = SealNumber{2};
    auto seal = sealed.seals.at(0);
    seal.root.bytes[1] ^= 1;
    sealed.seals.at(0) = seal;
    CHECK(kinds(sealed.check()) == std::set<std::string>{"bad_signature", "chain_broken"});
  }
}

TEST_CASE("no more than a thousand problems are listed, the rest is counted") {
  Trail trail;
  ChainVerifier check(*trail.signer, *trail.digester, {}, {});
  for (int i = 0; i < 1500; ++i) check.problem({.kind = ProblemKind::event_changed, .detail = "x"});
  const auto report = check.finish(1, MissingAnchor::allowed);
  CHECK(report.problems.size() == 1000);
  CHECK(report.problems.back().detail == "x (and 500 problems more)");
}

TEST_CASE("the JSON reader is strict") {
  CHECK(JsonMembers::read(R"({"a":1,"b":{"c":[1,2,{"d":null}]}})"));
  for (const auto* bad : {"", "{", "[]", "{}x", R"({"a":1,})", R"({"a":1 "b":2})", R"({"a":01})",
                          R"({"a":.5})", R"({"a":1.})", R"({"a":+1})", R"({"a":"\x"})",
                          R"({"a":"\u12"})", "{\"a\":\"\n\"}", R"({"a":tru})", R"({"a":1,"a":2})",
                          "{\"a\":\"\xff\"}", R"({a:1})", R"({"a":NaN})", R"({"a":[1,]})"}) {
    CAPTURE(bad);
    CHECK_FALSE(JsonMembers::read(bad));
  }
  CHECK_FALSE(JsonMembers::read("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"));
  CHECK(read_json_text(R"("\u00e9\ud83d\ude00\n\"\/")").value() == "\u00e9\U0001F600\n\"/");
  for (const auto* bad :
       {R"("\u0000")", R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"(1)", R"("a"b)"})
    CHECK_FALSE(read_json_text(bad));
  auto members =
      JsonMembers::read(R"({"n":9223372036854775807,"m":9223372036854775808,"f":1.0})").value();
  CHECK(members.integer("n").value() == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(members.integer("m"));
  CHECK_FALSE(members.nothing_left());
  CHECK_FALSE(members.integer("f"));
  CHECK(members.nothing_left());
  CHECK(is_json_object_line(R"({"a": 1})"));
  CHECK_FALSE(is_json_object_line("{\"a\":\n1}"));
  CHECK_FALSE(is_json_object_line("[1]"));
}
