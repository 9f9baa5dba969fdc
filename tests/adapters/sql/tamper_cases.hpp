#pragma once

#include "baluhost/ports/transactions.hpp"
#include "sql/tamper_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

// The cases themselves, the same for every database.
namespace baluhost::test {

/// The store of an installation in a directory: asked twice for one directory, it is one database.
/// An untouched database verifies.
inline void untouched_verifies(const MakeStore& make) {
  FilledInstallation home(make);
  const auto report = home.verify();
  CHECK(findings(report).empty());
  CHECK(report.events == 40);
  CHECK(report.seals == 4);
  CHECK(report.unsealed == 0);
}

/// Every kind of change to a stopped database is found and named.
inline void every_change_is_found(const MakeStore& make,
                                  const std::vector<Tampering>& changes = tamperings()) {
  FilledInstallation home(make);
  home.store->keep();
  home.clock.advance(2h);
  for (const auto& tampering : changes) {
    INFO(tampering.what);
    home.store->put_back();
    home.edit(tampering.sql);
    CHECK(findings(home.verify()) == tampering.found);
  }
  home.store->put_back();
  CHECK(findings(home.verify()).empty());
}

/// The leaf that an event has as it stands.
inline std::string leaf_now(const Installation& home, Installation::Running& server, EventId id) {
  const auto event =
      query(*server.database, [&](ReadTransaction& tx) { return tx.audit().find(id); });
  REQUIRE(event);
  return home.digester->sha256(canonical_encoding(event->value())).hex();
}

/// An event changed with its leaf and everything signed again with another key is found.
inline void another_key_is_found(const MakeStore& make) {
  FilledInstallation home(make);
  const TemporaryDirectory elsewhere;
  Installation forger(elsewhere.path(), make(elsewhere.path()));
  auto seals = home.seals();
  {
    Installation::Running server(home);
    home.edit("update audit_logs set \"user\" = 'bob' where id = 35");
    home.edit("update audit_leaves set leaf = '" + leaf_now(home, server, EventId{35}) +
              "' where event_id = 35");
  }
  CHECK(findings(home.verify()) == Findings{"root_mismatch 4/-"});

  auto seal = seals.back();
  seal.key_id = forger.signer->sign("").value().key_id;
  SECTION("named as what it is") {}
  SECTION("or passed off as ours") { seal.key_id = seals.back().key_id; }
  const auto signature = forger.signer->sign(signed_bytes(seal)).value().signature;
  home.edit("update audit_seals set key_id = '" + seal.key_id + "', signature = '" +
            to_hex(signature) + "' where number = 4");
  const auto kind = seal.key_id == seals.back().key_id ? "bad_signature 4/-" : "unknown_key 4/-";
  CHECK(findings(home.verify()) == Findings{kind, "root_mismatch 4/-", "anchor_mismatch 4/-"});
}

/// Yesterday's copy put back is found, also when it went on since.
inline void old_copy_is_found(const MakeStore& make) {
  FilledInstallation home(make);
  home.store->keep();
  {
    Installation::Running server(home);
    home.record(server, 5);
    REQUIRE(server.sealer.seal_now());
  }
  home.store->put_back();
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

/// A lost anchor is a finding.
inline void lost_anchor_is_found(const MakeStore& make) {
  FilledInstallation home(make);
  std::filesystem::remove(home.path("audit.anchor"));
  CHECK(findings(home.verify()) == Findings{"anchor_missing -/-"});
}

/// A row changed behind a running server gets no seal that fits it.
inline void change_behind_a_running_server_is_found(const MakeStore& make) {
  FilledInstallation home(make);
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
  SECTION("edited when it was sealed") {
    REQUIRE(server.sealer.seal_now());
    home.edit("update audit_logs set \"user\" = 'bob' where id = 42");
    CHECK(findings(home.verify(*server.database)) == Findings{"event_changed 5/42"});
  }
  SECTION("slipped in: it is a finding at once, and stays unsealed") {
    home.edit(slipped_in("500", std::to_string(home.clock.now().microseconds)));
    REQUIRE(server.sealer.seal_now());
    CHECK(home.verify(*server.database).unsealed == 1);
    CHECK(findings(home.verify(*server.database)) == Findings{"event_unsealed -/500"});
  }
}

/// An event that was sealed once is not sealed again when its leaf is gone, nor one slipped in
/// among them.
inline void sealed_once_is_not_sealed_again(const MakeStore& make) {
  FilledInstallation home(make);
  {
    Installation::Running server(home);
    REQUIRE(server.sealer.note_progress(home.clock.now()));
  }
  home.edit("delete from audit_leaves where sequence = 15; delete from audit_logs where id = 25;" +
            slipped_in("25", "1764000000000000"));
  home.edit("delete from audit_leaves where sequence = 25");
  Installation::Running server(home);
  CHECK(server.sealer.recover_and_search(home.clock.now()).value().events == 0);
  CHECK(findings(home.verify(*server.database)) ==
        Findings{"event_missing 2/-", "event_missing 3/-", "event_unsealed -/15",
                 "event_unsealed -/25"});
}

/// Rows that somebody put where the next seal would stand stop neither a start nor a seal: they are
/// findings.
inline void rows_in_the_way_are_found(const MakeStore& make) {
  FilledInstallation home(make);
  home.store->keep();
  std::filesystem::copy_file(home.path("audit.anchor"), home.path("kept.anchor"));
  const std::string seal_row = "insert into audit_seals values (";
  for (const auto& sql : std::vector<std::string>{
           "insert into audit_leaves values (41, 41, '" + kZeros + "')",
           "insert into audit_leaves values (41, 4000, 'x')",
           "insert into audit_leaves values (-7, 42, '" + kZeros + "')",
           "insert into audit_leaves values (9223372036854775807, 41, 'x'), (42, 42, 'y')",
           seal_row + "5, 41, 42, 2, 'x', 'y', 1, false, 'k', 'z')",
           seal_row + "9223372036854775807, 41, 42, 2, '" + kZeros + "', '" + kZeros +
               "', 1, false, 'k', '00')",
           seal_row + "5, 41, 9223372036854775807, 7, '" + kZeros + "', '" + kZeros +
               "', 1, false, 'k', '00')",
       }) {
    for (const bool while_running : {false, true}) {
      INFO(sql << (while_running ? ", behind a running server" : ""));
      home.store->put_back();
      std::filesystem::copy_file(home.path("kept.anchor"), home.path("audit.anchor"),
                                 std::filesystem::copy_options::overwrite_existing);
      if (!while_running) home.edit(sql);
      Installation::Running server(home);
      TransferJournal journal{*server.database, home.clock, InstanceId{"next"},
                              DownloadRecording::before};
      Lifecycle lifecycle(*server.database, server.audit_log, server.sealer, *home.signer, journal,
                          home.clock, InstanceId{"next"});
      home.record(server, 2);
      if (while_running) home.edit(sql);
      REQUIRE(lifecycle.started(OtherServers::none, "1"));
      const auto found = lifecycle.take_findings();
      REQUIRE_FALSE(found.empty());
      CHECK(found.front().kind == ProblemKind::row_forged);
      REQUIRE(lifecycle.stopped());
      CHECK(server.sealer.unsealed() == 0);
      CHECK_FALSE(server.sealer.trouble());
      const auto report = home.verify(*server.database);
      CHECK(findings(report).empty());
      CHECK(report.events == 45); // two of anna's, the start, the recovery and the stop
    }
  }
}

/// A row that stands where the tag of the next event will does not keep that event out.
inline void tag_in_the_way_is_replaced(const MakeStore& make) {
  FilledInstallation home(make);
  home.edit(
      "insert into audit_tags (event_id, writer, number, settled, sealed, mac) values (41, 'x', 1, "
      "1, 0, 'x'), (42, 'x', 2, 1, 0, 'x')");
  Installation::Running server(home);
  home.record(server, 3);
  CHECK(findings(home.verify(*server.database)).empty());
  REQUIRE(server.sealer.seal_now());
  CHECK(findings(home.verify(*server.database)).empty());
}

/// A key rotated in between changes nothing for the verifier.
inline void rotated_key_verifies(const MakeStore& make) {
  FilledInstallation home(make);
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
  const auto report = verify_trail(*server.database, *public_keys, *home.digester,
                                   home.anchors->newest().value(), MissingAnchor::finding);
  CHECK(findings(*report).empty());
}

/// What a prune leaves verifies on the real database.
inline void pruned_verifies(const MakeStore& make) {
  FilledInstallation home(make);
  {
    Installation::Running server(home);
    home.record(server, 3);
    REQUIRE(server.sealer.seal_now());
    const auto result = prune_trail(*server.database, server.audit_log, *home.signer, home.clock,
                                    nullptr, home.clock.now() - 30min);
    CHECK(result->events == 40);
  }
  CHECK(findings(home.verify()).empty());
  home.store->keep();
  // Where the events of a seal are gone, nothing can say that one was among them.
  home.edit(slipped_in("40", "1764000000000000") + "insert into audit_leaves values (40, 40, '" +
            kZeros + "')");
  CHECK(findings(home.verify()) == Findings{"event_changed 4/40", "event_missing 4/-"});
  const auto leaf = [&] {
    Installation::Running server(home);
    return leaf_now(home, server, EventId{40});
  }();
  home.edit("update audit_leaves set leaf = '" + leaf + "' where sequence = 40");
  CHECK(findings(home.verify()) == Findings{"event_missing 4/-"});
  home.store->put_back();
  home.edit("delete from audit_prunes");
  CHECK(findings(home.verify()) == Findings{"event_missing 1/-"});
}

/// A server that records and seals as fast as it can, and says so with a byte for each event, until
/// it is killed.
[[noreturn]] inline void run_until_killed(const MakeStore& make,
                                          const std::filesystem::path& directory, int out) {
  Installation home(directory, make(directory));
  Installation::Running server(home);
  server.sealer.start();
  for (int i = 0;; ++i) {
    home.clock.advance(1ms);
    if (!server.audit_log.record(server.audit_log.draft(Action::login_success)) ||
        write(out, "x", 1) != 1)
      _exit(1);
    if (i % 7 == 0 && !server.sealer.seal_now()) _exit(1);
  }
}

/// A server killed while it seals leaves a trail that verifies after recovery, with every event
/// that it answered for.
inline void killed_while_sealing_verifies(const MakeStore& make) {
  const TemporaryDirectory directory;
  make(directory.path()); // before there are two of us
  std::int64_t answered = 0;
  for (const int after : {1, 20, 57, 100, 163}) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const auto child = fork();
    REQUIRE(child >= 0);
    if (child == 0) run_until_killed(make, directory.path(), ends[1]);
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

    Installation home(directory.path(), make(directory.path()));
    home.store->settle();
    home.clock.advance(1h);
    Installation::Running server(home);
    REQUIRE(server.sealer.recover(home.clock.now()));
    const auto report = home.verify(*server.database);
    CHECK(findings(report) == Findings{});
    CHECK(report.unsealed == 0);
    CHECK(report.events >= answered);
  }
}

} // namespace baluhost::test
