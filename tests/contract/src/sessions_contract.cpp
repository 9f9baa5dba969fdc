#include "support.hpp"

#include <algorithm>

namespace baluhost::contract {
namespace {

constexpr std::chrono::hours kWeek{168};

std::optional<SessionState> find(Database& database, int number) {
  return see(database, [&](ReadTransaction& tx) { return tx.sessions().find(session_id(number)); });
}

void insert(Database& database, const Session& session, int refresh) {
  change(database, [&](WriteTransaction& tx) {
    return tx.sessions().insert(session, refresh_hash(refresh));
  });
}

RefreshUse rotate(Database& database, int session, int used, int fresh, Timestamp now) {
  return change(database, [&](WriteTransaction& tx) {
    return tx.sessions().rotate(session_id(session), refresh_hash(used), refresh_hash(fresh), now);
  });
}

std::vector<std::string> ids_of(const std::vector<Session>& sessions) {
  std::vector<std::string> ids;
  for (const auto& session : sessions) ids.push_back(session.id.value);
  return ids;
}

std::vector<std::string> live(Database& database, UserId user, Timestamp now,
                              const std::optional<SessionId>& after = std::nullopt,
                              std::size_t limit = 100) {
  return ids_of(see(
      database, [&](ReadTransaction& tx) { return tx.sessions().list(user, now, after, limit); }));
}

void finding(Database& database, const User& anna) {
  SECTION("a session is found with its user, as it was inserted") {
    auto session = new_session(1, anna.id);
    session.last_used_at = kNow + kTick;
    session.client.ip_address = IpAddress::parse("2001:db8:1111:2222:3333:4444:5555:6666");
    session.client.peer_address = IpAddress::parse("::ffff:192.0.2.1");
    std::string agent;
    for (int i = 0; i < 500; ++i) agent += "\xF0\x9F\x98\x80";
    session.client.user_agent = agent;
    insert(database, session, 1);
    const auto state = find(database, 1);
    REQUIRE(state);
    CHECK(describe(state->session) == describe(session));
    CHECK(describe(state->user) == describe(anna));
  }

  SECTION("a session of a local program has neither address nor user agent") {
    auto session = new_session(1, anna.id);
    session.client = {};
    insert(database, session, 1);
    CHECK(describe(find(database, 1)->session) == describe(session));
  }

  SECTION("an insert that was refused leaves nothing in those that follow") {
    auto refused = new_session(1, UserId{anna.id.value + 1000});
    refused.revoked_at = kNow;
    REQUIRE_FALSE(database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.sessions().insert(refused, refresh_hash(1)));
      return AuditEvents{some_event("/refused")};
    }));
    for (int i = 1; i <= 20; ++i) { // by whichever connection
      auto session = new_session(i, anna.id);
      session.client = {};
      insert(database, session, i);
      CHECK(describe(find(database, i)->session) == describe(session));
    }
  }

  SECTION("a session that is not there is not found, without an error") {
    CHECK_FALSE(find(database, 1));
  }

  SECTION("a session shows its user as the user is now") {
    insert(database, new_session(1, anna.id), 1);
    UserChanges changes;
    changes.role = Role::admin;
    changes.enabled = false;
    change(database,
           [&](WriteTransaction& tx) { return tx.users().update(anna.id, changes, kNow); });
    const auto state = find(database, 1);
    CHECK(state->user.role == Role::admin);
    CHECK_FALSE(state->user.enabled);
    CHECK(state->session.client.user_agent == "contract/1.0");
  }
}

void listing(Database& database, const User& anna) {
  SECTION("list returns the user's sessions that are neither revoked nor expired, newest first") {
    const auto bert = add_user(database, "bert");
    for (const int i : {3, 1, 4, 2, 5}) {
      auto session = new_session(i, anna.id);
      session.created_at = kNow + i * kSecond;
      session.last_used_at = kNow - i * kSecond;
      if (i == 5) session.expires_at = kNow + 100 * kSecond;
      insert(database, session, i);
    }
    insert(database, new_session(6, bert.id), 6);
    change(database,
           [](WriteTransaction& tx) { return tx.sessions().revoke(session_id(2), kNow); });
    const auto ids = [](std::initializer_list<int> numbers) {
      std::vector<std::string> wanted;
      for (const int i : numbers) wanted.push_back(session_id(i).value);
      return wanted;
    };
    CHECK(live(database, anna.id, kNow + 100 * kSecond - kTick) == ids({5, 4, 3, 1}));
    CHECK(live(database, anna.id, kNow + 100 * kSecond) == ids({4, 3, 1}));
    CHECK(live(database, anna.id, kNow + kWeek).empty());
    CHECK(live(database, anna.id, kNow, std::nullopt, 2) == ids({5, 4}));
    CHECK(live(database, anna.id, kNow, session_id(4), 1) == ids({3}));
    CHECK(live(database, anna.id, kNow, session_id(3)) == ids({1}));
    CHECK(live(database, anna.id, kNow, session_id(1)).empty());
  }

  SECTION("pages of sessions of one moment hold each once") {
    for (int i = 1; i <= 7; ++i) insert(database, new_session(i, anna.id), i);
    std::vector<std::string> paged;
    std::optional<SessionId> after;
    for (auto page = live(database, anna.id, kNow, after, 2); !page.empty();
         page = live(database, anna.id, kNow, after, 2)) {
      REQUIRE(paged.size() < 7);
      paged.insert(paged.end(), page.begin(), page.end());
      after = SessionId{page.back()};
    }
    CHECK(paged == live(database, anna.id, kNow));
    CHECK(paged.size() == 7);
  }

  SECTION(
      "login_addresses are those of every login since then, ended sessions included, each once") {
    const auto bert = add_user(database, "bert");
    auto elsewhere = new_session(3, anna.id), nowhere = new_session(4, anna.id);
    elsewhere.created_at = kNow + kTick;
    elsewhere.client.ip_address = IpAddress::parse("2001:db8::1");
    nowhere.client.ip_address.reset();
    insert(database, new_session(1, anna.id), 1);
    insert(database, new_session(2, anna.id), 2);
    insert(database, elsewhere, 3);
    insert(database, nowhere, 4);
    change(database,
           [](WriteTransaction& tx) { return tx.sessions().revoke(session_id(1), kNow); });
    const auto addresses = [&](UserId user, Timestamp since) {
      std::vector<std::string> texts;
      for (const IpAddress& address : see(database, [&](ReadTransaction& tx) {
             return tx.sessions().login_addresses(user, since);
           }))
        texts.push_back(address.str());
      std::ranges::sort(texts);
      return texts;
    };
    CHECK(addresses(anna.id, kNow) == std::vector<std::string>{"192.0.2.7", "2001:db8::1"});
    CHECK(addresses(anna.id, kNow + kTick) == std::vector<std::string>{"2001:db8::1"});
    CHECK(addresses(anna.id, kNow + kTick + kTick).empty());
    CHECK(addresses(bert.id, kNow).empty());
  }
}

void rotation(Database& database, const User& anna) {
  using Outcome = RefreshUse::Outcome;
  SECTION(
      "a refresh token is consumed once; then it is spent, and the fresh one is the usable one") {
    const auto session = new_session(1, anna.id);
    insert(database, session, 1);
    const auto later = kNow + kSecond;
    CHECK(rotate(database, 1, 1, 2, later).outcome == Outcome::consumed);
    CHECK(find(database, 1)->session.last_used_at == later);
    CHECK(find(database, 1)->session.expires_at == session.expires_at);
    const auto again = rotate(database, 1, 1, 3, later + kSecond);
    CHECK(again.outcome == Outcome::spent);
    CHECK(again.spent_at == later);
    CHECK(find(database, 1)->session.last_used_at == later);
    CHECK(rotate(database, 1, 3, 4, later).outcome == Outcome::unknown);
    CHECK(rotate(database, 1, 2, 5, later + 2 * kSecond).outcome == Outcome::consumed);
    CHECK(rotate(database, 1, 2, 6, later + 3 * kSecond).spent_at == later + 2 * kSecond);
    CHECK(rotate(database, 1, 1, 6, later + 3 * kSecond).spent_at == later);
  }

  SECTION("a token that was never given, or to another session, is unknown and consumes nothing") {
    insert(database, new_session(1, anna.id), 1);
    insert(database, new_session(2, anna.id), 2);
    CHECK(rotate(database, 1, 9, 10, kNow).outcome == Outcome::unknown);
    CHECK(rotate(database, 1, 2, 10, kNow).outcome == Outcome::unknown);
    CHECK(rotate(database, 7, 1, 10, kNow).outcome == Outcome::unknown);
    CHECK(rotate(database, 1, 1, 11, kNow).outcome == Outcome::consumed);
    CHECK(rotate(database, 2, 2, 12, kNow).outcome == Outcome::consumed);
  }

  SECTION(
      "of many uses of one token at the same time exactly one consumes it and the others see it "
      "spent") {
    constexpr int kThreads = 8;
    for (int round = 0; round < 4; ++round) {
      insert(database, new_session(round, anna.id), 100 * round);
      std::vector<std::string> outcomes(kThreads);
      together(kThreads, [&](int i) {
        const auto result = attempt(database, [&](WriteTransaction& tx) {
          return tx.sessions().rotate(session_id(round), refresh_hash(100 * round),
                                      refresh_hash(100 * round + i + 1), kNow + kSecond);
        });
        auto& told = outcomes[static_cast<std::size_t>(i)];
        told = outcome(result);
        if (result && result->outcome == Outcome::consumed) told = "consumed";
        if (result && result->outcome == Outcome::spent && result->spent_at == kNow + kSecond)
          told = "spent";
      });
      CHECK(count_of(outcomes, "consumed") == 1);
      CHECK(count_of(outcomes, "spent") == kThreads - 1);
    }
  }
}

void ending(Database& database, const User& anna) {
  SECTION("a session is revoked once") {
    insert(database, new_session(1, anna.id), 1);
    const auto revoke = [&](int number, Timestamp now) {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.sessions().revoke(session_id(number), now);
      }));
    };
    CHECK(revoke(1, kNow + kSecond) == "ok");
    CHECK(revoke(1, kNow + 2 * kSecond) == "not_found");
    CHECK(revoke(2, kNow) == "not_found");
    CHECK(find(database, 1)->session.revoked_at == kNow + kSecond);
  }

  SECTION("revoke_all ends the user's live sessions but one, and counts them") {
    const auto bert = add_user(database, "bert");
    for (int i = 1; i <= 4; ++i) insert(database, new_session(i, anna.id), i);
    auto expired = new_session(5, anna.id);
    expired.expires_at = kNow;
    insert(database, expired, 5);
    insert(database, new_session(6, bert.id), 6);
    change(database, [](WriteTransaction& tx) {
      return tx.sessions().revoke(session_id(1), kNow - kSecond);
    });
    const auto revoke_all = [&](const std::optional<SessionId>& except) {
      return change(database, [&](WriteTransaction& tx) {
        return tx.sessions().revoke_all(anna.id, except, kNow);
      });
    };
    CHECK(revoke_all(session_id(3)) == 2);
    CHECK(find(database, 1)->session.revoked_at == kNow - kSecond);
    CHECK(find(database, 2)->session.revoked_at == kNow);
    CHECK_FALSE(find(database, 3)->session.revoked_at);
    CHECK_FALSE(find(database, 6)->session.revoked_at);
    CHECK(revoke_all(std::nullopt) == 1);
    CHECK(revoke_all(std::nullopt) == 0);
  }

  SECTION("expired sessions are forgotten with their tokens, as many as asked for") {
    for (int i = 1; i <= 5; ++i) {
      auto session = new_session(i, anna.id);
      session.expires_at = kNow + i * kSecond;
      insert(database, session, i);
    }
    const auto forget = [&](Timestamp before, std::size_t limit) {
      return bookkept(database,
                      [&](Bookkeeping& tx) { return tx.sessions().forget_expired(before, limit); });
    };
    CHECK(forget(kNow + kSecond, 100) == 0);
    CHECK(forget(kNow + kSecond + kTick, 100) == 1);
    CHECK_FALSE(find(database, 1));
    CHECK(rotate(database, 1, 1, 10, kNow).outcome == RefreshUse::Outcome::unknown);
    CHECK(forget(kNow + 100 * kSecond, 3) == 3);
    CHECK(live(database, anna.id, kNow).size() == 1);
    CHECK(forget(kNow + 100 * kSecond, 3) == 1);
    CHECK(forget(kNow + 100 * kSecond, 3) == 0);
  }
}

} // namespace

void sessions_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto anna = add_user(*database, "anna");
  finding(*database, anna);
  listing(*database, anna);
  rotation(*database, anna);
  ending(*database, anna);
}

} // namespace baluhost::contract
