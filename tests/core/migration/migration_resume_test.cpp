// Runs that fail, are stopped, or whose source goes on: the end is verified all the same.

#include "migration/migration_fixture.hpp"

namespace baluhost::test {

TEST_CASE("a run that fails at any call of the target resumes to a verified end") {
  const bool concurrent = GENERATE(false, true);
  int failed = 0;
  for (int call = 1;; ++call) {
    INFO("call " << call);
    MigrationFixture it{concurrent};
    it.target->fail_write(call);
    const Outcome first = it.run();
    const bool came_so_far = !it.target->is_about_to_fail();
    it.target->fail_write(0);
    if (!came_so_far) {
      CHECK(first == Outcome::ok);
      break;
    }
    ++failed;
    CHECK(first == Outcome::failed);
    CHECK_FALSE(it.report.error.empty());
    CHECK(it.finished.empty());
    REQUIRE(it.run(Mode::resume) == Outcome::ok);
    CHECK(it.has_moved());
    CHECK(it.run_in_target().state == bulk::RunState::done);
    CHECK(it.finished.size() == 1);
    CHECK(it.run(Mode::compare) == Outcome::ok);
  }
  CHECK(failed > 50);
}

TEST_CASE("a run whose last word was not written says it when it is resumed") {
  MigrationFixture it;
  it.fails_to_open_target = true;
  REQUIRE(it.run() == Outcome::failed);
  CHECK(it.run_in_target().state == bulk::RunState::done);
  REQUIRE(it.run(Mode::resume) == Outcome::ok);
  CHECK(it.finished.size() == 1);
  CHECK(it.status_of("copy").empty());
}

TEST_CASE("a half-done run is not begun again, and one of another source is not gone on with") {
  MigrationFixture it;
  it.target->fail_write(40);
  REQUIRE(it.run() == Outcome::failed);
  REQUIRE(it.run() == Outcome::failed);
  CHECK(it.first_finding().find("half-done migration of this source") != std::string::npos);
  it.source_name = "memory:other";
  REQUIRE(it.run(Mode::resume) == Outcome::failed);
  CHECK(it.first_finding().find("migration of another source") != std::string::npos);
  CHECK(it.run_in_target().source == "memory:source");
}

TEST_CASE("what the source writes while rows are copied is caught up with") {
  const bool concurrent = GENERATE(false, true);
  const std::string at = GENERATE("copying", "indexes");
  MigrationFixture it{concurrent};
  bool written = false;
  it.on_progress = [&](const migration::Progress& progress) {
    if (progress.step == at && !std::exchange(written, true)) it.write_event(100);
    return true;
  };
  REQUIRE(it.run() == Outcome::ok);
  REQUIRE(it.has_moved());
  if (!written) return; // all at once there is no step of its own for indexes
  CHECK(it.status_of("catch up 1") == "ok");
  CHECK(it.target->rows("audit_logs").size() == 7);
}

TEST_CASE("a source that keeps changing is not called moved") {
  MigrationFixture it;
  std::int64_t next = 100;
  it.on_progress = [&](const migration::Progress&) {
    it.write_event(next++);
    return true;
  };
  CHECK(it.run() == Outcome::failed);
  CHECK(it.report.error.find("the source keeps changing") != std::string::npos);
  CHECK(it.run_in_target().state == bulk::RunState::running);
  it.on_progress = nullptr;
  REQUIRE(it.run(Mode::resume) == Outcome::ok);
  CHECK(it.has_moved());
}

TEST_CASE("a run is stopped by its caller, and resumes") {
  const std::string at = GENERATE("looking at every row", "copying", "indexes");
  MigrationFixture it;
  it.on_progress = [&](const migration::Progress& progress) { return progress.step != at; };
  CHECK(it.run() == Outcome::failed);
  CHECK(it.report.error.find(at == "looking at every row" ? "1 findings" : "the run was stopped") !=
        std::string::npos);
  it.on_progress = nullptr;
  REQUIRE(it.run(Mode::resume) == Outcome::ok);
  CHECK(it.has_moved());
}

TEST_CASE("what the source wrote after the end is moved anew, unless the target is in use") {
  MigrationFixture it;
  REQUIRE(it.run() == Outcome::ok);
  it.write_event(100);
  SECTION("nobody used the target") {
    REQUIRE(it.run(Mode::resume) == Outcome::ok);
    CHECK(it.status_of("empty") == "ok");
    CHECK(it.has_moved());
  }
  SECTION("a server wrote there") {
    it.target->put_row("audit_logs", {std::int64_t{90},
                                      std::int64_t{7},
                                      std::string{"SYSTEM"},
                                      std::string{"server_started"},
                                      {},
                                      {},
                                      std::int64_t{1},
                                      {},
                                      std::string{"{}"},
                                      {},
                                      {}});
    const auto before = it.target->rows("audit_logs");
    CHECK(it.run(Mode::resume) == Outcome::failed);
    CHECK(it.first_finding().find("both went on") != std::string::npos);
    CHECK(it.target->rows("audit_logs") == before);
  }
}

} // namespace baluhost::test
