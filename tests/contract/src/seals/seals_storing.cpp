#include "seals/seals_suite.hpp"

#include <limits>

namespace baluhost::contract::seals_suite {

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
        outcomes[n] = outcome(database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
          BALUHOST_CHECK(tx.seals().lock_chain());
          BALUHOST_TRY(const auto newest, tx.seals().newest());
          const auto next = newest ? newest->number.value + 1 : 1;
          const std::vector<AuditLeaf> leaves{leaf(next, events[n].id)};
          return tx.seals().append(seal_over(next, next, next), leaves);
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
    bookkept(database, [&](Bookkeeping& tx) { return tx.seals().append_prune(second); });
    bookkept(database, [&](Bookkeeping& tx) { return tx.seals().append_prune(first); });
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
      return bookkept(database,
                      [&](Bookkeeping& tx) { return tx.seals().remove_events(last, limit); });
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
    bookkept(database, [](Bookkeeping& tx) { return tx.seals().remove_events(3, 100); });
    CHECK(see(database, [](ReadTransaction& tx) { return tx.audit().newest(); }) ==
          events.back().id);
    CHECK(record(database, 1).front().id > events.back().id);
  }
}

} // namespace baluhost::contract::seals_suite
