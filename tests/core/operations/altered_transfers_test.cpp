#include "fixtures/machine_fixture.hpp"
#include "fixtures/open_transfers.hpp"

#include <functional>
#include <limits>

// Who can write to the database while no server runs must not be able to keep a download that was
// under way out of the trail, or to change what it says.

namespace baluhost::machine_test {
namespace {

using Repository = TransferRepository;

/// A server that died with three downloads under way, each on record by itself; a fourth is over,
/// and a fifth began after that, or several.
struct Crash {
  explicit Crash(int younger = 1) {
    REQUIRE(server.lifecycle.started(OtherServers::none, "1"));
    REQUIRE(server.sealer.seal_now());
    for (const std::string resource : {"/anna/1", "/anna/2", "/anna/3"})
      records.push_back(server.download(resource));
    server.download("/anna/4")->finish(10, true);
    server.journal.flush();
    REQUIRE(server.sealer.seal_now());
    for (int i = 0; i < younger; ++i)
      records.push_back(server.download("/anna/" + std::to_string(5 + i)));
    server.die();
    before = machine.newest();
  }

  void edit(const std::function<Result<void>(Repository&)>& change) {
    REQUIRE(machine.inner->bookkeep([&](Bookkeeping& tx) { return change(tx.transfers()); }));
  }
  Instance instance() {
    Instance found;
    edit([&](Repository& rows) -> Result<void> {
      found = rows.instance(one).value().value();
      return {};
    });
    return found;
  }
  std::vector<TransferGroup> groups() {
    std::vector<TransferGroup> found;
    edit([&](Repository& rows) -> Result<void> {
      found = rows.groups(one, TransferId{0}, 100).value();
      return {};
    });
    return found;
  }
  /// Writes the instance with `transfers` and `groups`, and nothing else of it.
  void replace(const OpenTransfers& transfers, const std::vector<TransferGroup>& groups) {
    auto changed = instance();
    changed.transfers = transfers;
    edit([&](Repository& rows) -> Result<void> {
      BALUHOST_CHECK(rows.remove_instance(one));
      BALUHOST_CHECK(rows.put_instance(changed));
      for (const auto& group : groups) BALUHOST_CHECK(rows.begin(group));
      return {};
    });
  }

  /// What the next start writes: "1 2 3 5", then what it finds.
  std::string next_start() {
    Server next(machine, "two");
    REQUIRE(next.lifecycle.started(OtherServers::none, "1"));
    std::string told;
    for (const auto& event : machine.events(before)) {
      if (event.action == "download") told += event.resource->substr(6) + ' ';
    }
    for (const auto& found : next.lifecycle.take_findings())
      told += "| " + std::string{to_string(found.kind)} + ": " + found.detail + ' ';
    CHECK(machine.instances() == 1);
    CHECK(open_transfers(*machine.inner, one).empty());
    // Each is found once.
    const auto newest = machine.newest();
    REQUIRE(next.lifecycle.stopped());
    Server third(machine, "three");
    REQUIRE(third.lifecycle.started(OtherServers::none, "1"));
    CHECK(third.lifecycle.take_findings().empty());
    for (const auto& line : machine.lines(newest)) CHECK_FALSE(line.starts_with("recovery"));
    return told;
  }

  Machine machine;
  Server server{machine, "one"};
  InstanceId one{"one"};
  EventId before;
  std::vector<std::unique_ptr<Download::Record>> records;
};

const std::string kWhere = ", under way on server one ";
const std::string kMayBeOpen = [] {
  std::string told;
  for (const std::string number : {"1", "2", "3", "5"})
    told += "| bad_tag: download " + number + ", which may not have been over: \"nobody\" got " +
            "\"/anna/" + number + "\"" + kWhere;
  return told;
}();
const std::string kMissing = "| event_missing: ";
const std::string kChanged = "| bad_tag: somebody changed the record of the downloads from number ";

TEST_CASE("downloads under way that nobody touched become their events") {
  Crash crash;
  CHECK(crash.instance().transfers.open == "1-3");
  CHECK(crash.groups().size() == 4);
  CHECK(crash.next_start() == "1 2 3 5 ");
}

TEST_CASE("a download under way that was changed is a finding, and no event") {
  Crash crash;
  auto groups = crash.groups();
  SECTION("its event") {
    groups[1].events.replace(groups[1].events.find("/anna/2"), 7, "/anna/9");
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() == "1 3 5 " + kChanged + "2 on" + kWhere);
  }
  SECTION("its number of downloads") {
    groups[1].downloads = 2;
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start().find(kChanged + "2 on") != std::string::npos);
  }
  SECTION("its number") {
    groups[3].first = TransferId{6};
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() == "1 2 3 " + kChanged + "6 on" + kWhere);
  }
  SECTION("what it says of those before it") {
    groups[3].since = groups[3].first;
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() == "1 2 3 " + kChanged + "5 on" + kWhere);
  }
  SECTION("its MAC taken away") {
    groups[0].mac.reset();
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() == "2 3 5 " + kChanged + "1 on" + kWhere);
  }
  SECTION("text that is none of ours") {
    groups[0].events = "[";
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() == "2 3 5 " + kChanged + "1 on" + kWhere);
  }
  SECTION("one slipped in") {
    auto forged = groups[3];
    forged.first = TransferId{9};
    groups.push_back(forged);
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() == "1 2 3 5 " + kChanged + "9 on" + kWhere);
  }
}

TEST_CASE("a download under way that was removed is a finding") {
  Crash crash;
  auto groups = crash.groups();
  const auto transfers = crash.instance().transfers;
  SECTION("one") {
    groups.erase(groups.begin() + 1);
    crash.replace(transfers, groups);
    CHECK(crash.next_start() ==
          "1 3 5 " + kMissing + "download 2 gone from the record of those" + kWhere);
  }
  SECTION("several") {
    crash.replace(transfers, {groups[0], groups[3]});
    CHECK(crash.next_start() ==
          "1 5 " + kMissing + "downloads 2 to 3 gone from the record of those" + kWhere);
  }
  SECTION("all") {
    crash.replace(transfers, {});
    CHECK(crash.next_start() ==
          kMissing + "downloads 1 to 3 gone from the record of those" + kWhere);
  }
  SECTION("by the list of them") {
    auto shorter = transfers;
    shorter.open = "1";
    crash.replace(shorter, groups);
    CHECK(crash.next_start() ==
          "| bad_tag: somebody changed the list of the downloads" + kWhere + kMayBeOpen);
  }
  SECTION("with a list of none, as it was before the first") {
    crash.replace({}, {});
    CHECK(crash.next_start() == "| bad_tag: somebody changed the list of the downloads" + kWhere);
  }
  SECTION("by the row of the server") {
    crash.edit([&](Repository& rows) -> Result<void> {
      BALUHOST_CHECK(rows.remove_instance(crash.one));
      for (const auto& group : groups) BALUHOST_CHECK(rows.begin(group));
      return {};
    });
    CHECK(crash.next_start() ==
          kMissing + "the record of the downloads under way on server one is gone " + kMayBeOpen);
    CHECK(crash.groups().empty());
  }
  SECTION("with everything that tells of the server") {
    crash.edit([&](Repository& rows) { return rows.remove_instance(crash.one); });
    CHECK(crash.next_start() ==
          kMissing + "the record of the downloads under way on server one is gone ");
  }
}

TEST_CASE("one that is younger than the list and was removed is a finding, but for the newest") {
  Crash crash(3);
  auto groups = crash.groups();
  REQUIRE(groups.size() == 6);
  SECTION("in between") {
    groups.erase(groups.begin() + 4);
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() ==
          "1 2 3 5 7 " + kMissing + "download 6 gone from the record of those" + kWhere);
  }
  SECTION("the first") {
    groups.erase(groups.begin() + 3);
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() ==
          "1 2 3 6 7 " + kMissing + "download 5 gone from the record of those" + kWhere);
  }
  SECTION("the newest") {
    groups.pop_back();
    crash.replace(crash.instance().transfers, groups);
    CHECK(crash.next_start() == "1 2 3 5 6 ");
  }
}

TEST_CASE("a number that was given to a download that could not begin is not missed") {
  Machine machine;
  const auto picky = with_faults(*machine.inner);
  AuditLog audit(*picky, machine.clock);
  Sealer sealer({*picky, *machine.digester, *machine.signer, *machine.anchors, machine.clock,
                 InstanceId{"one"}},
                {});
  {
    TransferJournal journal(*picky, machine.clock, InstanceId{"one"}, DownloadRecording::before);
    Lifecycle lifecycle(*picky, audit, sealer, *machine.signer, journal, machine.clock,
                        InstanceId{"one"});
    REQUIRE(lifecycle.started(OtherServers::none, "1"));
    const auto begin = [&](const char* resource) {
      auto event = audit.draft(Action::download);
      event.resource = resource;
      return journal.begin(event, Content{BlobId{"b"}, 10, {}, {}}, std::nullopt);
    };
    const auto first = begin("/anna/1");
    REQUIRE(first);
    picky->fail_writes(1);
    CHECK_FALSE(begin("/anna/2"));
    const auto third = begin("/anna/3");
    REQUIRE(third);
    CHECK(open_transfers(*machine.inner, InstanceId{"one"}).size() == 2);
    Server next(machine, "two");
    REQUIRE(next.lifecycle.started(OtherServers::none, "1"));
    CHECK(next.lifecycle.take_findings().empty());
    const auto events = machine.events();
    CHECK(std::ranges::count(events, "download", &AuditEvent::action) == 2);
  }
}

TEST_CASE("what a process without a record of its runs put on record goes with it") {
  Machine machine;
  const InstanceId one{"one"};
  AuditLog audit(*machine.inner, machine.clock);
  {
    TransferJournal journal(*machine.inner, machine.clock, one, DownloadRecording::before);
    const auto record = journal.begin(audit.draft(Action::download),
                                      Content{BlobId{"b"}, 10, {}, {}}, std::nullopt);
    REQUIRE(record);
    CHECK(machine.instances() == 1);
    (*record)->finish(10, true);
    REQUIRE(journal.close());
    CHECK(machine.instances() == 0);
  }
  CHECK(machine.events().size() == 1);
}

TEST_CASE("a heartbeat puts on record which downloads began") {
  Machine machine;
  Server server(machine, "one");
  REQUIRE(server.lifecycle.started(OtherServers::none, "1"));
  const auto first = server.download("/anna/1"), second = server.download("/anna/2");
  REQUIRE(server.lifecycle.heartbeat());
  server.die();
  REQUIRE(machine.inner->bookkeep([&](Bookkeeping& tx) -> Result<void> {
    BALUHOST_TRY(const auto found, tx.transfers().instance(InstanceId{"one"}));
    CHECK(found.value().transfers.open == "1-2");
    BALUHOST_CHECK(tx.transfers().end(InstanceId{"one"}, found->transfers, found->transfers,
                                      std::vector{TransferId{2}}));
    return {};
  }));
  Server next(machine, "two");
  REQUIRE(next.lifecycle.started(OtherServers::none, "1"));
  const auto found = next.lifecycle.take_findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == ProblemKind::event_missing);
}

TEST_CASE("a server that is said to have been seen in a time to come is dead all the same") {
  Crash crash;
  auto changed = crash.instance();
  changed.seen_at = Timestamp{
      GENERATE(std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min())};
  crash.edit([&](Repository& rows) { return rows.put_instance(changed); });
  Server next(crash.machine, "two");
  REQUIRE(next.lifecycle.started(OtherServers::may_run, "1"));
  CHECK(next.lifecycle.leads().value());
  const auto events = crash.machine.events(crash.before);
  CHECK(std::ranges::count(events, "download", &AuditEvent::action) == 4);
  CHECK(next.lifecycle.take_findings().empty());
  CHECK(crash.machine.instances() == 1);
}

TEST_CASE("a row that none of our servers can be is told at a start, and stops none") {
  Machine machine;
  const std::string id = GENERATE(std::string{}, std::string{"a\0b", 3}, std::string{"\xFF"},
                                  std::string{"a\nb"}, std::string(100'000, 'x'));
  REQUIRE(machine.inner->bookkeep([&](Bookkeeping& tx) {
    return tx.transfers().put_instance({InstanceId{id}, Timestamp{0}, Timestamp{0}});
  }));
  Server server(machine, "one");
  REQUIRE(server.lifecycle.started(OtherServers::none, "1"));
  const auto found = server.lifecycle.take_findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == ProblemKind::row_forged);
  CHECK(machine.events().front().details.size() < 1000);
  const auto before = machine.newest();
  REQUIRE(server.lifecycle.heartbeat());
  CHECK(machine.lines(before).empty());
}

TEST_CASE("what a crash left before an upgrade has no MAC, and is believed once") {
  Crash crash;
  auto groups = crash.groups();
  for (auto& group : groups) group.mac.reset();
  crash.replace({}, groups);
  Server next(crash.machine, "two");
  const bool is_believed = GENERATE(true, false);
  const auto untagged = is_believed ? Untagged::accept : Untagged::refuse;
  REQUIRE(next.lifecycle.started(OtherServers::none, "1", {.transfers = untagged}));
  const auto lines = crash.machine.lines(crash.before);
  CHECK(std::ranges::count_if(lines, [](const std::string& line) {
          return line.starts_with("download ");
        }) == (is_believed ? 4 : 0));
  CHECK(next.lifecycle.take_findings().empty() == is_believed);
}

TEST_CASE(
    "a server whose row somebody removed behind its back records its downloads all the same") {
  Machine machine;
  Server server(machine, "one");
  REQUIRE(server.lifecycle.started(OtherServers::none, "1"));
  const auto record = server.download("/anna/1"), open = server.download("/anna/2");
  const auto before = machine.newest();
  const auto edit = GENERATE(0, 1);
  REQUIRE(machine.inner->bookkeep([&](Bookkeeping& tx) -> Result<void> {
    const InstanceId one{"one"};
    if (edit == 0) return tx.transfers().remove_instance(one);
    BALUHOST_TRY(const auto found, tx.transfers().instance(one));
    BALUHOST_CHECK(tx.transfers().end(one, found->transfers, {TransferId{2}, "", {}}, {}));
    return {};
  }));
  record->finish(10, true);
  server.journal.flush();
  REQUIRE(server.lifecycle.heartbeat());
  const auto lines = machine.lines(before);
  CHECK(std::ranges::count_if(lines, [](const std::string& line) {
          return line.starts_with("download ") && line.find("failed") == std::string::npos;
        }) == 1);
  CHECK(open_transfers(*machine.inner, InstanceId{"one"}).size() == (edit == 0 ? 0 : 1));
}

TEST_CASE("a server that was taken for dead does not record twice what another recorded") {
  Machine machine;
  Server paused(machine, "one"), other(machine, "two");
  REQUIRE(paused.lifecycle.started(OtherServers::may_run, "1"));
  REQUIRE(other.lifecycle.started(OtherServers::may_run, "1"));
  const auto old = paused.download("/anna/old");
  machine.clock.advance(seconds{61});
  REQUIRE(other.lifecycle.heartbeat());
  CHECK(machine.instances() == 1);
  const auto before = machine.newest();
  old->finish(10, true); // another said that it was interrupted
  auto young = paused.download("/anna/young");
  const auto open = paused.download("/anna/open");
  young->finish(10, true);
  paused.journal.flush();
  CHECK(machine.lines(before).size() == 1);
  REQUIRE(paused.lifecycle.heartbeat());
  CHECK(machine.instances() == 2);
  CHECK(open_transfers(*machine.inner, InstanceId{"one"}).size() == 1);
  paused.die();
  machine.clock.advance(seconds{61});
  REQUIRE(other.lifecycle.heartbeat());
  CHECK(other.lifecycle.take_findings().empty());
  const auto events = machine.events(before);
  CHECK(std::ranges::count(events, "download", &AuditEvent::action) == 2);
}

} // namespace
} // namespace baluhost::machine_test
