#include "support.hpp"

#include <limits>

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
Seal seal(Database& database, std::int64_t number, std::int64_t first, std::span<const AuditEvent> events) {
  std::vector<AuditLeaf> leaves;
  for (const auto& event : events) leaves.push_back(leaf(first + static_cast<std::int64_t>(leaves.size()), event.id));
  const auto made = seal_over(number, first, first + static_cast<std::int64_t>(events.size()) - 1);
  must(append(database, made, leaves));
  return made;
}

std::vector<std::string> unsealed(Database& database, EventId after, Timestamp before, std::size_t limit = 1000) {
  return describe(see(database, [&](ReadTransaction& tx) { return tx.seals().unsealed(after, before, limit); }));
}

std::vector<SealedEvent> sealed_events(Database& database, std::int64_t after, std::size_t limit = 1000) {
  return see(database, [&](ReadTransaction& tx) { return tx.seals().sealed_events(after, limit); });
}

void appending(Database& database) {
  SECTION("seals come back as they were appended, the newest, by number and in pages") {
    CHECK_FALSE(see(database, [](ReadTransaction& tx) { return tx.seals().newest(); }));
    const auto events = record(database, 6);
    std::vector<std::string> wanted;
    for (int i = 0; i < 3; ++i) {
      wanted.push_back(
          describe(seal(database, i + 1, 2 * i + 1, std::span{events}.subspan(static_cast<std::size_t>(2 * i), 2))));
    }
    CHECK(describe(*see(database, [](ReadTransaction& tx) { return tx.seals().newest(); })) == wanted[2]);
    const auto list = [&](std::int64_t after, std::size_t limit) {
      return describe(see(database, [&](ReadTransaction& tx) { return tx.seals().list(SealNumber{after}, limit); }));
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
      const auto found = see(database, [&](ReadTransaction& tx) { return tx.seals().seal_of(sequence); });
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

  SECTION("a number, a sequence or an event that is taken is conflict, and nothing of the seal stays") {
    const auto events = record(database, 6);
    seal(database, 1, 1, std::span{events}.first(2));
    const auto free = events[4].id;
    CHECK(outcome(append(database, seal_over(1, 3, 3), {leaf(3, free)})) == "conflict");
    CHECK(outcome(append(database, seal_over(2, 2, 3), {leaf(3, free), leaf(2, events[3].id)})) == "conflict");
    CHECK(outcome(append(database, seal_over(2, 3, 4), {leaf(3, free), leaf(4, events[0].id)})) == "conflict");
    CHECK(see(database, [](ReadTransaction& tx) { return tx.seals().newest(); })->number == SealNumber{1});
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
    const auto seals = see(database, [](ReadTransaction& tx) { return tx.seals().list(SealNumber{0}, 1000); });
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

  SECTION("unsealed gives events without a leaf, by id, behind one and before a moment") {
    std::vector<NewAuditEvent> fresh;
    for (int i = 0; i < 6; ++i) {
      fresh.push_back(some_event("/anna/" + std::to_string(i)));
      fresh.back().timestamp = kNow + i * kTick;
    }
    must(database.write([&](WriteTransaction&) -> Result<AuditEvents> {
      AuditEvents all{fresh[0]};
      for (std::size_t i = 1; i < fresh.size(); ++i) all += fresh[i];
      return all;
    }));
    const auto events = see(database, [](ReadTransaction& tx) { return tx.audit().since(EventId{0}, 10); });
    const auto texts = describe(events);
    const auto end = kNow + kSecond;
    CHECK(unsealed(database, EventId{0}, end) == texts);
    seal(database, 1, 1, std::vector{events[4], events[1]});
    CHECK(unsealed(database, EventId{0}, end) == std::vector{texts[0], texts[2], texts[3], texts[5]});
    CHECK(unsealed(database, EventId{0}, end, 2) == std::vector{texts[0], texts[2]});
    CHECK(unsealed(database, events[2].id, end) == std::vector{texts[3], texts[5]});
    CHECK(unsealed(database, EventId{0}, kNow + 3 * kTick) == std::vector{texts[0], texts[2]});
    CHECK(unsealed(database, EventId{0}, kNow).empty());
  }

  SECTION("sealed_up_to is what was noted last, and 0 at first") {
    const auto noted = [&] { return see(database, [](ReadTransaction& tx) { return tx.seals().sealed_up_to(); }); };
    CHECK(noted() == EventId{0});
    for (const std::int64_t id : {std::numeric_limits<std::int64_t>::max(), std::int64_t{7}}) {
      must(database.bookkeep([&](Bookkeeping& books) { return books.seals().note_sealed_up_to(EventId{id}); }));
      CHECK(noted() == EventId{id});
    }
  }
}

void pruning(Database& database) {
  SECTION("prune records come back as they were appended, by seal") {
    CHECK(see(database, [](ReadTransaction& tx) { return tx.seals().prunes(); }).empty());
    const PruneRecord second{
        SealNumber{7}, 70, std::numeric_limits<std::int64_t>::max(), kNow, "00112233445566ff", std::string(64, '\0')};
    const PruneRecord first{SealNumber{3}, 30, 30, kNow - kSecond, "0000000000000000", std::string(64, '\xFF')};
    keep_books(database, [&](Bookkeeping& books) { return books.seals().append_prune(second); });
    keep_books(database, [&](Bookkeeping& books) { return books.seals().append_prune(first); });
    CHECK(describe(see(database, [](ReadTransaction& tx) { return tx.seals().prunes(); })) ==
          describe(std::vector{first, second}));
  }

  SECTION("remove_events takes events and leaves up to a sequence, lowest first, and leaves seals and the rest") {
    auto events = record(database, 6);
    std::swap(events[0], events[1]);
    seal(database, 1, 1, std::span{events}.first(3));
    seal(database, 2, 4, std::span{events}.subspan(3, 2));
    const auto remove = [&](std::int64_t last, std::size_t limit) {
      return keep_books(database, [&](Bookkeeping& books) { return books.seals().remove_events(last, limit); });
    };
    const auto is_there = [&](std::size_t i) {
      return see(database, [&](ReadTransaction& tx) { return tx.audit().find(events[i].id); }).has_value();
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
    CHECK_FALSE(see(database, [&](ReadTransaction& tx) { return tx.seals().leaf_of(events[0].id); }));
    const auto left = sealed_events(database, 0);
    REQUIRE(left.size() == 2);
    CHECK(left[0].leaf.sequence == 4);
    CHECK(see(database, [](ReadTransaction& tx) { return tx.seals().list(SealNumber{0}, 10); }).size() == 2);
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.audit().query({}, SortOrder::descending, std::nullopt, 10);
          }).size() == 3);
    CHECK(unsealed(database, EventId{0}, kNow + kSecond) == std::vector{describe(events[5])});
  }

  SECTION("no id is given twice, though the newest events were removed") {
    const auto events = record(database, 3);
    seal(database, 1, 1, events);
    keep_books(database, [](Bookkeeping& books) { return books.seals().remove_events(3, 100); });
    CHECK(see(database, [](ReadTransaction& tx) { return tx.audit().newest(); }) == events.back().id);
    CHECK(record(database, 1).front().id > events.back().id);
  }
}

} // namespace

void seals_contract(const MakeDatabase& make) {
  const auto database = make();
  appending(*database);
  following(*database);
  pruning(*database);
}

} // namespace baluhost::contract
