#include "support.hpp"

#include "baluhost/ports/transactions.hpp"

#include <algorithm>

namespace baluhost::contract {
namespace {

TransferGroup group(int instance, std::int64_t first, std::int64_t downloads = 1) {
  return {.instance = instance_id(instance),
          .first = TransferId{first},
          .downloads = downloads,
          .since = TransferId{1},
          .events = "[{\"resource\":\"/anna/\xC3\xA9 \\\"a\\\"\"}] \xF0\x9F\x98\x80",
          .mac = sha256_of(1)};
}

void put_instance(Database& database, const Instance& instance) {
  bookkept(database, [&](Bookkeeping& tx) { return tx.transfers().put_instance(instance); });
}

void begin(Database& database, const TransferGroup& group) {
  bookkept(database, [&](Bookkeeping& tx) { return tx.transfers().begin(group); });
}

/// "1+2 4+1": the groups' first numbers and how many downloads each has.
std::string groups(Database& database, int instance, std::int64_t after = 0,
                   std::size_t limit = 1000) {
  std::string text;
  for (const auto& found : see(database, [&](ReadTransaction& tx) {
         return tx.transfers().groups(instance_id(instance), TransferId{after}, limit);
       }))
    text += std::to_string(found.first.value) + "+" + std::to_string(found.downloads) + " ";
  return text;
}

Instance instance(Database& database, int id) {
  return see(database,
             [&](ReadTransaction& tx) { return tx.transfers().instance(instance_id(id)); })
      .value();
}

std::string instances(Database& database) {
  auto all = see(database, [](ReadTransaction& tx) { return tx.transfers().instances(); });
  std::sort(all.begin(), all.end(),
            [](const Instance& a, const Instance& b) { return a.id < b.id; });
  std::string text;
  for (const auto& instance : all) {
    text += instance.id.value.substr(31) + ":" +
            std::to_string((instance.started_at - kNow).count()) + ":" +
            std::to_string((instance.seen_at - kNow).count()) + " ";
  }
  return text;
}

} // namespace

void transfers_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  put_instance(database, {instance_id(1), kNow, kNow});
  put_instance(database, {instance_id(2), kNow + kTick, kNow + kTick});

  SECTION("a group comes back as it was put on record, with a MAC or without") {
    auto full = group(1, 4611686018427387904, 1000);
    full.since = TransferId{3};
    auto bare = full;
    bare.first = TransferId{1};
    bare.mac.reset();
    begin(database, full);
    begin(database, bare);
    const auto found = see(database, [&](ReadTransaction& tx) {
      return tx.transfers().groups(instance_id(1), TransferId{0}, 10);
    });
    REQUIRE(found.size() == 2);
    for (const auto& [is, was] : {std::pair{found[0], bare}, std::pair{found[1], full}}) {
      CHECK(is.instance == was.instance);
      CHECK(is.first == was.first);
      CHECK(is.downloads == was.downloads);
      CHECK(is.since == was.since);
      CHECK(is.events == was.events);
      CHECK(is.mac == was.mac);
    }
  }

  SECTION("groups belong to one instance and are listed by number, up to a limit") {
    for (const auto first : {9, 1, 100}) begin(database, group(1, first, 3));
    begin(database, group(2, 4));
    CHECK(groups(database, 1) == "1+3 9+3 100+3 ");
    CHECK(groups(database, 1, 1) == "9+3 100+3 ");
    CHECK(groups(database, 1, 0, 2) == "1+3 9+3 ");
    CHECK(groups(database, 2) == "4+1 ");
    CHECK(groups(database, 3).empty());
  }

  SECTION("a number begins one group of its instance") {
    begin(database, group(1, 7));
    begin(database, group(2, 7));
    CHECK(outcome(database.bookkeep([&](Bookkeeping& tx) {
            return tx.transfers().begin(group(1, 7, 2));
          })) == "internal");
    CHECK(groups(database, 1) == "7+1 ");
  }

  SECTION("what is under way is replaced if it is what was seen, and groups go with it") {
    for (const auto first : {1, 2, 3}) begin(database, group(1, first));
    begin(database, group(2, 2));
    const OpenTransfers none;
    const OpenTransfers some{TransferId{3}, "1,3", sha256_of(2)};
    const auto end = [&](int id, const OpenTransfers& seen, const OpenTransfers& now,
                         const std::vector<TransferId>& over) {
      return change(database, [&](WriteTransaction& tx) {
        return tx.transfers().end(instance_id(id), seen, now, over);
      });
    };
    CHECK(end(1, none, some, {TransferId{2}}));
    CHECK(instance(database, 1).transfers == some);
    CHECK(groups(database, 1) == "1+1 3+1 ");
    CHECK(groups(database, 2) == "2+1 ");
    CHECK(instance(database, 2).transfers == none);

    CHECK_FALSE(end(1, none, none, {TransferId{1}}));
    CHECK_FALSE(end(1, {some.begun, "1", some.mac}, none, {TransferId{1}}));
    CHECK_FALSE(end(1, {TransferId{4}, some.open, some.mac}, none, {TransferId{1}}));
    CHECK_FALSE(end(3, none, none, {}));
    CHECK(instance(database, 1).transfers == some);
    CHECK(groups(database, 1) == "1+1 3+1 ");

    std::vector<TransferId> many;
    for (std::int64_t first = 1; first <= 150; ++first) many.emplace_back(first);
    CHECK(end(1, {some.begun, some.open, {}}, none, many));
    CHECK(instance(database, 1).transfers == none);
    CHECK(groups(database, 1).empty());
  }

  SECTION("an instance is inserted, renewed and removed with the transfers it left") {
    CHECK(instances(database) == "1:0:0 2:1:1 ");
    put_instance(database, {instance_id(1), kNow + 9 * kTick, kNow + 5 * kTick});
    CHECK(instances(database) == "1:0:5 2:1:1 ");
    begin(database, group(1, 1));
    begin(database, group(2, 1));
    bookkept(database,
             [](Bookkeeping& tx) { return tx.transfers().remove_instance(instance_id(1)); });
    CHECK(instances(database) == "2:1:1 ");
    CHECK(groups(database, 1).empty());
    CHECK(groups(database, 2) == "1+1 ");
  }

  SECTION("an instance keeps what it has under way when it is renewed") {
    const OpenTransfers some{TransferId{9}, "2-4", sha256_of(3)};
    put_instance(database, {instance_id(4), kNow, kNow, some});
    put_instance(database, {instance_id(4), kNow, kNow + kTick, {}});
    CHECK(instance(database, 4).transfers == some);
    CHECK(instance(database, 4).seen_at == kNow + kTick);
    CHECK_FALSE(
        see(database, [](ReadTransaction& tx) { return tx.transfers().instance(instance_id(5)); }));
  }

  SECTION("of many that replace what they saw one succeeds") {
    std::vector<int> done(6);
    together(6, [&](int thread) {
      const OpenTransfers mine{TransferId{thread + 1}, "", {}};
      const auto replaced = record(database, [&](WriteTransaction& tx) -> Result<Recorded<bool>> {
        BALUHOST_TRY(const bool is_done, tx.transfers().end(instance_id(1), {}, mine, {}));
        return recorded(is_done, AuditEvents{NewAuditEvent{.action = Action::download}});
      });
      done[static_cast<std::size_t>(thread)] = replaced && *replaced ? 1 : 0;
    });
    CHECK(std::ranges::count(done, 1) == 1);
    const auto winner = std::ranges::find(done, 1) - done.begin() + 1;
    CHECK(instance(database, 1).transfers.begun.value == winner);
  }
}

} // namespace baluhost::contract
