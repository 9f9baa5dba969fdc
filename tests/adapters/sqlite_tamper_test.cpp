#include "baluhost/core/audit_service.hpp"
#include "baluhost/core/retention.hpp"
#include "baluhost/core/sealer.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <functional>
#include <set>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

// What the audit trail is worth: somebody with write access to the database changes it, with the server stopped or behind its back, and the
// verification must find it and name it. The database, keys and anchor here are the real ones.

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

class Installation {
 public:
  struct Running {
    explicit Running(Installation& home)
        : database(make_sqlite_database({.path = home.path("baluhost.db"), .readers = 2}).value()), audit(*database, home.clock),
          sealer({*database, *home.digester, *home.signer, *home.anchors, home.clock}, {}) {}
    std::unique_ptr<Database> database;
    AuditTrail audit;
    Sealer sealer;
  };

  explicit Installation(std::filesystem::path directory) : directory_(std::move(directory)) {
    keys = KeyDirectory::open(path("keys"), KeyDirectory::Missing::create, *random, clock).value();
    signer = make_ed25519_signer(*keys);
    anchors = make_anchor_file(path("audit.anchor"));
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }

  void record(Running& server, int count = 1) {
    for (int i = 0; i < count; ++i) {
      clock.advance(1ms);
      auto event = server.audit.draft(Action::upload, Client{.ip_address = "192.0.2.7", .user_agent = "test/1"});
      event.user = "anna";
      event.resource = "/anna/" + std::to_string(clock.now().microseconds);
      event.error_message = "none";
      event.details = JsonObject{}.add("file_size", 5).add("mime_type", "text/plain").str();
      REQUIRE(server.audit.record(std::move(event)));
    }
  }

  /// Events 1 to 40 in seals 1 to 4; then an hour passes.
  void fill() {
    Running server(*this);
    for (int seal = 0; seal < 4; ++seal) {
      record(server, 10);
      REQUIRE(server.sealer.seal_now());
    }
    clock.advance(1h);
  }

  /// As whoever has the file may do.
  void edit(const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path("baluhost.db").c_str(), &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    char* message = nullptr;
    const int result = sqlite3_exec(db, ("pragma ignore_check_constraints = 1;" + sql).c_str(), nullptr, nullptr, &message);
    INFO(sql << ": " << (message ? message : ""));
    REQUIRE(result == SQLITE_OK);
    sqlite3_close(db);
  }

  VerifyReport verify(Database& database) {
    auto report = verify_trail(database, *signer, *digester, anchors->newest().value(), true, clock.now());
    if (!report) FAIL(report.error().detail);
    return *std::move(report);
  }
  VerifyReport verify() {
    Running server(*this);
    return verify(*server.database);
  }

  std::vector<Seal> seals() {
    Running server(*this);
    std::vector<Seal> all;
    REQUIRE(server.database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(all, tx.seals().list(SealNumber{0}, 1000));
      return {};
    }));
    return all;
  }

  ManualClock clock;
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::unique_ptr<Digester> digester = make_openssl_digester();
  std::unique_ptr<KeyDirectory> keys;
  std::unique_ptr<SealSigner> signer;
  std::unique_ptr<AnchorLog> anchors;

 private:
  std::filesystem::path directory_;
};

/// "kind seal/event", "-" where a problem names none.
std::set<std::string> findings(const VerifyReport& report) {
  std::set<std::string> found;
  for (const auto& problem : report.problems) {
    found.insert(problem.kind + ' ' + (problem.seal ? std::to_string(problem.seal->value) : "-") + '/' +
                 (problem.event ? std::to_string(problem.event->value) : "-"));
  }
  CHECK(report.ok == found.empty());
  return found;
}

using Findings = std::set<std::string>;

struct Tampering {
  const char* what;
  std::string sql;
  Findings found;
};

std::string slipped_in(const std::string& id, const std::string& timestamp) {
  return "insert into audit_logs (id, timestamp, event_type, action, success, details) values (" + id + ", " + timestamp +
         ", 'SECURITY', 'login_success', 1, '{}');";
}

const std::string kZeros(64, '0');

std::vector<Tampering> tamperings() {
  const std::string at_15 = " where id = 15";
  return {
      {"the id", "update audit_logs set id = 1015" + at_15, {"event_missing 2/15", "event_unsealed -/1015"}},
      {"the time", "update audit_logs set timestamp = timestamp + 1" + at_15, {"event_changed 2/15"}},
      {"the type", "update audit_logs set event_type = 'SECURITY'" + at_15, {"event_changed 2/15"}},
      {"the type, into none", "update audit_logs set event_type = 'NOTHING'" + at_15, {"event_changed 2/-"}},
      {"the action", "update audit_logs set action = 'download'" + at_15, {"event_changed 2/15"}},
      {"the user", "update audit_logs set \"user\" = 'bob'" + at_15, {"event_changed 2/15"}},
      {"the user, away", "update audit_logs set \"user\" = null" + at_15, {"event_changed 2/15"}},
      {"the resource", "update audit_logs set resource = resource || 'x'" + at_15, {"event_changed 2/15"}},
      {"the success", "update audit_logs set success = 0" + at_15, {"event_changed 2/15"}},
      {"the error message", "update audit_logs set error_message = ''" + at_15, {"event_changed 2/15"}},
      {"the details", "update audit_logs set details = replace(details, '5', '6')" + at_15, {"event_changed 2/15"}},
      {"the details, written another way", "update audit_logs set details = replace(details, ':', ': ')" + at_15, {"event_changed 2/15"}},
      {"the details, into no JSON", "update audit_logs set details = 'x'" + at_15, {"event_changed 2/15"}},
      {"the address", "update audit_logs set ip_address = '192.0.2.8'" + at_15, {"event_changed 2/15"}},
      {"the user agent", "update audit_logs set user_agent = null" + at_15, {"event_changed 2/15"}},
      {"every user", "update audit_logs set \"user\" = 'bob' where id between 11 and 20 and id % 5 = 0", {"event_changed 2/15", "event_changed 2/20"}},

      {"the first row gone", "delete from audit_logs where id = 1", {"event_missing 1/1"}},
      {"a middle row gone", "delete from audit_logs where id = 15", {"event_missing 2/15"}},
      {"the last row gone", "delete from audit_logs where id = 40", {"event_missing 4/40"}},
      {"the first row and its leaf gone", "delete from audit_logs where id = 1; delete from audit_leaves where event_id = 1", {"event_missing 1/-"}},
      {"a middle row and its leaf gone", "delete from audit_logs where id = 15; delete from audit_leaves where event_id = 15", {"event_missing 2/-"}},
      {"the last row and its leaf gone", "delete from audit_logs where id = 40; delete from audit_leaves where event_id = 40", {"event_missing 4/-"}},
      {"everything gone but the seals", "delete from audit_logs; delete from audit_leaves", {"event_missing 1/-"}},
      {"pruned without a record", "delete from audit_logs where id <= 20; delete from audit_leaves where sequence <= 20", {"event_missing 1/-"}},
      {"pruned with a forged record",
       "delete from audit_logs where id <= 20; delete from audit_leaves where sequence <= 20;"
       "insert into audit_prunes select 2, 20, 20, sealed_at, key_id, signature from audit_seals where number = 2",
       {"prune_unproven 2/-", "event_missing 1/-"}},
      {"pruned with a record that nobody can read",
       "delete from audit_logs where id <= 20; delete from audit_leaves where sequence <= 20; insert into audit_prunes values (2, 20, 20, 1, 'k', 'x')",
       {"prune_unproven -/-", "event_missing 1/-"}},

      {"two rows in each other's place",
       "update audit_logs set id = -1 where id = 15; update audit_logs set id = 15 where id = 16; update audit_logs set id = 16 where id = -1",
       {"event_changed 2/15", "event_changed 2/16"}},
      {"two rows' times swapped",
       "update audit_logs set timestamp = (select timestamp from audit_logs b where b.id = 31 - audit_logs.id) where id in (15, 16)",
       {"event_changed 2/15"}},
      {"two leaves swapped",
       "update audit_leaves set event_id = -1 where sequence = 15; update audit_leaves set event_id = 15 where sequence = 16;"
       "update audit_leaves set event_id = 16 where sequence = 15",
       {"event_changed 2/15", "event_changed 2/16"}},

      {"a row slipped in", slipped_in("500", "1764000000000000"), {"event_unsealed -/500"}},
      {"a row slipped in, from the future", slipped_in("500", "9764000000000000"), {"event_unsealed -/500"}},
      {"a row slipped in, from the end of time", slipped_in("500", "9223372036854775807"), {"event_unsealed -/500"}},
      {"a row slipped in before the first", slipped_in("-5", "1764000000000000"), {"event_unsealed -/-5"}},
      {"a row slipped in that nobody can read",
       "insert into audit_logs (id, timestamp, event_type, action, success) values (500, 1, 'NOTHING', 'x', 1)",
       {"event_unsealed -/-"}},
      {"a row slipped in with a leaf behind the last",
       slipped_in("500", "1764000000000000") + "insert into audit_leaves values (41, 500, '" + kZeros + "')", {"sequence_gap -/500"}},
      {"a row slipped in with a leaf that nobody can read",
       slipped_in("500", "1764000000000000") + "insert into audit_leaves values (41, 500, 'x')", {"sequence_gap -/-"}},
      {"a row slipped in with a leaf before the first",
       slipped_in("500", "1764000000000000") + "insert into audit_leaves values (-7, 500, '" + kZeros + "')", {"sequence_gap 1/500"}},
      {"a row in another's place",
       slipped_in("500", "1764000000000000") + "update audit_leaves set event_id = 500 where sequence = 15",
       {"event_changed 2/500", "event_unsealed -/15"}},

      {"a leaf", "update audit_leaves set leaf = '" + kZeros + "' where sequence = 15", {"leaf_mismatch 2/15"}},
      {"a leaf, into none", "update audit_leaves set leaf = 'x' where sequence = 15", {"event_changed 2/-"}},
      {"a leaf gone", "delete from audit_leaves where sequence = 15", {"event_missing 2/-", "event_unsealed -/15"}},
      {"all leaves of a seal gone", "delete from audit_leaves where sequence between 11 and 12",
       {"event_missing 2/-", "event_unsealed -/11", "event_unsealed -/12"}},

      {"a seal gone", "delete from audit_seals where number = 2", {"seal_missing 2/-", "sequence_gap 3/11"}},
      {"the first seal gone", "delete from audit_seals where number = 1", {"seal_missing 1/-", "sequence_gap 2/1"}},
      {"a seal and its events gone",
       "delete from audit_seals where number = 2; delete from audit_logs where id between 11 and 20; delete from audit_leaves where sequence between 11 and 20",
       {"seal_missing 2/-"}},
      {"the newest seal gone", "delete from audit_seals where number = 4", {"tail_missing 4/-", "sequence_gap -/31"}},
      {"a cut tail",
       "delete from audit_seals where number = 4; delete from audit_logs where id > 30; delete from audit_leaves where sequence > 30", {"tail_missing 4/-"}},
      {"everything gone", "delete from audit_seals; delete from audit_logs; delete from audit_leaves", {"tail_missing 4/-"}},
      {"a seal's root", "update audit_seals set root = '" + kZeros + "' where number = 2",
       {"bad_signature 2/-", "root_mismatch 2/-", "chain_broken 3/-"}},
      {"a seal's root, into none", "update audit_seals set root = 'x' where number = 2", {"seal_unreadable 2/-", "seal_missing 2/-", "sequence_gap 3/11"}},
      {"a seal's previous", "update audit_seals set previous = '" + kZeros + "' where number = 2",
       {"bad_signature 2/-", "chain_broken 2/-", "chain_broken 3/-"}},
      {"a seal's bounds", "update audit_seals set last_sequence = 1000 where number = 2",
       {"bad_signature 2/-", "count_mismatch 2/-", "chain_broken 3/-", "sequence_gap 3/-"}},
      {"a seal's count", "update audit_seals set count = 9 where number = 2", {"bad_signature 2/-", "count_mismatch 2/-", "chain_broken 3/-"}},
      {"a seal's time", "update audit_seals set sealed_at = sealed_at + 1 where number = 4", {"bad_signature 4/-", "anchor_mismatch 4/-"}},
      {"a seal's mark", "update audit_seals set recovered = 1 where number = 2", {"bad_signature 2/-", "chain_broken 3/-"}},
      {"a seal's key", "update audit_seals set key_id = '0123456789abcdef' where number = 4", {"unknown_key 4/-", "anchor_mismatch 4/-"}},
      {"a seal's signature", "update audit_seals set signature = '" + kZeros + kZeros + "' where number = 2", {"bad_signature 2/-", "chain_broken 3/-"}},
      {"a seal's number", "update audit_seals set number = 400 where number = 4", {"seal_missing 4/-", "bad_signature 400/-"}},
  };
}

} // namespace

TEST_CASE("an untouched database verifies") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  const auto report = home.verify();
  CHECK(findings(report).empty());
  CHECK(report.events == 40);
  CHECK(report.seals == 4);
  CHECK(report.unsealed == 0);
}

TEST_CASE("every kind of change to a stopped database is found and named") {
  const TemporaryDirectory master;
  Installation(master.path()).fill();
  for (const auto& tampering : tamperings()) {
    const TemporaryDirectory directory;
    std::filesystem::copy(master.path(), directory.path(), std::filesystem::copy_options::recursive);
    Installation home(directory.path());
    home.clock.advance(2h);
    home.edit(tampering.sql);
    INFO(tampering.what);
    CHECK(findings(home.verify()) == tampering.found);
  }
}

TEST_CASE("an event changed with its leaf and everything signed again with another key is found") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  const TemporaryDirectory elsewhere;
  Installation forger(elsewhere.path());
  auto seals = home.seals();
  {
    Installation::Running server(home);
    home.edit("update audit_logs set \"user\" = 'bob' where id = 35");
    AuditEvent changed;
    REQUIRE(server.database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto event, tx.audit().find(EventId{35}));
      changed = event.value();
      return {};
    }));
    home.edit("update audit_leaves set leaf = '" + home.digester->sha256(canonical_encoding(changed)).hex() + "' where event_id = 35");
  }
  CHECK(findings(home.verify()) == Findings{"root_mismatch 4/-"});

  auto seal = seals.back();
  seal.key_id = forger.signer->sign("").value().key_id;
  SECTION("named as what it is") {}
  SECTION("or passed off as ours") { seal.key_id = seals.back().key_id; }
  const auto signature = forger.signer->sign(signed_bytes(seal)).value().signature;
  home.edit("update audit_seals set key_id = '" + seal.key_id + "', signature = '" + to_hex(signature) + "' where number = 4");
  const auto kind = seal.key_id == seals.back().key_id ? "bad_signature 4/-" : "unknown_key 4/-";
  CHECK(findings(home.verify()) == Findings{kind, "root_mismatch 4/-", "anchor_mismatch 4/-"});
}

TEST_CASE("yesterday's copy put back is found, also when it went on since") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  const auto database = home.path("baluhost.db");
  const auto copy = home.path("copy");
  std::filesystem::copy_file(database, copy);
  {
    Installation::Running server(home);
    home.record(server, 5);
    REQUIRE(server.sealer.seal_now());
  }
  std::filesystem::copy_file(copy, database, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(database + "-wal");
  std::filesystem::remove(database + "-shm");
  CHECK(findings(home.verify()) == Findings{"tail_missing 5/-"});
  {
    Installation::Running server(home);
    for (int i = 0; i < 3; ++i) {
      home.record(server, 2);
      REQUIRE(server.sealer.seal_now());
    }
    CHECK(server.sealer.trouble());
  }
  CHECK(findings(home.verify()) == Findings{"anchor_mismatch 5/-"});
}

TEST_CASE("a lost anchor is a finding") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  std::filesystem::remove(home.path("audit.anchor"));
  CHECK(findings(home.verify()) == Findings{"anchor_missing -/-"});
}

TEST_CASE("a row changed behind a running server gets no seal that fits it") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  Installation::Running server(home);
  home.record(server, 3);
  SECTION("edited before it was sealed") {
    home.edit("update audit_logs set \"user\" = 'bob' where id = 42");
    REQUIRE(server.sealer.seal_now());
    CHECK(findings(home.verify(*server.database)) == Findings{"event_changed 5/42"});
  }
  SECTION("deleted before it was sealed") {
    home.edit("delete from audit_logs where id = 42");
    REQUIRE(server.sealer.seal_now());
    CHECK(findings(home.verify(*server.database)) == Findings{"event_missing 5/42"});
  }
  SECTION("slipped in: it stays unsealed, and after a minute that is a finding") {
    home.edit(slipped_in("500", std::to_string(home.clock.now().microseconds)));
    REQUIRE(server.sealer.seal_now());
    CHECK(findings(home.verify(*server.database)).empty());
    CHECK(home.verify(*server.database).unsealed == 1);
    home.clock.advance(61s);
    CHECK(findings(home.verify(*server.database)) == Findings{"event_unsealed -/500"});
  }
}

TEST_CASE("an event that was sealed once is not sealed again when its leaf is gone, nor one slipped in among them") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  {
    Installation::Running server(home);
    REQUIRE(server.sealer.note_progress(home.clock.now()));
  }
  home.edit("delete from audit_leaves where sequence = 15; delete from audit_logs where id = 25;" + slipped_in("25", "1764000000000000"));
  home.edit("delete from audit_leaves where sequence = 25");
  Installation::Running server(home);
  CHECK(server.sealer.recover(home.clock.now()).value() == 0);
  CHECK(findings(home.verify(*server.database)) == Findings{"event_missing 2/-", "event_missing 3/-", "event_unsealed -/15", "event_unsealed -/25"});
}

TEST_CASE("a key rotated in between changes nothing for the verifier") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  REQUIRE(home.keys->rotate());
  {
    Installation::Running server(home);
    home.record(server, 5);
    REQUIRE(server.sealer.seal_now());
  }
  const auto seals = home.seals();
  CHECK(seals.at(4).key_id != seals.at(3).key_id);
  CHECK(findings(home.verify()).empty());
  const auto public_keys = make_seal_verifier_from_pem(home.keys->public_keys_pem()).value();
  Installation::Running server(home);
  const auto report = verify_trail(*server.database, *public_keys, *home.digester, home.anchors->newest().value(), true, home.clock.now());
  CHECK(findings(*report).empty());
}

TEST_CASE("what a prune leaves verifies on the real database") {
  const TemporaryDirectory directory;
  Installation home(directory.path());
  home.fill();
  {
    Installation::Running server(home);
    home.record(server, 3);
    REQUIRE(server.sealer.seal_now());
    const auto result = prune_trail(*server.database, server.audit, *home.signer, home.clock, nullptr, home.clock.now() - 30min);
    CHECK(result->events == 40);
  }
  CHECK(findings(home.verify()).empty());
  home.edit("delete from audit_prunes");
  CHECK(findings(home.verify()) == Findings{"event_missing 1/-"});
}

namespace {

/// A server that records and seals as fast as it can, and says so with a byte for each event, until it is killed.
[[noreturn]] void run_until_killed(const std::filesystem::path& directory, int out) {
  Installation home(directory);
  Installation::Running server(home);
  server.sealer.start();
  for (int i = 0;; ++i) {
    home.clock.advance(1ms);
    if (!server.audit.record(server.audit.draft(Action::login_success)) || write(out, "x", 1) != 1) _exit(1);
    if (i % 7 == 0 && !server.sealer.seal_now()) _exit(1);
  }
}

} // namespace

TEST_CASE("a server killed while it seals leaves a trail that verifies after recovery, with every event that it answered for") {
  const TemporaryDirectory directory;
  std::int64_t answered = 0;
  for (const int after : {1, 20, 57, 100, 163}) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const auto child = fork();
    REQUIRE(child >= 0);
    if (child == 0) run_until_killed(directory.path(), ends[1]);
    close(ends[1]);
    char byte = 0;
    for (int i = 0; i < after; ++i) REQUIRE(read(ends[0], &byte, 1) == 1);
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    answered += after;
    while (read(ends[0], &byte, 1) == 1) ++answered;
    close(ends[0]);

    Installation home(directory.path());
    home.clock.advance(1h);
    Installation::Running server(home);
    REQUIRE(server.sealer.recover(home.clock.now()));
    const auto report = home.verify(*server.database);
    CHECK(findings(report) == Findings{});
    CHECK(report.unsealed == 0);
    CHECK(report.events >= answered);
  }
}
