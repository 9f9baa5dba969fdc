#include "seals/event_tags.hpp"

#include "seals/tag_check.hpp"

#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/memory/portable_digester.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace baluhost;

namespace {

/// Keeps the tags that it is told to.
struct Keeper final : EventTagger {
  std::vector<EventTag> next;
  Result<std::vector<EventTag>> tag(std::span<const AuditEvent>) override { return next; }
  void ended(std::span<const EventTag>, TagOutcome) noexcept override {}
};

/// A process that tags, and what a database keeps of it.
struct Process {
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::unique_ptr<SealSigner> signer = make_fake_seal_signer(Secret{"a key of the tests"});
  int woken{0};
  EventTags tags{*digester, *signer, InstanceId{"me"}, 3, [this] { ++woken; }};
  std::int64_t last_event{0};

  static AuditEvent event(std::int64_t id) {
    AuditEvent event;
    event.id = EventId{id};
    event.action = "login_success";
    return event;
  }
  /// The tags of a transaction of `count` events.
  std::vector<EventTag> begin(int count = 1) {
    std::vector<AuditEvent> events;
    for (int i = 0; i < count; ++i) events.push_back(event(++last_event));
    return tags.tag(events).value();
  }
  std::vector<std::int64_t> sealable() const {
    std::vector<std::int64_t> ids;
    for (const auto& waiting : tags.oldest(100)) ids.push_back(waiting.event.value);
    return ids;
  }
  void seal() { tags.forget(tags.oldest(100)); }

  /// The kinds of what is wrong with a database that has events and tags like these.
  std::vector<std::string> problems_of(const std::vector<EventTag>& kept) const {
    const auto database = make_memory_database();
    const auto keeper = std::make_shared<Keeper>();
    database->tag_events(keeper);
    for (EventTag tag : kept) {
      // The database assigns ids of its own: the event is the one with that id.
      const auto id = written(*database, *keeper, tag);
      REQUIRE(id.value > 0);
    }
    std::vector<std::string> kinds;
    REQUIRE(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto writers, check_tags(tx.seals(), *signer, *digester));
      kinds.clear();
      for (const auto& [name, writer] : writers) {
        for (const auto& problem : writer.problems) kinds.emplace_back(to_string(problem.kind));
      }
      return {};
    }));
    return kinds;
  }

 private:
  EventId written(Database& database, Keeper& keeper, EventTag tag) const {
    EventId id;
    const NewAuditEvent fresh{.timestamp = {}, .action = Action::login_success};
    REQUIRE(database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(id, tx.audit().newest());
      return {};
    }));
    id.value += 1;
    AuditEvent stored;
    stored.id = id;
    stored.type = type_of(fresh.action);
    stored.action = std::string{to_string(fresh.action)};
    tag.event = id;
    tag.mac = signer->mac(tagged_bytes(tag, leaf_of(stored, *digester))).value();
    keeper.next = {tag};
    REQUIRE(database.write(
        [&](WriteTransaction&) -> Result<AuditEvents> { return AuditEvents{fresh}; }));
    return id;
  }
};

std::vector<std::int64_t> numbers(const std::vector<EventTag>& tags) {
  std::vector<std::int64_t> all;
  for (const auto& tag : tags) all.push_back(tag.number);
  return all;
}

using Ids = std::vector<std::int64_t>;
using Kinds = std::vector<std::string>;

} // namespace

TEST_CASE("an event may be sealed once it and all with lower numbers are committed", "[fault-05]") {
  Process process;
  const auto first = process.begin();
  const auto second = process.begin(2);
  CHECK(numbers(second) == Ids{2});
  REQUIRE(second[0].events.size() == 2);
  CHECK(second[0].settled == 1);
  process.tags.ended(second, TagOutcome::committed);
  CHECK(process.tags.waiting() == 2);
  CHECK(process.sealable().empty());
  process.tags.ended(first, TagOutcome::committed);
  CHECK(process.sealable() == Ids{1, 2, 3});
  CHECK(process.woken == 1);
  const auto third = process.begin();
  CHECK(third[0].settled == 4);
  CHECK(third[0].sealed == 0);
  process.seal();
  CHECK(process.begin()[0].sealed == 3);
}

TEST_CASE("a number whose transaction was undone is given again, or a new series begins",
          "[fault-05]") {
  Process process;
  process.tags.ended(process.begin(), TagOutcome::committed);
  SECTION("given again, if none was given since") {
    process.tags.ended(process.begin(), TagOutcome::undone);
    const auto again = process.begin();
    CHECK(again[0].number == 2);
    CHECK(again[0].writer == InstanceId{"me"});
  }
  SECTION("a new series, if one was given since, and nothing is held back for ever") {
    const auto undone = process.begin();
    const auto other = process.begin();
    process.tags.ended(undone, TagOutcome::undone);
    const auto next = process.begin();
    CHECK(next[0].number == 1);
    CHECK(next[0].settled == 1);
    CHECK(next[0].writer != InstanceId{"me"});
    process.tags.ended(next, TagOutcome::committed);
    process.tags.ended(other, TagOutcome::committed);
    CHECK(process.tags.waiting() == 3);
    CHECK(process.sealable().size() == 3);
  }
  SECTION("a new series, if nobody knows the outcome, whose mark then stays") {
    process.seal();
    process.tags.ended(process.begin(), TagOutcome::unknown);
    process.tags.ended(process.begin(), TagOutcome::committed);
    CHECK(process.tags.ours() == std::set<EventId>{EventId{3}});
    process.seal();
    CHECK(process.tags.unneeded() == std::vector{EventId{3}});
  }
}

TEST_CASE("the tag of the last sealed event of a writer stays until its next seal", "[fault-05]") {
  Process process;
  process.tags.ended(process.begin(3), TagOutcome::committed);
  process.tags.ended(process.begin(), TagOutcome::committed);
  CHECK(process.tags.spent(process.tags.oldest(100)) == std::vector{EventId{1}});
  process.seal();
  process.tags.ended(process.begin(2), TagOutcome::committed);
  process.tags.ended(process.begin(), TagOutcome::committed);
  CHECK(process.tags.unneeded().empty());
  CHECK(process.tags.spent(process.tags.oldest(100)) == std::vector{EventId{4}, EventId{5}});
  process.seal();
  CHECK(process.tags.unneeded() == std::vector{EventId{7}});
}

TEST_CASE("the events of one transaction share a tag, and what is sealed does not part them") {
  Process process;
  const auto tags = process.begin(1201);
  REQUIRE(tags.size() == 3);
  CHECK(numbers(tags) == Ids{1, 501, 1001});
  CHECK(tags[1].event == EventId{501});
  CHECK(tags[1].events.size() == 500);
  CHECK(tags[2].events.back().event == EventId{1201});
  process.tags.ended(tags, TagOutcome::committed);
  CHECK(process.tags.oldest(900).size() == 500);
  CHECK(process.tags.oldest(1000).size() == 1000);
  CHECK(process.tags.oldest(499).size() == 499); // one tag alone is too large: it is parted
  CHECK(process.tags.spent(process.tags.oldest(1000)) == std::vector{EventId{1}});
  process.tags.forget(process.tags.oldest(499));
  CHECK(process.tags.spent(process.tags.oldest(1)).empty());
  CHECK(process.tags.oldest(700).size() == 501);
}

TEST_CASE("each event that is gone, changed or not its tag's is a finding, whatever its tag holds",
          "[fault-04][fault-05]") {
  Process process;
  const auto database = make_memory_database();
  const auto keeper = std::make_shared<Keeper>();
  database->tag_events(keeper);
  const auto write = [&](int count) {
    AuditEvents events{NewAuditEvent{.timestamp = {}, .action = Action::login_success}};
    for (int i = 1; i < count; ++i) {
      events += NewAuditEvent{.timestamp = {}, .action = Action::login_success};
    }
    REQUIRE(database->write([&](WriteTransaction&) -> Result<AuditEvents> { return events; }));
  };
  const auto findings = [&] {
    std::vector<std::pair<std::string, std::int64_t>> found;
    REQUIRE(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto writers, check_tags(tx.seals(), *process.signer, *process.digester));
      found.clear();
      for (const auto& [name, writer] : writers) {
        for (const auto& problem : writer.problems) {
          found.emplace_back(std::string{to_string(problem.kind)},
                             problem.event.value_or(EventId{0}).value);
        }
      }
      return {};
    }));
    return found;
  };
  using Found = std::vector<std::pair<std::string, std::int64_t>>;
  const auto sign = [&](EventTag& tag) {
    tag.mac = process.signer->mac(tagged_bytes(tag)).value();
  };
  EventTag tag{.event = EventId{1},
               .writer = InstanceId{"w"},
               .number = 1,
               .settled = 1,
               .sealed = 0,
               .mac = {},
               .events = {}};
  for (std::int64_t id = 1; id <= 3; ++id) {
    AuditEvent event = Process::event(id);
    event.type = type_of(Action::login_success);
    tag.events.push_back({event.id, leaf_of(event, *process.digester)});
  }
  sign(tag);
  SECTION("none where all are as they were written") {
    keeper->next = {tag};
    write(3);
    CHECK(findings().empty());
  }
  SECTION("one event is not the one that was written") {
    tag.events[1].leaf = {};
    sign(tag);
    keeper->next = {tag};
    write(3);
    CHECK(findings() == Found{{"bad_tag", 2}});
  }
  SECTION("one event is gone") {
    keeper->next = {tag};
    write(2);
    CHECK(findings() == Found{{"event_missing", 3}});
  }
  SECTION("the list is not the one that was written") {
    std::swap(tag.events[1].leaf, tag.events[2].leaf);
    keeper->next = {tag};
    write(3);
    CHECK(findings() == Found{{"bad_tag", 1}, {"bad_tag", 2}, {"bad_tag", 3}});
  }
  SECTION("two tags vouch for one event") {
    auto again = tag;
    again.event = EventId{2};
    again.events.erase(again.events.begin());
    again.number = 2;
    sign(again);
    keeper->next = {tag, again};
    write(3);
    CHECK(findings() == Found{{"bad_tag", 2}, {"bad_tag", 3}});
  }
  SECTION("numbers between two tags are gone") {
    EventTag later = tag;
    later.event = EventId{4};
    later.number = 6;
    later.settled = 6;
    later.events.clear();
    AuditEvent event = Process::event(4);
    event.type = type_of(Action::login_success);
    later.mac = process.signer->mac(tagged_bytes(later, leaf_of(event, *process.digester))).value();
    keeper->next = {tag, later};
    write(4);
    CHECK(findings() == Found{{"event_missing", 0}});
  }
}

TEST_CASE("a missing number is a finding where a tag says that it was committed, and only there",
          "[fault-05][fault-04]") {
  const Process process;
  const auto tag = [](std::int64_t number, std::int64_t settled, std::int64_t sealed) {
    return EventTag{.event = {},
                    .writer = InstanceId{"w"},
                    .number = number,
                    .settled = settled,
                    .sealed = sealed,
                    .mac = {},
                    .events = {}};
  };
  CHECK(process.problems_of({tag(1, 1, 0), tag(2, 2, 0), tag(3, 3, 0)}).empty());
  CHECK(process.problems_of({tag(4, 4, 3), tag(5, 4, 3)}).empty());
  CHECK(process.problems_of({tag(2, 1, 0), tag(3, 1, 0)})
            .empty()); // 1 was under way when the power went
  CHECK(process.problems_of({tag(3, 3, 0)}) == Kinds{"event_missing"});
  CHECK(process.problems_of({tag(1, 1, 0), tag(3, 3, 0)}) == Kinds{"event_missing"});
  CHECK(process.problems_of({tag(1, 1, 0), tag(3, 2, 0)}).empty());
  CHECK(process.problems_of({tag(4, 4, 2), tag(7, 6, 2)}) ==
        Kinds{"event_missing", "event_missing"});
}
