#include "seals/seals_suite.hpp"

#include <limits>

namespace baluhost::contract::seals_suite {

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

  SECTION("unsealed returns events without a leaf, by id, after one") {
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
    bookkept(database, [&](Bookkeeping& tx) { return tx.seals().remove_tags(gone); });
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
      return bookkept(database, [&](Bookkeeping& tx) -> Result<std::vector<std::string>> {
        BALUHOST_CHECK(tx.seals().lock_chain());
        return tx.seals().clear_way(limit);
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
          [&](Bookkeeping& tx) { return tx.seals().note_sealed_up_to(EventId{id}); }));
      CHECK(noted() == EventId{id});
    }
  }
}

} // namespace baluhost::contract::seals_suite
