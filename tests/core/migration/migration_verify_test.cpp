// What is wrong is found: in the source before anything is written, in the target before it is
// called the same.

#include "migration/migration_fixture.hpp"

namespace baluhost::test {
namespace {

Row user(std::int64_t id, std::string name, MemoryBulkStore::Cell email = {},
         MemoryBulkStore::Cell enabled = std::int64_t{1}) {
  return {id, std::move(name), std::move(email), std::move(enabled)};
}

} // namespace

TEST_CASE("a row that no target takes is refused before anything is written") {
  struct Case {
    Row row;
    std::string finding;
  };
  for (const Case& c : std::vector<Case>{
           {user(9, std::string("a\0b", 3)), "users.username id 9: holds U+0000"},
           {user(9, "\xC3\x28"), "users.username id 9: is not valid UTF-8"},
           {user(9, "x", std::int64_t{5}), "users.email id 9: is not text"},
           {user(9, "x", {}, std::string{"yes"}), "users.enabled id 9: is not an integer"},
           {user(9, "x", {}, std::int64_t{7}), "users.enabled id 9: is neither 0 nor 1"},
           {user(9, "x", {}, {}), "users.enabled id 9: is null and must not be"}}) {
    INFO(c.finding);
    MigrationFixture it;
    FakeBackup backup{*it.source};
    it.backup = &backup;
    it.source->put_row("users", c.row);
    CHECK(it.run() == Outcome::failed);
    CHECK(it.findings() == std::vector{c.finding});
    CHECK(it.report.error == "1 findings; nothing was written");
    CHECK(it.is_target_empty());
    CHECK(backup.removed == backup.made);
  }
}

TEST_CASE("a text longer than its column is refused, by characters") {
  MigrationFixture it;
  auto event = it.source->rows("audit_logs").front();
  std::string resource;
  for (int i = 0; i < 1000; ++i) resource += "\xC3\xA9";
  event[5] = resource;
  it.source->put_row("audit_logs", event);
  CHECK(it.run(Mode::dry_run) == Outcome::ok);
  event[5] = resource + "x";
  it.source->put_row("audit_logs", event);
  CHECK(it.run(Mode::dry_run) == Outcome::failed);
  CHECK(it.first_finding().find("is longer than 1000 characters") != std::string::npos);
}

TEST_CASE("damage, unknown structure and what is in the way of a backup stand in one report") {
  MigrationFixture it;
  FakeBackup backup{*it.source};
  backup.in_the_way = {{"", "", "", "no room"}};
  it.backup = &backup;
  it.source->set_damage({{"users", "", "", "is damaged"}});
  it.source->set_structure({{"extra", "", "", "is no table of BaluHost's and would be lost"}});
  it.source->put_row("users", user(9, "\xFF"));
  CHECK(it.run() == Outcome::failed);
  CHECK(it.report.findings.size() == 4);
  CHECK(backup.made == 0);
  CHECK(it.is_target_empty());
}

TEST_CASE("a table that lacks a column is not read") {
  MigrationFixture it;
  it.source->set_structure({{"users", "email", "", "is missing"}});
  it.source->put_row("users", user(9, "\xFF"));
  CHECK(it.run() == Outcome::failed);
  CHECK(it.report.findings.size() == 1);
}

TEST_CASE("only the schema that the program has moves, into a target that is free") {
  MigrationFixture it;
  for (const auto& [version, finding] :
       {std::pair{2, "use a newer baluhost-migrate"}, std::pair{-1, "which upgrades it"},
        std::pair{0, "the source: the database of another program"}}) {
    it.source->make_schema(version);
    CHECK(it.run() == Outcome::failed);
    REQUIRE(it.report.findings.size() == 1);
    CHECK(it.first_finding().find(finding) != std::string::npos);
  }
  it.source->make_schema(1);
  it.target->make_schema(1);
  CHECK(it.run() == Outcome::failed);
  CHECK(it.first_finding().find("holds a BaluHost already") != std::string::npos);
}

TEST_CASE("a comparison finds a row that is changed, gone or new in the target") {
  const std::string how = GENERATE("changed", "gone", "new");
  const std::string table = GENERATE("users", "audit_logs", "audit_leaves", "audit_daily");
  INFO(table << " " << how);
  MigrationFixture it;
  it.target->fail_write(1'000'000);
  it.fails_to_open_target = true;
  REQUIRE(it.run() == Outcome::failed);
  {
    // Before its end, so that nothing that came later is tolerated.
    const auto writer = it.target->open_writer();
    REQUIRE(writer);
    REQUIRE((*writer)->set_state(bulk::RunState::running, ""));
    if (how == "gone") {
      const auto tables = it.target->tables();
      REQUIRE((*writer)->empty(*std::ranges::find(tables, table, &bulk::Table::name)));
    }
  }
  REQUIRE((how == "gone" || it.run(Mode::compare) == Outcome::ok));
  auto row = it.target->rows(table).empty() ? Row{} : it.target->rows(table).front();
  if (how == "changed")
    row.back() = table == "users" || table == "audit_daily"
                     ? MemoryBulkStore::Cell{std::int64_t{0}}
                     : MemoryBulkStore::Cell{std::string{"ff"}};
  if (how == "new") row.front() = std::int64_t{999};
  if (how != "gone") it.target->put_row(table, row);
  CHECK(it.run(Mode::compare) == Outcome::lost);
  CHECK(it.report.error == "the two sides are not the same");
  CHECK(it.run_in_target().state == bulk::RunState::failed);
  for (const auto& sums : it.report.tables) {
    INFO(sums.table);
    CHECK((sums.source_checksum == sums.target_checksum) == (sums.table != table));
  }
}

TEST_CASE("a row that changes on its way is not called moved") {
  MigrationFixture it;
  it.on_progress = [&](const migration::Progress& progress) {
    if (progress.step != "indexes") return true;
    auto row = it.target->rows("audit_logs").front();
    row.back() = std::string{"another agent"};
    it.target->put_row("audit_logs", row);
    return true;
  };
  CHECK(it.run() == Outcome::lost);
  CHECK(it.report.error == "rows were lost or changed on the way");
  CHECK(it.run_in_target().state == bulk::RunState::failed);
  CHECK(it.finished.empty());
}

TEST_CASE("an identity that the target would assign again is found") {
  MigrationFixture it;
  it.on_progress = [&](const migration::Progress& progress) {
    if (progress.step != "indexes") return true;
    const auto writer = it.target->open_writer();
    REQUIRE(writer);
    REQUIRE((*writer)->set_last_identity(it.target->tables()[0], 2));
    return true;
  };
  CHECK(it.run() == Outcome::lost);
  CHECK(it.report.error == "the sequence of users stands at 2, the source's at 4");
}

TEST_CASE("damage that the target finds is not called moved") {
  MigrationFixture it;
  it.target->set_damage({{"users", "", "", "is damaged"}});
  CHECK(it.run() == Outcome::lost);
  CHECK(it.status_of("references") == "failed");
  CHECK(it.report.findings.size() == 1);
}

TEST_CASE("a trail that does not verify is not called migrated") {
  const bool concurrent = GENERATE(false, true);
  MigrationFixture it{concurrent};
  it.trail.change([](SealRepository& seals) -> Result<void> {
    BALUHOST_CHECK(seals.remove_events(2, 2));
    return {};
  });
  auto event = it.source->rows("audit_logs").front();
  event[8] = std::string{"{}"};
  it.source->put_row("audit_logs", event);
  CHECK(it.run() == Outcome::lost);
  CHECK(it.report.error.find("the audit chain does not verify") != std::string::npos);
  CHECK(it.has_moved());
  CHECK(it.run_in_target().state == bulk::RunState::failed);
}

} // namespace baluhost::test
