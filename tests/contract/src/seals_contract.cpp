#include "support.hpp"

#include <atomic>
#include <limits>
#include <memory>
#include <span>
#include <utility>

namespace baluhost::contract {
namespace {

std::vector<AuditEvent> record(Database& database, int count) {
  const auto before = see(database, [](ReadTransaction& tx) { return tx.audit().newest(); });
  must(database.write([&](WriteTransaction&) -> Result<AuditEvents> {
    AuditEvents events{some_event("/anna/0")};
    for (int i = 1; i < count; ++i) {
      events += some_event("/anna/" + std::to_string(i));
    }
    return events;
  }));
  return see(database, [&](ReadTransaction& tx) { return tx.audit().since(before, 1000); });
}

EventTag tag_for(const AuditEvent& event) {
  return {.event = event.id,
          .writer = InstanceId{"writer" + std::to_string(event.id.value % 3)},
          .number = event.id.value * 5,
          .settled = event.id.value * 3,
          .sealed = event.id.value,
          .mac = sha256_of(static_cast<int>(event.id.value)),
          .events = {}};
}

/// One tag for all of `events`.
EventTag tag_for_all(std::span<const AuditEvent> events) {
  auto tag = tag_for(events.front());
  for (const auto& event : events) {
    tag.events.push_back({event.id, sha256_of(static_cast<int>(event.id.value) + 7)});
  }
  return tag;
}

/// Notes what it is told.
class Tagger final : public EventTagger {
 public:
  Result<std::vector<EventTag>> tag(std::span<const AuditEvent> events) override {
    if (fails) return Error{Errc::unavailable, "told to fail"};
    if (together) return std::vector{tag_for_all(events)};
    std::vector<EventTag> tags;
    for (const auto& event : events) tags.push_back(tag_for(event));
    return tags;
  }
  void ended(std::span<const EventTag> tags, TagOutcome outcome) noexcept override {
    if (outcome == TagOutcome::committed)
      committed += static_cast<int>(tags.size());
    else
      undone += static_cast<int>(tags.size());
  }
  std::atomic<bool> fails{false};
  std::atomic<bool> together{false};
  std::atomic<int> committed{0};
  std::atomic<int> undone{0};
};

Seal seal_over(std::int64_t number, std::int64_t first, std::int64_t last) {
  std::string signature;
  for (int i = 0; i < 64; ++i) signature += static_cast<char>(i * 5);
  return {.number = SealNumber{number},
          .first_sequence = first,
          .last_sequence = last,
          .count = last - first + 1,
          .root = sha256_of(static_cast<int>(number) + 500),
          .previous = sha256_of(static_cast<int>(number) + 499),
          .sealed_at = kNow + number * kTick,
          .recovered = number % 2 == 0,
          .key_id = "00112233445566ff",
          .signature = signature};
}

AuditLeaf leaf(std::int64_t sequence, EventId event) {
  return {sequence, event, sha256_of(static_cast<int>(sequence))};
}

Result<void> append(Database& database, const Seal& seal, const std::vector<AuditLeaf>& leaves) {
  return database.bookkeep([&](Bookkeeping& books) { return books.seals().append(seal, leaves); });
}

/// Seals `events` from sequence `first` on, in the given order.
Seal seal(Database& database, std::int64_t number, std::int64_t first,
          std::span<const AuditEvent> events) {
  std::vector<AuditLeaf> leaves;
  for (const auto& event : events)
    leaves.push_back(leaf(first + static_cast<std::int64_t>(leaves.size()), event.id));
  const auto made = seal_over(number, first, first + static_cast<std::int64_t>(events.size()) - 1);
  must(append(database, made, leaves));
  return made;
}

std::vector<std::string> unsealed(Database& database, EventId after, std::size_t limit = 1000) {
  std::vector<std::string> texts;
  for (const auto& found :
       see(database, [&](ReadTransaction& tx) { return tx.seals().unsealed(after, limit); })) {
    REQUIRE(found.event);
    CHECK(found.id == found.event->id);
    texts.push_back(describe(*found.event));
  }
  return texts;
}

std::vector<SealedEvent> sealed_events(Database& database, std::int64_t after,
                                       std::size_t limit = 1000) {
  return see(database, [&](ReadTransaction& tx) { return tx.seals().sealed_events(after, limit); });
}

void appending(Database& database) {
  SECTION("seals come back as they were appended, the newest, by number and in pages") {
    CHECK_FALSE(see(database, [](ReadTransaction& tx) { return tx.seals().newest(); }));
    const auto events = record(database, 6);
    std::vector<std::string> wanted;
    for (int i = 0; i < 3; ++i) {
      wanted.push_back(
          describe(seal(database, i + 1, 2 * i + 1,
                        std::span{events}.subspan(static_cast<std::size_t>(2 * i), 2))));
    }
    CHECK(describe(*see(database, [](ReadTransaction& tx) { return tx.seals().newest(); })) ==
          wanted[2]);
    const auto list = [&](std::int64_t after, std::size_t limit) {
      return describe(see(database, [&](ReadTransaction& tx) {
        return tx.seals().list(SealNumber{after}, limit);
      }));
    };
    CHECK(list(0, 100) == wanted);
    CHECK(list(0, 2) == std::vector{wanted[0], wanted[1]});
    CHECK(list(2, 2) == std::vector{wanted[2]});
    CHECK(list(3, 2).empty());
  }

  SECTION("a sequence has its seal, an event its leaf") {
    const auto events = record(database, 6);
    const auto first = seal(database, 1, 1, std::span{events}.first(2));
    const auto second = seal(database, 2, 3, std::span{events}.subspan(2, 3));
    const auto seal_of = [&](std::int64_t sequence) {
      const auto found =
          see(database, [&](ReadTransaction& tx) { return tx.seals().seal_of(sequence); });
      return found ? describe(*found) : "none";
    };
    CHECK(seal_of(0) == "none");
    CHECK(seal_of(1) == describe(first));
    CHECK(seal_of(2) == describe(first));
    CHECK(seal_of(3) == describe(second));
    CHECK(seal_of(5) == describe(second));
    CHECK(seal_of(6) == "none");
    const auto leaf_of = [&](EventId event) {
      return see(database, [&](ReadTransaction& tx) { return tx.seals().leaf_of(event); });
    };
    REQUIRE(leaf_of(events[3].id));
    CHECK(leaf_of(events[3].id)->sequence == 4);
    CHECK(leaf_of(events[3].id)->event == events[3].id);
    CHECK(leaf_of(events[3].id)->leaf == sha256_of(4));
    CHECK_FALSE(leaf_of(events[5].id));
  }

  SECTION(
      "a number, a sequence or an event that is taken is conflict, and nothing of the seal stays") {
    const auto events = record(database, 6);
    seal(database, 1, 1, std::span{events}.first(2));
    const auto free = events[4].id;
    CHECK(outcome(append(database, seal_over(1, 3, 3), {leaf(3, free)})) == "conflict");
    CHECK(outcome(append(database, seal_over(2, 2, 3), {leaf(3, free), leaf(2, events[3].id)})) ==
          "conflict");
    CHECK(outcome(append(database, seal_over(2, 3, 4), {leaf(3, free), leaf(4, events[0].id)})) ==
          "conflict");
    CHECK(see(database, [](ReadTransaction& tx) { return tx.seals().newest(); })->number ==
          SealNumber{1});
    CHECK_FALSE(see(database, [&](ReadTransaction& tx) { return tx.seals().leaf_of(free); }));
    CHECK(sealed_events(database, 0).size() == 2);
    CHECK(outcome(append(database, seal_over(2, 3, 3), {leaf(3, free)})) == "ok");
  }

  SECTION("under lock_chain seals of many threads follow one another without a gap or a conflict") {
    constexpr int kThreads = 5;
    constexpr int kRounds = 4;
    const auto events = record(database, kThreads * kRounds);
    std::vector<std::string> outcomes(events.size());
    together(kThreads, [&](int thread) {
      for (int round = 0; round < kRounds; ++round) {
        const auto n = static_cast<std::size_t>(thread * kRounds + round);
        outcomes[n] = outcome(database.bookkeep([&](Bookkeeping& books) -> Result<void> {
          BALUHOST_CHECK(books.seals().lock_chain());
          BALUHOST_TRY(const auto newest, books.seals().newest());
          const auto next = newest ? newest->number.value + 1 : 1;
          const std::vector<AuditLeaf> leaves{leaf(next, events[n].id)};
          return books.seals().append(seal_over(next, next, next), leaves);
        }));
      }
    });
    CHECK(count_of(outcomes, "ok") == kThreads * kRounds);
    const auto seals =
        see(database, [](ReadTransaction& tx) { return tx.seals().list(SealNumber{0}, 1000); });
    REQUIRE(seals.size() == events.size());
    CHECK(seals.back().number.value == kThreads * kRounds);
  }
}

void following(Database& database) {
  SECTION("sealed events come by sequence, with their leaves, in pages") {
    auto events = record(database, 5);
    std::swap(events[0], events[3]);
    seal(database, 1, 1, std::span{events}.first(2));
    seal(database, 2, 3, std::span{events}.subspan(2));
    for (const std::size_t limit : {2U, 100U}) {
      std::int64_t sequence = 0;
      for (;;) {
        const auto page = sealed_events(database, sequence, limit);
        if (page.empty()) break;
        REQUIRE(sequence < 5);
        CHECK(page.size() <= limit);
        for (const auto& sealed : page) {
          ++sequence;
          const auto& event = events[static_cast<std::size_t>(sequence - 1)];
          CHECK(sealed.leaf.sequence == sequence);
          CHECK(sealed.leaf.event == event.id);
          CHECK(sealed.leaf.leaf == sha256_of(static_cast<int>(sequence)));
          REQUIRE(sealed.event);
          CHECK(describe(*sealed.event) == describe(event));
        }
      }
      CHECK(sequence == 5);
    }
  }

  SECTION("unsealed gives events without a leaf, by id, after one") {
    const auto events = record(database, 6);
    const auto texts = describe(events);
    CHECK(unsealed(database, EventId{0}) == texts);
    seal(database, 1, 1, std::vector{events[4], events[1]});
    CHECK(unsealed(database, EventId{0}) == std::vector{texts[0], texts[2], texts[3], texts[5]});
    CHECK(unsealed(database, EventId{0}, 2) == std::vector{texts[0], texts[2]});
    CHECK(unsealed(database, events[2].id) == std::vector{texts[3], texts[5]});
  }

  SECTION("tags come by event with what they vouch for, until they are removed") {
    const auto events = record(database, 5);
    const auto tags = [&](EventId after, std::size_t limit) {
      return see(database, [&](ReadTransaction& tx) { return tx.seals().tags(after, limit); });
    };
    CHECK(tags(EventId{0}, 10).size() == 5);
    seal(database, 1, 1, std::vector{events[1]});
    auto found = tags(EventId{0}, 10);
    REQUIRE(found.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(found[i].tag == tag_for(events[i]));
      REQUIRE(found[i].events.size() == 1);
      REQUIRE(found[i].events.front().event);
      CHECK(describe(*found[i].events.front().event) == describe(events[i]));
      CHECK(found[i].events.front().readable);
      CHECK(found[i].events.front().leaf.has_value() == (i == 1));
    }
    CHECK(found[1].events.front().leaf->sequence == 1);
    CHECK(tags(EventId{0}, 2).size() == 2);
    CHECK(tags(events[3].id, 10).size() == 1);
    for (const auto& unsealed :
         see(database, [](ReadTransaction& tx) { return tx.seals().unsealed(EventId{0}, 10); })) {
      CHECK(unsealed.tagged);
    }
    const std::vector gone{events[4].id, events[0].id, EventId{events[4].id.value + 1000}};
    keep_books(database, [&](Bookkeeping& books) { return books.seals().remove_tags(gone); });
    found = tags(EventId{0}, 10);
    REQUIRE(found.size() == 3);
    CHECK(found.front().tag.event == events[1].id);
    CHECK_FALSE(
        see(database, [](ReadTransaction& tx) { return tx.seals().unsealed(EventId{0}, 10); })
            .front()
            .tagged);
  }

  SECTION("clear_way removes what no seal of ours covers, names it, and nothing else") {
    const auto events = record(database, 4);
    seal(database, 1, 1, std::span{events}.first(2));
    const auto clear = [&](std::size_t limit) {
      return keep_books(database, [&](Bookkeeping& books) -> Result<std::vector<std::string>> {
        BALUHOST_CHECK(books.seals().lock_chain());
        return books.seals().clear_way(limit);
      });
    };
    CHECK(clear(10).empty());
    auto junk = seal_over(7, 3, 4);
    junk.count = 9;
    must(append(database, junk,
                {leaf(3, events[2].id), leaf(8, events[3].id), leaf(-2, EventId{99})}));
    CHECK(clear(2) == std::vector{impossible_seal(SealNumber{7}), stray_leaf(-2, EventId{99})});
    CHECK(clear(10) == std::vector{stray_leaf(3, events[2].id), stray_leaf(8, events[3].id)});
    CHECK(clear(10).empty());
    CHECK(sealed_events(database, -10).size() == 2);
    CHECK(see(database, [](ReadTransaction& tx) { return tx.seals().newest(); })->number ==
          SealNumber{1});
    seal(database, 2, 3, std::span{events}.subspan(2));
  }

  SECTION("sealed_up_to is what was noted last, and 0 at first") {
    const auto noted = [&] {
      return see(database, [](ReadTransaction& tx) { return tx.seals().sealed_up_to(); });
    };
    CHECK(noted() == EventId{0});
    for (const std::int64_t id : {std::numeric_limits<std::int64_t>::max(), std::int64_t{7}}) {
      must(database.bookkeep(
          [&](Bookkeeping& books) { return books.seals().note_sealed_up_to(EventId{id}); }));
      CHECK(noted() == EventId{id});
    }
  }
}

void pruning(Database& database) {
  SECTION("prune records come back as they were appended, by seal") {
    CHECK(see(database, [](ReadTransaction& tx) { return tx.seals().prunes(); }).empty());
    const PruneRecord second{SealNumber{7},
                             70,
                             std::numeric_limits<std::int64_t>::max(),
                             kNow,
                             "00112233445566ff",
                             std::string(64, '\0')};
    const PruneRecord first{SealNumber{3},          30, 30, kNow - kSecond, "0000000000000000",
                            std::string(64, '\xFF')};
    keep_books(database, [&](Bookkeeping& books) { return books.seals().append_prune(second); });
    keep_books(database, [&](Bookkeeping& books) { return books.seals().append_prune(first); });
    CHECK(describe(see(database, [](ReadTransaction& tx) { return tx.seals().prunes(); })) ==
          describe(std::vector{first, second}));
  }

  SECTION(
      "remove_events takes events and leaves up to a sequence, lowest first, and leaves seals and "
      "the rest") {
    auto events = record(database, 6);
    std::swap(events[0], events[1]);
    seal(database, 1, 1, std::span{events}.first(3));
    seal(database, 2, 4, std::span{events}.subspan(3, 2));
    const auto remove = [&](std::int64_t last, std::size_t limit) {
      return keep_books(
          database, [&](Bookkeeping& books) { return books.seals().remove_events(last, limit); });
    };
    const auto is_there = [&](std::size_t i) {
      return see(database, [&](ReadTransaction& tx) { return tx.audit().find(events[i].id); })
          .has_value();
    };
    CHECK(remove(3, 1) == 1);
    CHECK_FALSE(is_there(0));
    CHECK(is_there(1));
    CHECK(remove(3, 100) == 2);
    CHECK(remove(3, 100) == 0);
    CHECK_FALSE(is_there(1));
    CHECK_FALSE(is_there(2));
    CHECK(is_there(3));
    CHECK(is_there(5));
    CHECK_FALSE(
        see(database, [&](ReadTransaction& tx) { return tx.seals().leaf_of(events[0].id); }));
    const auto left = sealed_events(database, 0);
    REQUIRE(left.size() == 2);
    CHECK(left[0].leaf.sequence == 4);
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.seals().list(SealNumber{0}, 10);
          }).size() == 2);
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.audit().query({}, SortOrder::descending, std::nullopt, 10);
          }).size() == 3);
    CHECK(unsealed(database, EventId{0}) == std::vector{describe(events[5])});
  }

  SECTION("no id is given twice, though the newest events were removed") {
    const auto events = record(database, 3);
    seal(database, 1, 1, events);
    keep_books(database, [](Bookkeeping& books) { return books.seals().remove_events(3, 100); });
    CHECK(see(database, [](ReadTransaction& tx) { return tx.audit().newest(); }) ==
          events.back().id);
    CHECK(record(database, 1).front().id > events.back().id);
  }
}

} // namespace

void seals_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto tagger = std::make_shared<Tagger>();
  database->tag_events(tagger);
  SECTION("events and tags commit together or not at all, and the tagger is told") {
    record(*database, 3);
    CHECK(tagger->committed == 3);
    tagger->fails = true;
    const auto failed = database->write([](WriteTransaction&) -> Result<AuditEvents> {
      return AuditEvents{some_event("/anna/x")};
    });
    CHECK(outcome(failed) == "unavailable");
    tagger->fails = false;
    CHECK(record(*database, 2).size() == 2);
    CHECK(see(*database, [](ReadTransaction& tx) {
            return tx.seals().tags(EventId{0}, 10);
          }).size() == 5);
    CHECK(tagger->committed == 5);
  }
  SECTION("one tag vouches for several events, sealed or not, until it is removed") {
    const auto alone = record(*database, 1);
    tagger->together = true;
    const auto events = record(*database, 300);
    const auto more = record(*database, 3);
    seal(*database, 1, 1, std::vector{events[0], events[299]});
    const auto found =
        see(*database, [&](ReadTransaction& tx) { return tx.seals().tags(alone.front().id, 10); });
    REQUIRE(found.size() == 2);
    CHECK(found[0].tag == tag_for_all(events));
    CHECK(found[1].tag == tag_for_all(more));
    REQUIRE(found[0].events.size() == 300);
    for (const std::size_t i : {0U, 1U, 298U, 299U}) {
      REQUIRE(found[0].events[i].event);
      CHECK(describe(*found[0].events[i].event) == describe(events[i]));
      CHECK(found[0].events[i].leaf.has_value() == (i == 0 || i == 299));
    }
    const auto tagged = [&] {
      std::size_t count = 0;
      const auto unsealed =
          see(*database, [](ReadTransaction& tx) { return tx.seals().unsealed(EventId{0}, 1000); });
      for (const auto& event : unsealed) count += event.tagged ? 1 : 0;
      return std::pair{unsealed.size(), count};
    };
    CHECK(tagged() == std::pair<std::size_t, std::size_t>{302, 302});
    const auto second =
        see(*database, [&](ReadTransaction& tx) { return tx.seals().unsealed(events[200].id, 1); });
    CHECK(second.front().tagged);
    const std::vector gone{events[0].id, more[1].id};
    keep_books(*database, [&](Bookkeeping& books) { return books.seals().remove_tags(gone); });
    CHECK(tagged() == std::pair<std::size_t, std::size_t>{302, 4});
  }
  appending(*database);
  following(*database);
  pruning(*database);
}

} // namespace baluhost::contract
