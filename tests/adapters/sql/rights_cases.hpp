#pragma once

#include "sql/rights_scene.hpp"

#include <barrier>
#include <functional>
#include <string>
#include <thread>
#include <vector>

// Who may do what at the end of a use case, while another one takes it away. The record decides:
// events get their ids under the locks that a transaction holds until it commits, so a success of
// somebody whose right, session or account had ended before it has an id after that of the end.
namespace baluhost::test {

/// What a use case needs until its end, and what another one takes away.
enum Needs : unsigned {
  nothing = 0,
  guests_account = 1,
  guests_session = 2,
  guests_grant = 4,
  guests_password = 8,
  chiefs_account = 16,
  chiefs_role = 32,
};

struct UseCase {
  std::string name;
  Action action;      ///< of its success
  std::string object; ///< how that event's resource ends
  std::function<Result<void>(Scene&)> run;
  unsigned needs{nothing};
  unsigned takes{nothing};
  std::function<void(Scene&)> prepare{};
};

template <class T>
Result<void> done(const Result<T>& result) {
  if (!result) return result.error();
  return {};
}

inline std::vector<UseCase> use_cases() {
  using S = Scene&;
  const unsigned guest = guests_account | guests_session;
  const unsigned guest_there = guest | guests_grant;
  const unsigned chief = chiefs_account | chiefs_role;
  const auto update = [](Scene& s, const Principal& who, const Person& whom, UpdateUser request) {
    return done(s.host.users.update(who, whom.username(), request));
  };
  return {
      // By who has been granted all rights.
      {"put", Action::upload, "/put", [](S s) { return s.put(s.guest.session, s.at("/put")); },
       guest_there},
      {"replace", Action::upload, "/f", [](S s) { return s.put(s.guest.session, s.at("/f")); },
       guest_there},
      {"move", Action::rename, "/moved",
       [](S s) {
         return done(
             s.host.files.move(s.guest.session, s.at("/f"), s.at("/moved"), Overwrite::yes));
       },
       guest_there},
      {"copy", Action::copy, "/copied",
       [](S s) {
         return done(
             s.host.files.copy(s.guest.session, s.at("/f"), s.at("/copied"), Overwrite::yes));
       },
       guest_there},
      {"take away", Action::move, "/taken",
       [](S s) {
         return done(s.host.files.move(s.guest.session, s.at("/f"),
                                       path("/" + s.guest.name + "/taken"), Overwrite::yes));
       },
       guest_there},
      {"delete", Action::remove, "/r",
       [](S s) { return s.host.files.remove(s.guest.session, s.at("/r"), Recursive::no, {}); },
       guest_there},
      {"make a directory", Action::create_directory, "/made",
       [](S s) {
         return done(
             s.host.files.make_directory(s.guest.session, s.at("/made"), MissingParents::refuse));
       },
       guest_there},
      {"share", Action::permission_granted, "/f",
       [](S s) {
         return done(s.host.grants.put(s.guest.session, s.at("/f"), s.other(), Right::read));
       },
       guest_there},
      {"unshare", Action::permission_revoked, "/d",
       [](S s) { return s.host.grants.remove(s.guest.session, s.at("/d"), s.other()); },
       guest_there},
      {"begin a resumable upload", Action::access_denied, "none",
       [](S s) {
         return done(
             s.host.uploads.create(s.guest.session, {.target = s.at("/begun"), .length = 9}));
       },
       guest_there},
      {"finish a resumable upload", Action::upload, "/finished",
       [](S s) { return s.finish(s.guest.session, *s.guests_upload); }, guest_there, nothing,
       [](S s) { s.guests_upload = s.pending(s.guest.session, "/finished"); }},
      {"end a resumable upload", Action::access_denied, "none",
       [](S s) { return s.host.uploads.terminate(s.guest.session, *s.third_upload); }, guest,
       nothing, [](S s) { s.third_upload = s.pending(s.guest.session, "/ended"); }},
      // By who owns an account.
      {"put at home", Action::upload, "/own",
       [](S s) { return s.put(s.guest.session, path("/" + s.guest.name + "/own")); }, guest},
      {"change the password", Action::password_changed, "",
       [](S s) {
         return s.host.auth.change_password(s.guest.session, Secret{kOldPassword},
                                            Secret{"a brand new one 5"});
       },
       guest | guests_password, guests_password},
      {"change the password elsewhere", Action::password_changed, "",
       [](S s) -> Result<void> {
         BALUHOST_TRY(const auto login,
                      s.host.auth.login(s.guest.name, Secret{kOldPassword}, kClient));
         BALUHOST_TRY(const auto session,
                      s.host.auth.authenticate(login.access.text.reveal(), kClient));
         return s.host.auth.change_password(session, Secret{kOldPassword},
                                            Secret{"another new one 6"});
       },
       guests_account | guests_password, guests_password | guests_session},
      {"log in", Action::login_success, "",
       [](S s) { return done(s.host.auth.login(s.guest.name, Secret{kOldPassword}, kClient)); },
       guests_account | guests_password},
      {"refresh", Action::token_refresh, "",
       [](S s) { return done(s.host.auth.refresh(s.guest.refresh_token, kClient)); }, guest},
      {"log out", Action::logout, "", [](S s) { return s.host.sessions.logout(s.guest.session); },
       guest, guests_session},
      {"log out everywhere", Action::logout_all, "",
       [](S s) { return s.host.sessions.logout_all(s.guest.session); }, guest, guests_session},
      {"end another session", Action::session_revoked, "",
       [](S s) { return s.host.sessions.revoke(s.guest.session, *s.second_session); }, guest,
       nothing,
       [](S s) {
         s.second_session =
             value(s.host.auth.login(s.guest.name, Secret{kOldPassword}, kClient)).session;
       }},
      // By an administrator.
      {"put as admin", Action::upload, "/admins",
       [](S s) { return s.put(s.chief.session, s.at("/admins")); }, chief},
      {"move as admin", Action::rename, "/by-admin",
       [](S s) {
         return done(
             s.host.files.move(s.chief.session, s.at("/f"), s.at("/by-admin"), Overwrite::yes));
       },
       chief},
      {"delete as admin", Action::remove, "/r",
       [](S s) { return s.host.files.remove(s.chief.session, s.at("/r"), Recursive::no, {}); },
       chief},
      {"grant as admin", Action::permission_granted, "/r",
       [](S s) {
         return done(s.host.grants.put(s.chief.session, s.at("/r"), s.other(), Right::read));
       },
       chief},
      {"finish a resumable upload as admin", Action::upload, "/resumed",
       [](S s) { return s.finish(s.chief.session, *s.chiefs_upload); }, chief, nothing,
       [](S s) { s.chiefs_upload = s.pending(s.chief.session, "/resumed"); }},
      {"make a user", Action::user_created, "",
       [](S s) {
         return done(s.host.users.create(s.chief.session,
                                         {.username = value(Username::parse(s.chief.name + ".x")),
                                          .password = Secret{kOldPassword}}));
       },
       chief},
      {"disable", Action::user_disabled, "",
       [=](S s) { return update(s, s.chief.session, s.guest, {.enabled = false}); }, chief,
       guests_account | guests_session},
      {"set a password", Action::password_changed, "",
       [=](S s) {
         return update(s, s.chief.session, s.guest, {.password = Secret{"set by the admin 7"}});
       },
       chief, guests_session | guests_password},
      {"end a session", Action::session_revoked, "",
       [](S s) { return s.host.sessions.revoke_any(s.chief.session, *s.guest.session.session()); },
       chief, guests_session},
      {"end all sessions", Action::logout_all, "",
       [](S s) { return done(s.host.sessions.revoke_all_of(s.chief.session, s.guest.username())); },
       chief, guests_session},
      {"delete the guest", Action::user_deleted, "",
       [](S s) { return s.host.users.remove(s.chief.session, s.guest.username(), Purge::yes); },
       chief, guests_account | guests_session | guests_grant},
      // By those who take it away.
      {"revoke", Action::permission_revoked, "",
       [](S s) { return s.host.grants.remove(s.host.operator_, s.at(""), s.guest.username()); },
       nothing, guests_grant},
      {"lower", Action::permission_granted, "",
       [](S s) {
         return done(
             s.host.grants.put(s.host.operator_, s.at(""), s.guest.username(), Right::read));
       },
       nothing, guests_grant},
      {"demote", Action::role_changed, "",
       [=](S s) { return update(s, s.host.operator_, s.chief, {.role = Role::user}); }, nothing,
       chiefs_role},
      {"disable the admin", Action::user_disabled, "",
       [=](S s) { return update(s, s.host.operator_, s.chief, {.enabled = false}); }, nothing,
       chiefs_account},
      {"delete the admin", Action::user_deleted, "",
       [](S s) { return s.host.users.remove(s.host.operator_, s.chief.username(), Purge::no); },
       nothing, chiefs_account},
      {"delete the owner", Action::user_deleted, "",
       [](S s) { return s.host.users.remove(s.host.operator_, s.owner.username, Purge::yes); },
       nothing, guests_grant},
  };
}

/// The event of a success, if it is among `events`.
inline const AuditEvent* success_of(const UseCase& use, const Scene& scene,
                                    const std::vector<AuditEvent>& events) {
  for (const auto& event : events) {
    if (!event.success || event.action != to_string(use.action)) continue;
    if (!event.resource.value_or("").ends_with(use.object)) continue;
    const bool by_guest = use.needs & (guests_account | guests_session);
    const bool by_chief = use.needs & (chiefs_account | chiefs_role);
    if (by_guest && event.user != scene.guest.name) continue;
    if (by_chief && event.user != scene.chief.name) continue;
    if (!by_guest && !by_chief &&
        (event.user == scene.guest.name || event.user == scene.chief.name))
      continue;
    return &event;
  }
  return nullptr;
}

inline std::vector<AuditEvent> events_after(Database& database, EventId id) {
  std::vector<AuditEvent> events;
  value(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(events, tx.audit().since(id, 100'000));
    return {};
  }));
  return events;
}

/// What is wrong after `first` and `second` ran at the same time; empty if nothing is.
inline std::string verdict(const UseCase& first, const UseCase& second, Scene& scene,
                           const std::vector<AuditEvent>& events) {
  const auto* a = success_of(first, scene, events);
  const auto* b = success_of(second, scene, events);
  const auto late = [](const UseCase& use, const AuditEvent* did, const UseCase& end,
                       const AuditEvent* ended) {
    return did != nullptr && ended != nullptr && (use.needs & end.takes) != 0 &&
           ended->id < did->id;
  };
  // Two of one kind have one event each to look at; what they take from each other shows below.
  if (&first != &second) {
    if (late(first, a, second, b)) return "went on after \"" + second.name + '"';
    if (late(second, b, first, a)) return "\"" + second.name + "\" went on after it";
  }
  std::string wrong;
  value(scene.host.database.read([&](ReadTransaction& tx) -> Result<void> {
    for (const auto id : {scene.guest.id, scene.chief.id, scene.owner.id}) {
      BALUHOST_TRY(const auto user, tx.users().find(id));
      if (!user) continue;
      BALUHOST_TRY(const auto home, tx.files().resolve(path("/" + user->username.str())));
      if (!home.complete) {
        wrong += user->username.str() + " has no home; ";
        continue;
      }
      BALUHOST_TRY(const auto totals, tx.files().totals(home.found.back().id));
      if (totals.bytes != user->used_bytes || totals.files != user->file_count)
        wrong += "the usage is wrong; ";
      BALUHOST_TRY(const auto sessions,
                   tx.sessions().list(id, scene.host.clock.now(), std::nullopt, 100));
      if (!user->enabled && !sessions.empty()) wrong += "a disabled user has sessions; ";
    }
    return {};
  }));
  int changes = 0;
  for (const auto& event : events) {
    changes += event.success && event.action == to_string(Action::password_changed) &&
               event.user == scene.guest.name;
  }
  if (changes > 1) wrong += "two changed one old password; ";
  return wrong;
}

/// Two that take nothing away and do not meet in a session: the guest beside himself shows as much.
inline bool is_the_same_again(const UseCase& first, const UseCase& second) {
  const auto is_chiefs = [](const UseCase& use) {
    return (use.needs & (chiefs_account | chiefs_role)) != 0;
  };
  return first.takes == nothing && second.takes == nothing && is_chiefs(first) != is_chiefs(second);
}

/// Every pair of use cases that meet at a user, a session or a path, at the same moment, once each.
inline void race_each_pair(Database& database) {
  Host host(database);
  const auto uses = use_cases();
  int number = 0;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    for (std::size_t j = i; j < uses.size(); ++j) {
      if (is_the_same_again(uses[i], uses[j])) continue;
      Scene scene(host, ++number);
      for (const auto* use : {&uses[i], &uses[j]}) {
        if (use->prepare) use->prepare(scene);
      }
      EventId before;
      value(database.read([&](ReadTransaction& tx) -> Result<void> {
        BALUHOST_TRY(before, tx.audit().newest());
        return {};
      }));
      std::barrier start(2);
      std::vector<Result<void>> results(2, Result<void>{});
      const auto run = [&](const UseCase& use, Result<void>& result) {
        start.arrive_and_wait();
        result = use.run(scene);
      };
      std::thread other([&] { run(uses[j], results[1]); });
      run(uses[i], results[0]);
      other.join();

      INFO(uses[i].name << " beside " << uses[j].name);
      for (const auto& result : results) {
        if (result) continue;
        INFO(result.error().detail);
        CHECK(result.error().code != Errc::internal);
        CHECK(result.error().code != Errc::unavailable);
      }
      CHECK(verdict(uses[i], uses[j], scene, events_after(database, before)) == "");
    }
  }
}

} // namespace baluhost::test
