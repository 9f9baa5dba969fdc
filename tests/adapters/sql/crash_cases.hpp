#pragma once

#include "sql/tamper_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

// What somebody does to the database between a crash and the next start.
namespace baluhost::test {

using Write = std::function<void(Installation&, Installation::Running&)>;

/// A server that has sealed events 41 to 43 and done `write` when it is gone.
inline void crash(const MakeStore& make, const std::filesystem::path& directory,
                  const Write& write) {
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Installation home(directory, make(directory));
    home.clock.advance(2h);
    Installation::Running server(home);
    home.record(server, 3);
    if (!server.sealer.seal_now()) _exit(1);
    write(home, server);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}

/// What is done between a crash and the next start, what a verification then finds, what it finds
/// after the next start, and how many events that start seals.
struct CrashCase {
  std::string what;
  std::string sql;
  Findings before;
  Findings after;
  std::int64_t sealed;
};

/// What is found alike, whether each event has a tag of its own or all of them have one.
inline const std::vector<CrashCase> kCasesOfAnyTag{
    {"nothing", "select 1", {}, {}, 6},
    {"an event edited",
     "update audit_logs set \"user\" = 'bob' where id = 46",
     {"bad_tag -/46"},
     {"event_unsealed -/46"},
     5},
    {"an event gone",
     "delete from audit_logs where id = 46",
     {"event_missing -/46"},
     {"event_missing -/46"},
     5},
};

/// Checks the cases of any tag, and `cases`.
inline void check_crash_cases(const MakeStore& make, const Write& write,
                              std::vector<CrashCase> cases) {
  cases.insert(cases.begin(), kCasesOfAnyTag.begin(), kCasesOfAnyTag.end());
  const TemporaryDirectory directory;
  {
    Installation home(directory.path(), make(directory.path()));
    home.fill();
  }
  crash(make, directory.path(), write);
  Installation home(directory.path(), make(directory.path()));
  home.store->settle();
  home.clock.advance(4h);
  CHECK(home.verify().unsealed == 6);
  home.store->keep();
  for (const auto& change : cases) {
    INFO(change.what);
    home.store->put_back();
    std::filesystem::copy_file(home.path("audit.anchor"), home.path("kept.anchor"),
                               std::filesystem::copy_options::skip_existing);
    std::filesystem::copy_file(home.path("kept.anchor"), home.path("audit.anchor"),
                               std::filesystem::copy_options::overwrite_existing);
    home.edit(change.sql);
    CHECK(findings(home.verify()) == change.before);
    {
      Installation::Running server(home);
      TransferJournal journal{*server.database, home.clock, InstanceId{"next"},
                              DownloadRecording::before};
      Lifecycle lifecycle(*server.database, server.audit_log, server.sealer, *home.signer, journal,
                          home.clock, InstanceId{"next"});
      REQUIRE(lifecycle.started(OtherServers::none, "1"));
      CHECK(lifecycle.take_findings().size() == change.before.size());
      REQUIRE(lifecycle.stopped());
    }
    CHECK(findings(home.verify()) == change.after);
    const auto seals = home.seals();
    CHECK(std::ranges::count_if(seals, &Seal::recovered) == (change.sealed > 0 ? 1 : 0));
    for (const auto& seal : seals) {
      if (seal.recovered) CHECK(seal.count == change.sealed);
    }
    Installation::Running server(home);
    const auto later = home.clock.now() + 1s;
    REQUIRE(server.sealer.conclude(server.sealer.recover_and_search(later).value()));
    CHECK(server.sealer.recover_and_search(later).value().events == 0);
  }
}

/// What a crash left verifies, and is sealed at the next start, but for what somebody altered
/// meanwhile.
inline void altered_behind_a_crash_is_found(const MakeStore& make) {
  const std::string copied =
      "(id, timestamp, event_type, action, \"user\", success, details) select 500,"
      " timestamp, event_type, action, \"user\", success, details from audit_logs where id = 45;";
  const std::vector<CrashCase> cases{
      {"an event gone with its tag",
       "delete from audit_logs where id = 46; delete from audit_tags where event_id = 46",
       {"event_missing -/-"},
       {"event_missing -/-"},
       5},
      {"the first event gone with its tag",
       "delete from audit_logs where id = 44; delete from audit_tags where event_id = 44",
       {"event_missing -/-"},
       {"event_missing -/-"},
       5},
      {"an event gone with its tag, and the mark before it",
       "delete from audit_logs where id = 44; delete from audit_tags where event_id in (43, 44)",
       {"event_missing -/-"},
       {"event_missing -/-"},
       5},
      {"a tag gone",
       "delete from audit_tags where event_id = 46",
       {"event_missing -/-", "event_unsealed -/46"},
       {"event_missing -/-", "event_unsealed -/46"},
       5},
      {"a copy slipped in",
       "insert into audit_logs " + copied,
       {"event_unsealed -/500"},
       {"event_unsealed -/500"},
       6},
      {"a copy slipped in with a copied tag",
       "insert into audit_logs " + copied +
           "insert into audit_tags (event_id, writer, number, settled, sealed, mac) select 500, "
           "writer, number, settled, sealed, mac from "
           "audit_tags where event_id = 45",
       {"bad_tag -/500"},
       {"event_unsealed -/500"},
       6},
      {"a tag with another number",
       "update audit_tags set number = 9 where event_id = 46",
       {"bad_tag -/46", "event_missing -/-"},
       {"event_missing -/-", "event_unsealed -/46"},
       5},
      {"the tail cut, which nothing shows",
       "delete from audit_logs where id > 47; delete from audit_tags where event_id > 47",
       {},
       {},
       4},
  };
  check_crash_cases(
      make, [](Installation& home, Installation::Running& server) { home.record(server, 6); },
      cases);
}

/// The same where one tag vouches for all events of a transaction.
inline void altered_in_a_batch_behind_a_crash_is_found(const MakeStore& make) {
  const std::string unsealed = "event_unsealed -/";
  const Findings all_unsealed{unsealed + "44", unsealed + "45", unsealed + "46",
                              unsealed + "47", unsealed + "48", unsealed + "49"};
  Findings list_unreadable = all_unsealed;
  list_unreadable.erase(unsealed + "44");
  list_unreadable.insert("bad_tag -/44");
  const Findings all_bad{"bad_tag -/44", "bad_tag -/45", "bad_tag -/46",
                         "bad_tag -/47", "bad_tag -/48", "bad_tag -/49"};
  const std::string copied_row =
      "insert into audit_tags (event_id, writer, number, settled, sealed, mac, last_event_id,"
      " events) select 500, writer, number, settled, sealed, mac, ";
  check_crash_cases(
      make,
      [](Installation& home, Installation::Running& server) { home.record_together(server, 6); },
      {
          {"the last event gone",
           "delete from audit_logs where id = 49",
           {"event_missing -/49"},
           {"event_missing -/49"},
           5},
          {"an event slipped in",
           slipped_in("500", kNow),
           {"event_unsealed -/500"},
           {"event_unsealed -/500"},
           6},
          {"the tag gone", "delete from audit_tags where event_id = 44", all_unsealed, all_unsealed,
           0},
          {"the list cut",
           "update audit_tags set events = substr(events, 1, 90) where event_id = 44",
           list_unreadable, all_unsealed, 0},
          {"another last event", "update audit_tags set last_event_id = 50 where event_id = 44",
           list_unreadable, all_unsealed, 0},
          {"no list",
           "update audit_tags set events = null, last_event_id = null where event_id = 44",
           list_unreadable, all_unsealed, 0},
          {"a leaf that is another's",
           "update audit_tags set events = substr(events, 1, 45) || ' 1.' || substr(events, 3, 43) "
           "||"
           " substr(events, 92) where event_id = 44",
           all_bad, all_unsealed, 0},
          {"another number", "update audit_tags set number = 9 where event_id = 44", all_bad,
           all_unsealed, 0},
          {"a copy of the tag for a row slipped in",
           slipped_in("500", kNow) + copied_row +
               "last_event_id, events from audit_tags where event_id = 44",
           {"bad_tag -/500"},
           {"event_unsealed -/500"},
           6},
          {"the list of another tag's events, that no key of ours made",
           copied_row + "505, events from audit_tags where event_id = 44",
           {"event_missing -/500", "event_missing -/501", "event_missing -/502",
            "event_missing -/503", "event_missing -/504", "event_missing -/505"},
           {"event_missing -/500", "event_missing -/501", "event_missing -/502",
            "event_missing -/503", "event_missing -/504", "event_missing -/505"},
           6},
          {"the tail cut, which nothing shows",
           "delete from audit_logs where id > 43; delete from audit_tags where event_id > 43",
           {},
           {},
           0},
      });
}

} // namespace baluhost::test
