#include "migration/migration_fixture.hpp"

namespace baluhost::test {
namespace {

std::vector<AuditEvent> events_of(Database& database) {
  std::vector<AuditEvent> events;
  REQUIRE(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(events, tx.audit().since(EventId{}, 100));
    return {};
  }));
  return events;
}

} // namespace

TEST_CASE("every row moves, is compared on both sides, and the move is recorded and sealed") {
  const bool concurrent = GENERATE(false, true);
  MigrationFixture it{concurrent};
  REQUIRE(it.run() == Outcome::ok);
  CHECK(it.report.result == migration::RunResult::ok);
  CHECK(it.report.error.empty());
  CHECK(it.has_moved());
  CHECK(it.run_in_target().state == bulk::RunState::done);
  CHECK(it.run_in_target().source == "memory:source");
  REQUIRE(it.report.tables.size() == it.source->tables().size());
  for (const auto& table : it.report.tables) {
    INFO(table.table);
    CHECK(table.source_checksum == table.target_checksum);
    CHECK(table.source_rows == static_cast<std::int64_t>(it.source->rows(table.table).size()));
  }
  const auto writer = it.target->open_writer();
  REQUIRE(writer);
  CHECK((*writer)->missing_parts().value().empty());
  CHECK((*writer)->reader().last_identity(it.target->tables()[0]).value() == 4);

  REQUIRE(it.finished.size() == 1);
  const auto events = events_of(*it.finished.front());
  REQUIRE(events.size() == 1);
  CHECK(events.front().action == "database_migrated");
  CHECK(events.front().user == "cli:root");
  CHECK(events.front().details.find("\"source\":\"memory:source\"") != std::string::npos);
  REQUIRE(it.finished.front()->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto seal, tx.seals().newest());
    CHECK(seal.has_value());
    return {};
  }));
}

TEST_CASE("the audit chain is proven where it can be, and both sides have one head") {
  const bool concurrent = GENERATE(false, true);
  MigrationFixture it{concurrent};
  REQUIRE(it.run() == Outcome::ok);
  const auto found =
      std::ranges::find(it.report.steps, "audit chain", &migration::StepReport::step);
  REQUIRE(found != it.report.steps.end());
  CHECK(found->detail == "both sides verify to the head " + it.trail.verify().head.hex());
}

TEST_CASE("a dry run moves and compares everything, and leaves nothing in the target") {
  MigrationFixture it;
  REQUIRE(it.run(Mode::dry_run) == Outcome::ok);
  CHECK(it.report.result == migration::RunResult::dry_run);
  CHECK(it.status_of("compare") == "ok");
  CHECK(it.status_of("audit chain") == "ok");
  CHECK(it.is_target_empty());
  CHECK(it.finished.empty());
}

TEST_CASE("a move is rolled back: a finished one only where that is asked for") {
  MigrationFixture it;
  it.fails_to_open_target = true;
  REQUIRE(it.run() == Outcome::failed);
  REQUIRE(it.run_in_target().state == bulk::RunState::done);
  CHECK(it.run(Mode::roll_back) == Outcome::failed);
  CHECK(it.has_moved());
  REQUIRE(it.run({.mode = Mode::roll_back, .discards_used_target = true}) == Outcome::ok);
  CHECK(it.report.result == migration::RunResult::rolled_back);
  CHECK(it.is_target_empty());
  CHECK(it.run(Mode::roll_back) == Outcome::failed); // there is nothing left to roll back
}

TEST_CASE("nobody rolls back the migration of another source") {
  MigrationFixture it;
  REQUIRE(it.run() == Outcome::ok);
  it.source_name = "memory:other";
  CHECK(it.run({.mode = Mode::roll_back, .discards_used_target = true}) == Outcome::failed);
  CHECK(it.report.error.find("another source") != std::string::npos);
  CHECK(it.has_moved());
}

TEST_CASE("rows come from the backup, which is then known to hold what the source holds") {
  MigrationFixture it{true};
  FakeBackup backup{*it.source};
  it.backup = &backup;
  REQUIRE(it.run() == Outcome::ok);
  CHECK(backup.made == 1);
  CHECK(backup.removed == 0);
  CHECK(it.has_moved());
  const auto check =
      std::ranges::find(it.report.steps, "backup check", &migration::StepReport::step);
  REQUIRE(check != it.report.steps.end());
  CHECK(check->detail == "the backup is sound, and every row of it is the source's");
}

TEST_CASE("a backup that is not sound fails the run, before the target counts as done") {
  const bool concurrent = GENERATE(false, true);
  MigrationFixture it{concurrent};
  FakeBackup backup{*it.source};
  backup.is_sound = false;
  it.backup = &backup;
  CHECK(it.run() == Outcome::failed);
  CHECK(it.report.error == "the backup is not sound");
  CHECK(it.run_in_target().state == bulk::RunState::running);
}

TEST_CASE("a backup whose rows are not those of the source fails the run") {
  MigrationFixture it{true};
  FakeBackup backup{*it.source};
  backup.spoil = [](MemoryBulkStore& copy) {
    copy.put_row("users", {std::int64_t{1}, std::string{"eve"}, {}, std::int64_t{1}});
  };
  it.backup = &backup;
  CHECK(it.run() == Outcome::failed);
  CHECK(it.report.error == "the backup does not hold what the source holds");
}

} // namespace baluhost::test
