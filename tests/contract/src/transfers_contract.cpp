#include "support.hpp"

#include <algorithm>

namespace baluhost::contract {
namespace {

NewAuditEvent interrupted(std::string resource) {
  NewAuditEvent event{.timestamp = kNow, .action = Action::download};
  event.user = "anna";
  event.resource = std::move(resource);
  event.success = false;
  event.error_message = "interrupted";
  event.details = R"({"file_size":9223372036854775807,"sha256":"\u00e9"})";
  event.ip_address = "192.0.2.7";
  event.user_agent = "contract/1.0 \xF0\x9F\x98\x80";
  return event;
}

void put_instance(Database& database, const Instance& instance) {
  bookkept(database, [&](Bookkeeping& tx) { return tx.transfers().put_instance(instance); });
}

TransferId begin(Database& database, int instance, const NewAuditEvent& event) {
  return bookkept(database, [&](Bookkeeping& tx) {
    return tx.transfers().begin(instance_id(instance), event);
  });
}

std::vector<Transfer> of_instance(Database& database, int instance, std::size_t limit = 1000) {
  return see(database, [&](ReadTransaction& tx) {
    return tx.transfers().of_instance(instance_id(instance), limit);
  });
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

  SECTION("a transfer keeps the event it becomes if nobody ends it") {
    auto event = interrupted("/anna/a");
    event.account = UserId{9007199254740993};
    const auto full = begin(database, 1, event);
    NewAuditEvent bare{.timestamp = Timestamp{-7}, .action = Action::download};
    const auto empty = begin(database, 1, bare);
    CHECK(full != empty);
    const auto transfers = of_instance(database, 1);
    REQUIRE(transfers.size() == 2);
    CHECK(transfers[0].id == full);
    CHECK(transfers[0].instance == instance_id(1));
    CHECK(describe(transfers[0].interrupted) == describe(event));
    CHECK(describe(transfers[1].interrupted) == describe(bare));
  }

  SECTION("an event that cannot be read back, of a program's own, is not kept for later") {
    auto event = interrupted("/anna/a");
    event.action = Action::custom("acme.download", EventType::file_access);
    CHECK(outcome(database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
            BALUHOST_CHECK(tx.transfers().begin(instance_id(1), event));
            return {};
          })) == "internal");
    CHECK(of_instance(database, 1).empty());
  }

  SECTION("transfers belong to one instance and are listed up to a limit") {
    begin(database, 1, interrupted("/anna/a"));
    begin(database, 1, interrupted("/anna/b"));
    begin(database, 2, interrupted("/anna/c"));
    CHECK(of_instance(database, 1).size() == 2);
    CHECK(of_instance(database, 1, 1).size() == 1);
    CHECK(of_instance(database, 2).size() == 1);
    CHECK(of_instance(database, 3).empty());
  }

  SECTION("a transfer ends once, together with its event or as bookkeeping") {
    const auto first = begin(database, 1, interrupted("/anna/a"));
    const auto second = begin(database, 1, interrupted("/anna/b"));
    const auto third = begin(database, 2, interrupted("/anna/c"));
    const auto end = [&](const std::vector<TransferId>& ids) {
      return change(database, [&](WriteTransaction& tx) { return tx.transfers().end(ids); });
    };
    CHECK(end({}).empty());
    CHECK(end({first}) == std::vector{first});
    CHECK(end({first}).empty());
    REQUIRE(of_instance(database, 1).size() == 1);
    CHECK(of_instance(database, 1)[0].id == second);
    auto both = end({first, third, second});
    std::ranges::sort(both);
    CHECK(both == std::vector{second, third});
    const auto fourth = begin(database, 1, interrupted("/anna/d"));
    bookkept(database, [&](Bookkeeping& tx) { return tx.transfers().end(std::vector{fourth}); });
    CHECK(of_instance(database, 1).empty());
  }

  SECTION("an instance is inserted, renewed and removed with the transfers it left") {
    CHECK(instances(database) == "1:0:0 2:1:1 ");
    put_instance(database, {instance_id(1), kNow + 9 * kTick, kNow + 5 * kTick});
    CHECK(instances(database) == "1:0:5 2:1:1 ");
    begin(database, 1, interrupted("/anna/a"));
    begin(database, 2, interrupted("/anna/b"));
    bookkept(database,
             [](Bookkeeping& tx) { return tx.transfers().remove_instance(instance_id(1)); });
    CHECK(instances(database) == "2:1:1 ");
    CHECK(of_instance(database, 1).empty());
    CHECK(of_instance(database, 2).size() == 1);
  }

  SECTION("transfers begun from many threads at the same time all have their own id") {
    std::vector<std::string> outcomes(24);
    together(6, [&](int thread) {
      for (int i = 0; i < 4; ++i) {
        outcomes[static_cast<std::size_t>(4 * thread + i)] =
            outcome(database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
              BALUHOST_CHECK(tx.transfers().begin(instance_id(1), interrupted("/anna/a")));
              return {};
            }));
      }
    });
    CHECK(count_of(outcomes, "ok") == 24);
    auto transfers = of_instance(database, 1);
    std::vector<std::int64_t> ids;
    for (const auto& transfer : transfers) ids.push_back(transfer.id.value);
    std::sort(ids.begin(), ids.end());
    CHECK(std::unique(ids.begin(), ids.end()) == ids.end());
    CHECK(ids.size() == 24);
  }
}

} // namespace baluhost::contract
