#include "baluhost/contract/database_contract.hpp"
#include "seals/seals_suite.hpp"

namespace baluhost::contract {

using namespace seals_suite;

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
    bookkept(*database, [&](Bookkeeping& tx) { return tx.seals().remove_tags(gone); });
    CHECK(tagged() == std::pair<std::size_t, std::size_t>{302, 4});
  }
  appending(*database);
  following(*database);
  pruning(*database);
}

} // namespace baluhost::contract
