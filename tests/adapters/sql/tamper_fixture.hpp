#pragma once

#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/audit/retention.hpp"
#include "baluhost/core/operations/lifecycle.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

// What the audit trail is worth: somebody with write access to the database changes it, with the
// server stopped or behind its back, and the verification must find it and name it. Databases, keys
// and anchor are the real ones.
namespace baluhost::test {

using namespace std::chrono_literals;

/// A database in the hands of somebody who has all rights on it.
class TamperedStore {
 public:
  virtual ~TamperedStore() = default;
  virtual std::unique_ptr<Database> open() = 0;
  virtual void edit(const std::string& sql) = 0;
  virtual void keep() = 0;     ///< a copy of the trail as it is; nobody has the database open
  virtual void put_back() = 0; ///< that copy in its place
  virtual void settle() = 0;   ///< waits until nothing of a dead server is under way
};

using MakeStore =
    std::function<std::unique_ptr<TamperedStore>(const std::filesystem::path& directory)>;

class Installation {
 public:
  struct Running {
    explicit Running(Installation& home)
        : database(home.store->open()),
          audit_log(*database, home.clock),
          sealer({*database, *home.digester, *home.signer, *home.anchors, home.clock,
                  InstanceId{to_hex(home.random->bytes(16).value())}},
                 {}) {}
    std::unique_ptr<Database> database;
    AuditLog audit_log;
    Sealer sealer;
  };

  Installation(std::filesystem::path directory, std::unique_ptr<TamperedStore> the_store)
      : store(std::move(the_store)), directory_(std::move(directory)) {
    keys = KeyDirectory::open(path("keys"), KeyDirectory::Missing::create, *random, clock).value();
    signer = make_ed25519_signer(*keys);
    anchors = make_anchor_file(path("audit.anchor"));
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_ / name).string();
  }

  void record(Running& server, int count = 1) {
    for (int i = 0; i < count; ++i) {
      clock.advance(1ms);
      auto event = server.audit_log.draft(
          Action::upload,
          Client{.ip_address = IpAddress::parse("192.0.2.7"), .user_agent = "test/1"});
      event.user = "anna";
      event.resource = "/anna/" + std::to_string(clock.now().microseconds);
      event.error_message = "none";
      event.details = JsonObject{}.add("file_size", 5).add("mime_type", "text/plain").str();
      REQUIRE(server.audit_log.record(std::move(event)));
    }
  }

  /// In one transaction.
  void record_together(Running& server, int count) {
    const auto event = [&] {
      clock.advance(1ms);
      return server.audit_log.draft(Action::upload,
                                    Client{.ip_address = IpAddress::parse("192.0.2.7")});
    };
    AuditEvents events{event()};
    for (int i = 1; i < count; ++i) events += event();
    REQUIRE(
        server.database->write([&](WriteTransaction&) -> Result<AuditEvents> { return events; }));
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

  void edit(const std::string& sql) { store->edit(sql); }

  VerifyReport verify(Database& database) {
    auto report = verify_trail(database, *signer, *digester, anchors->newest().value(),
                               MissingAnchor::finding);
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

  std::unique_ptr<TamperedStore> store;
  ManualClock clock;
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::unique_ptr<Digester> digester = make_openssl_digester();
  std::unique_ptr<KeyDirectory> keys;
  std::unique_ptr<SealSigner> signer;
  std::unique_ptr<AnchorLog> anchors;

 private:
  std::filesystem::path directory_;
};

class OwnDirectory {
 protected:
  const TemporaryDirectory own_;
};

/// In a directory of its own, with the events of `fill`.
class FilledInstallation : OwnDirectory, public Installation {
 public:
  explicit FilledInstallation(const MakeStore& make)
      : Installation(own_.path(), make(own_.path())) {
    fill();
  }
};

/// "kind seal/event", "-" where a problem names none.
inline std::set<std::string> findings(const VerifyReport& report) {
  std::set<std::string> found;
  for (const auto& problem : report.problems) {
    found.insert(std::string{to_string(problem.kind)} + ' ' +
                 (problem.seal ? std::to_string(problem.seal->value) : "-") + '/' +
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

inline std::string slipped_in(const std::string& id, const std::string& timestamp) {
  return "insert into audit_logs (id, timestamp, event_type, action, success, details) values (" +
         id + ", " + timestamp + ", 'SECURITY', 'login_success', true, '{}');";
}

inline const std::string kZeros(64, '0');

/// What the clock of an installation says at first.
inline const std::string kNow = std::to_string(ManualClock{}.now().microseconds);

inline std::vector<Tampering> tamperings() {
  const std::string at_15 = " where id = 15";
  return {
      {"the id",
       "update audit_logs set id = 1015" + at_15,
       {"event_missing 2/15", "event_unsealed -/1015"}},
      {"the time",
       "update audit_logs set timestamp = timestamp + 1" + at_15,
       {"event_changed 2/15"}},
      {"the type", "update audit_logs set event_type = 'SECURITY'" + at_15, {"event_changed 2/15"}},
      {"the type, into none",
       "update audit_logs set event_type = 'NOTHING'" + at_15,
       {"event_changed 2/15"}},
      {"the action", "update audit_logs set action = 'download'" + at_15, {"event_changed 2/15"}},
      {"the user", "update audit_logs set \"user\" = 'bob'" + at_15, {"event_changed 2/15"}},
      {"the user, away", "update audit_logs set \"user\" = null" + at_15, {"event_changed 2/15"}},
      {"the resource",
       "update audit_logs set resource = resource || 'x'" + at_15,
       {"event_changed 2/15"}},
      {"the success", "update audit_logs set success = false" + at_15, {"event_changed 2/15"}},
      {"the error message",
       "update audit_logs set error_message = ''" + at_15,
       {"event_changed 2/15"}},
      {"the details",
       "update audit_logs set details = replace(details, '5', '6')" + at_15,
       {"event_changed 2/15"}},
      {"the details, written another way",
       "update audit_logs set details = replace(details, ':', ': ')" + at_15,
       {"event_changed 2/15"}},
      {"the details, into no JSON",
       "update audit_logs set details = 'x'" + at_15,
       {"event_changed 2/15"}},
      {"the address",
       "update audit_logs set ip_address = '192.0.2.8'" + at_15,
       {"event_changed 2/15"}},
      {"the user agent", "update audit_logs set user_agent = null" + at_15, {"event_changed 2/15"}},
      {"every user",
       "update audit_logs set \"user\" = 'bob' where id between 11 and 20 and id % 5 = 0",
       {"event_changed 2/15", "event_changed 2/20"}},

      {"the first row gone", "delete from audit_logs where id = 1", {"event_missing 1/1"}},
      {"a middle row gone", "delete from audit_logs where id = 15", {"event_missing 2/15"}},
      {"the last row gone", "delete from audit_logs where id = 40", {"event_missing 4/40"}},
      {"the first row and its leaf gone",
       "delete from audit_logs where id = 1; delete from audit_leaves where event_id = 1",
       {"event_missing 1/-"}},
      {"a middle row and its leaf gone",
       "delete from audit_logs where id = 15; delete from audit_leaves where event_id = 15",
       {"event_missing 2/-"}},
      {"the last row and its leaf gone",
       "delete from audit_logs where id = 40; delete from audit_leaves where event_id = 40",
       {"event_missing 4/-"}},
      {"everything gone but the seals",
       "delete from audit_logs; delete from audit_leaves",
       {"event_missing 1/-"}},
      {"pruned without a record",
       "delete from audit_logs where id <= 20; delete from audit_leaves where sequence <= 20",
       {"event_missing 1/-"}},
      {"pruned with a forged record",
       "delete from audit_logs where id <= 20; delete from audit_leaves where sequence <= 20;"
       "insert into audit_prunes select 2, 20, 20, sealed_at, key_id, signature from audit_seals "
       "where number = 2",
       {"prune_unproven 2/-", "event_missing 1/-"}},
      {"pruned with a record that nobody can read",
       "delete from audit_logs where id <= 20; delete from audit_leaves where sequence <= 20; "
       "insert into audit_prunes values (2, 20, 20, 1, 'k', 'x')",
       {"prune_unproven -/-", "event_missing 1/-"}},

      {"two rows in each other's place",
       "update audit_logs set id = -1 where id = 15; update audit_logs set id = 15 where id = 16; "
       "update audit_logs set id = 16 where id = -1",
       {"event_changed 2/15", "event_changed 2/16"}},
      {"two rows' times swapped",
       "update audit_logs set timestamp = timestamp + case id when 15 then 1000 else -1000 end "
       "where id in (15, 16)",
       {"event_changed 2/15", "event_changed 2/16"}},
      {"two leaves swapped",
       "update audit_leaves set event_id = -1 where sequence = 15; update audit_leaves set "
       "event_id = 15 where sequence = 16;"
       "update audit_leaves set event_id = 16 where sequence = 15",
       {"event_changed 2/15", "event_changed 2/16"}},

      {"a row slipped in", slipped_in("500", "1764000000000000"), {"event_unsealed -/500"}},
      {"a row slipped in, from the future",
       slipped_in("500", "9764000000000000"),
       {"event_unsealed -/500"}},
      {"a row slipped in, from the end of time",
       slipped_in("500", "9223372036854775807"),
       {"event_unsealed -/500"}},
      {"a row slipped in before the first",
       slipped_in("-5", "1764000000000000"),
       {"event_unsealed -/-5"}},
      {"a row slipped in that nobody can read",
       "insert into audit_logs (id, timestamp, event_type, action, success) values (500, 1, "
       "'NOTHING', 'x', true)",
       {"event_unsealed -/500"}},
      {"a row slipped in with the id 0",
       slipped_in("0", "1764000000000000"),
       {"event_unsealed -/0"}},
      {"a row slipped in a moment ago", slipped_in("500", kNow), {"event_unsealed -/500"}},
      {"a row slipped in with a tag that no key of ours made",
       slipped_in("500", kNow) +
           "insert into audit_tags (event_id, writer, number, settled, sealed, mac) values (500, "
           "'x', 1, 1, 0, '" +
           kZeros + "')",
       {"bad_tag -/500"}},
      {"a row slipped in with a tag that nobody can read",
       slipped_in("500", kNow) + "insert into audit_tags (event_id, writer, number, settled, "
                                 "sealed, mac) values (500, '', -1, 9, 9, 'x')",
       {"bad_tag -/500"}},
      {"a tag of no event",
       "insert into audit_tags (event_id, writer, number, settled, sealed, mac) values (500, 'x', "
       "1, 1, 0, '" +
           kZeros + "')",
       {"event_missing -/500"}},
      {"a row slipped in with a leaf after the last",
       slipped_in("500", "1764000000000000") + "insert into audit_leaves values (41, 500, '" +
           kZeros + "')",
       {"sequence_gap -/500"}},
      {"a row slipped in with a leaf that nobody can read",
       slipped_in("500", "1764000000000000") + "insert into audit_leaves values (41, 500, 'x')",
       {"sequence_gap -/-"}},
      {"a row slipped in with a leaf before the first",
       slipped_in("500", "1764000000000000") + "insert into audit_leaves values (-7, 500, '" +
           kZeros + "')",
       {"sequence_gap 1/500"}},
      {"a row in another's place",
       slipped_in("500", "1764000000000000") +
           "update audit_leaves set event_id = 500 where sequence = 15",
       {"event_changed 2/500", "event_unsealed -/15"}},

      {"a leaf",
       "update audit_leaves set leaf = '" + kZeros + "' where sequence = 15",
       {"leaf_mismatch 2/15"}},
      {"a leaf, into none",
       "update audit_leaves set leaf = 'x' where sequence = 15",
       {"event_changed 2/-"}},
      {"a leaf gone",
       "delete from audit_leaves where sequence = 15",
       {"event_missing 2/-", "event_unsealed -/15"}},
      {"all leaves of a seal gone",
       "delete from audit_leaves where sequence between 11 and 12",
       {"event_missing 2/-", "event_unsealed -/11", "event_unsealed -/12"}},

      {"a seal gone",
       "delete from audit_seals where number = 2",
       {"seal_missing 2/-", "sequence_gap 3/11"}},
      {"the first seal gone",
       "delete from audit_seals where number = 1",
       {"seal_missing 1/-", "sequence_gap 2/1"}},
      {"a seal and its events gone",
       "delete from audit_seals where number = 2; delete from audit_logs where id between 11 and "
       "20; delete from audit_leaves where sequence between 11 and 20",
       {"seal_missing 2/-"}},
      {"the newest seal gone",
       "delete from audit_seals where number = 4",
       {"tail_missing 4/-", "sequence_gap -/31"}},
      {"a cut tail",
       "delete from audit_seals where number = 4; delete from audit_logs where id > 30; delete "
       "from audit_leaves where sequence > 30",
       {"tail_missing 4/-"}},
      {"everything gone",
       "delete from audit_seals; delete from audit_logs; delete from audit_leaves",
       {"tail_missing 4/-"}},
      {"a seal's root",
       "update audit_seals set root = '" + kZeros + "' where number = 2",
       {"bad_signature 2/-", "root_mismatch 2/-", "chain_broken 3/-"}},
      {"a seal's root, into none",
       "update audit_seals set root = 'x' where number = 2",
       {"seal_unreadable 2/-", "seal_missing 2/-", "sequence_gap 3/11"}},
      {"a seal's previous",
       "update audit_seals set previous = '" + kZeros + "' where number = 2",
       {"bad_signature 2/-", "chain_broken 2/-", "chain_broken 3/-"}},
      {"a seal's bounds",
       "update audit_seals set last_sequence = 1000 where number = 2",
       {"bad_signature 2/-", "count_mismatch 2/-", "chain_broken 3/-", "sequence_gap 3/-"}},
      {"a seal's count",
       "update audit_seals set count = 9 where number = 2",
       {"bad_signature 2/-", "count_mismatch 2/-", "chain_broken 3/-"}},
      {"a seal's time",
       "update audit_seals set sealed_at = sealed_at + 1 where number = 4",
       {"bad_signature 4/-", "anchor_mismatch 4/-"}},
      {"a seal's mark",
       "update audit_seals set recovered = true where number = 2",
       {"bad_signature 2/-", "chain_broken 3/-"}},
      {"a seal's key",
       "update audit_seals set key_id = '0123456789abcdef' where number = 4",
       {"unknown_key 4/-", "anchor_mismatch 4/-"}},
      {"a seal's signature",
       "update audit_seals set signature = '" + kZeros + kZeros + "' where number = 2",
       {"bad_signature 2/-", "chain_broken 3/-"}},
      {"a seal's number",
       "update audit_seals set number = 400 where number = 4",
       {"seal_missing 4/-", "bad_signature 400/-"}},
  };
}

} // namespace baluhost::test
