#include "support.hpp"

#include <limits>

namespace baluhost::contract {
namespace {

constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();

std::optional<User> find(Database& database, UserId id) {
  return see(database, [&](ReadTransaction& tx) { return tx.users().find(id); });
}

std::vector<std::string> names_behind(Database& database, const std::optional<Username>& after,
                                      std::size_t limit) {
  std::vector<std::string> names;
  for (const auto& user :
       see(database, [&](ReadTransaction& tx) { return tx.users().list(after, limit); })) {
    names.push_back(user.username.str());
  }
  return names;
}

void inserting(Database& database) {
  SECTION("insert gives the user as it is found afterwards, by id and by name") {
    auto fresh = new_user("anna");
    fresh.email = email("Anna.O'Neil+x@Example.org");
    fresh.role = Role::auditor;
    fresh.enabled = false;
    fresh.quota_bytes = kLargest;
    const auto anna =
        change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    CHECK(anna.username.str() == "anna");
    CHECK(anna.email == fresh.email);
    CHECK(anna.role == Role::auditor);
    CHECK_FALSE(anna.enabled);
    CHECK(anna.quota_bytes == kLargest);
    CHECK(anna.used_bytes == 0);
    CHECK(anna.file_count == 0);
    CHECK(anna.created_at == kNow);
    CHECK(anna.updated_at == kNow);
    const auto by_id = find(database, anna.id);
    const auto by_name =
        see(database, [&](ReadTransaction& tx) { return tx.users().find(anna.username); });
    REQUIRE(by_id);
    REQUIRE(by_name);
    CHECK(describe(*by_id) == describe(anna));
    CHECK(describe(*by_name) == describe(anna));
  }

  SECTION("roles, quotas and missing members come back as they went in") {
    int number = 0;
    for (const auto role : {Role::admin, Role::auditor, Role::user}) {
      for (const std::optional<std::int64_t> quota :
           {std::optional<std::int64_t>{}, std::optional<std::int64_t>{0}}) {
        auto fresh = new_user("user" + std::to_string(number++));
        fresh.role = role;
        fresh.quota_bytes = quota;
        const auto user =
            change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
        const auto found = find(database, user.id);
        REQUIRE(found);
        CHECK(found->role == role);
        CHECK(found->enabled);
        CHECK(found->quota_bytes == quota);
        CHECK_FALSE(found->email);
      }
    }
  }

  SECTION("a name, an address and a hash of the greatest length come back whole") {
    auto fresh = new_user(std::string(32, 'z'));
    const std::string host =
        std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(58, 'c') + ".example";
    fresh.email = email(std::string(254 - 1 - host.size(), 'e') + "@" + host);
    fresh.password = PasswordHash{Secret{"$argon2id$" + std::string(200, 'h')}};
    CHECK(fresh.email->str().size() == 254);
    const auto user =
        change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    const auto found = see(
        database, [&](ReadTransaction& tx) { return tx.users().find_credentials(fresh.username); });
    REQUIRE(found);
    CHECK(describe(found->user) == describe(user));
    CHECK(found->user.email == fresh.email);
    CHECK(found->password.phc.reveal() == fresh.password.phc.reveal());
  }

  SECTION("who is not there is not found, without an error") {
    CHECK_FALSE(find(database, UserId{4711}));
    CHECK_FALSE(
        see(database, [](ReadTransaction& tx) { return tx.users().find(username("nobody")); }));
    CHECK_FALSE(see(database, [](ReadTransaction& tx) {
      return tx.users().find_credentials(username("nobody"));
    }));
  }

  SECTION("a second insert of one name is already_exists and keeps the first") {
    const auto first = add_user(database, "anna");
    auto second = new_user("ANNA");
    second.role = Role::admin;
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.users().insert(second);
          })) == "already_exists");
    CHECK(describe(*find(database, first.id)) == describe(first));
    CHECK(names_behind(database, std::nullopt, 10).size() == 1);
  }

  SECTION("an e-mail address is taken whatever its case, and kept as it was written") {
    auto anna = new_user("anna");
    anna.email = email("Anna@Example.org");
    auto bert = new_user("bert");
    bert.email = email("aNNA@example.ORG");
    const auto first =
        change(database, [&](WriteTransaction& tx) { return tx.users().insert(anna); });
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.users().insert(bert);
          })) == "already_exists");
    CHECK(find(database, first.id)->email->str() == "Anna@example.org");
  }

  SECTION(
      "of many inserts of one name at the same time one wins and the others are already_exists") {
    const auto fresh = new_user("anna");
    std::vector<std::string> outcomes(8);
    together(8, [&](int i) {
      outcomes[static_cast<std::size_t>(i)] = outcome(
          attempt(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); }));
    });
    CHECK(count_of(outcomes, "ok") == 1);
    CHECK(count_of(outcomes, "already_exists") == 7);
  }
}

void updating(Database& database) {
  SECTION("update changes what is set, keeps the rest and gives the user as it is afterwards") {
    auto fresh = new_user("anna");
    fresh.email = email("anna@example.org");
    fresh.quota_bytes = 100;
    auto user = change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    const auto apply = [&](const UserChanges& changes) {
      user.updated_at = user.updated_at + kTick;
      const auto after = change(database, [&](WriteTransaction& tx) {
        return tx.users().update(user.id, changes, user.updated_at);
      });
      CHECK(describe(after) == describe(user));
      CHECK(describe(*find(database, user.id)) == describe(user));
    };
    UserChanges changes;
    changes.role = user.role = Role::admin;
    apply(changes);
    changes = {};
    changes.enabled = user.enabled = false;
    apply(changes);
    changes = {};
    changes.email = user.email = email("other@example.org");
    apply(changes);
    changes = {};
    changes.quota_bytes = user.quota_bytes = kLargest;
    apply(changes);
    changes = {};
    user.quota_bytes = std::nullopt;
    changes.quota_bytes = std::optional<std::int64_t>{};
    user.email = std::nullopt;
    changes.email = std::optional<Email>{};
    apply(changes);
    apply({});
  }

  SECTION("update of an unknown user is not_found") {
    CHECK(outcome(attempt(database, [](WriteTransaction& tx) {
            return tx.users().update(UserId{99}, {}, kNow);
          })) == "not_found");
  }

  SECTION(
      "update to an e-mail address that another has is already_exists; one's own in other letters "
      "is not") {
    auto fresh = new_user("anna");
    fresh.email = email("anna@example.org");
    change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    fresh = new_user("bert");
    fresh.email = email("bert@example.org");
    const auto bert =
        change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    UserChanges changes;
    changes.email = email("ANNA@example.org");
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.users().update(bert.id, changes, kNow);
          })) == "already_exists");
    CHECK(describe(*find(database, bert.id)) == describe(bert));
    changes.email = email("BERT@example.org");
    CHECK(change(database, [&](WriteTransaction& tx) {
            return tx.users().update(bert.id, changes, kNow);
          }).email->str() == "BERT@example.org");
  }

  SECTION("an e-mail address that was given up is free") {
    auto fresh = new_user("anna");
    fresh.email = email("anna@example.org");
    const auto anna =
        change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    UserChanges changes;
    changes.email = std::optional<Email>{};
    change(database,
           [&](WriteTransaction& tx) { return tx.users().update(anna.id, changes, kNow); });
    fresh.username = username("bert");
    CHECK(outcome(attempt(database,
                          [&](WriteTransaction& tx) { return tx.users().insert(fresh); })) == "ok");
  }

  SECTION("credentials hold the newest hash and when the account was unlocked") {
    const auto anna = add_user(database, "anna");
    const auto credentials = [&] {
      return *see(database,
                  [&](ReadTransaction& tx) { return tx.users().find_credentials(anna.username); });
    };
    CHECK(credentials().password.phc.reveal() == "$argon2id$v=19$hash of anna");
    CHECK_FALSE(credentials().unlocked_at);
    CHECK(describe(credentials().user) == describe(anna));
    UserChanges changes;
    changes.password = PasswordHash{Secret{"$argon2id$another"}};
    change(database,
           [&](WriteTransaction& tx) { return tx.users().update(anna.id, changes, kNow); });
    change(database, [&](WriteTransaction& tx) {
      return tx.users().set_unlocked_at(anna.id, kNow + kSecond);
    });
    CHECK(credentials().password.phc.reveal() == "$argon2id$another");
    CHECK(credentials().unlocked_at == kNow + kSecond);
    CHECK(outcome(attempt(database, [](WriteTransaction& tx) {
            return tx.users().set_unlocked_at(UserId{99}, kNow);
          })) == "not_found");
  }
}

void listing(Database& database) {
  SECTION("list is ordered bytewise and goes on behind a name") {
    const std::vector<std::string> ordered{"0a", "a-b", "a.b", "a0", "a_b",
                                           "aa", "ab",  "b-",  "ba", "z9"};
    for (const int i : {4, 0, 9, 2, 7, 5, 1, 8, 3, 6})
      add_user(database, ordered[static_cast<std::size_t>(i)]);
    CHECK(names_behind(database, std::nullopt, 100) == ordered);
    std::vector<std::string> paged;
    std::optional<Username> after;
    for (auto page = names_behind(database, after, 3); !page.empty();
         page = names_behind(database, after, 3)) {
      CHECK(page.size() <= 3);
      paged.insert(paged.end(), page.begin(), page.end());
      REQUIRE(paged.size() <= ordered.size());
      after = username(page.back());
    }
    CHECK(paged == ordered);
    CHECK(names_behind(database, username("a1"), 2) == std::vector<std::string>{"a_b", "aa"});
  }

  SECTION("only enabled admins are counted as such") {
    const auto count = [&] {
      return see(database, [](ReadTransaction& tx) { return tx.users().count_enabled_admins(); });
    };
    CHECK(count() == 0);
    auto fresh = new_user("anna");
    fresh.role = Role::admin;
    change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    fresh.username = username("bert");
    fresh.enabled = false;
    change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    add_user(database, "carl");
    CHECK(count() == 1);
  }

  SECTION("under lock_roles two admins cannot demote each other at the same time") {
    std::vector<UserId> admins;
    for (const auto* name : {"anna", "bert", "carl", "dora"}) {
      auto fresh = new_user(name);
      fresh.role = Role::admin;
      admins.push_back(
          change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); }).id);
    }
    std::vector<std::string> outcomes(admins.size());
    UserChanges demoted;
    demoted.role = Role::user;
    together(static_cast<int>(admins.size()), [&](int i) {
      const auto n = static_cast<std::size_t>(i);
      outcomes[n] = outcome(attempt(database, [&](WriteTransaction& tx) -> Result<User> {
        BALUHOST_CHECK(tx.users().lock_roles());
        BALUHOST_TRY(const auto left, tx.users().count_enabled_admins());
        if (left < 2) return Error{Errc::conflict, "the last admin"};
        return tx.users().update(admins[n], demoted, kNow);
      }));
    });
    CHECK(count_of(outcomes, "ok") == 3);
    CHECK(count_of(outcomes, "conflict") == 1);
    CHECK(see(database, [](ReadTransaction& tx) { return tx.users().count_enabled_admins(); }) ==
          1);
  }
}

void hashes(Database& database) {
  SECTION("the first hash after a text is that by bytes, whosever it is") {
    const auto after = [&](std::string_view text) {
      const auto found =
          see(database, [&](ReadTransaction& tx) { return tx.users().first_hash_after(text); });
      return found ? std::string{found->phc.reveal()} : "none";
    };
    CHECK(after("") == "none");
    for (const auto& [name, hash] : {std::pair{"anna", "$b$2$x"},
                                     {"bert", "$B$1$x"},
                                     {"carl", "$b$1$z"},
                                     {"dora", "$b$12$x"}}) {
      auto fresh = new_user(name);
      fresh.password = PasswordHash{Secret{hash}};
      change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
    }
    CHECK(after("") == "$B$1$x");
    CHECK(after("$B$1%") == "$b$1$z");
    CHECK(after("$b$1$z") == "$b$12$x");
    CHECK(after("$b$1%") == "$b$12$x");
    CHECK(after("$b$12%") == "$b$2$x");
    CHECK(after("$b$2%") == "none");
  }
}

void locking_accounts(Database& database) {
  const auto dora = add_user(database, "locked-dora");
  UserChanges disabled;
  disabled.enabled = false;
  UserChanges enabled;
  enabled.enabled = true;

  SECTION("who relies on an account under lock_accounts and who changes it do not mix") {
    for (int round = 0; round < 20; ++round) {
      change(database,
             [&](WriteTransaction& tx) { return tx.users().update(dora.id, enabled, kNow); });
      std::vector<std::string> outcomes(5);
      together(static_cast<int>(outcomes.size()), [&](int i) {
        const auto n = static_cast<std::size_t>(i);
        if (i == 0) {
          outcomes[n] =
              outcome(attempt(database, [&](WriteTransaction& tx) -> Result<std::int64_t> {
                BALUHOST_CHECK(tx.users().lock_accounts({.changes = dora.id}));
                BALUHOST_CHECK(tx.users().update(dora.id, disabled, kNow));
                return tx.sessions().revoke_all(dora.id, std::nullopt, kNow);
              }));
          return;
        }
        outcomes[n] = outcome(attempt(database, [&](WriteTransaction& tx) -> Result<void> {
          BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = dora.id}));
          BALUHOST_TRY(const auto user, tx.users().find(dora.id));
          if (!user->enabled) return Error{Errc::forbidden, "disabled"};
          const int number = round * 10 + i;
          return tx.sessions().insert(new_session(number, dora.id), refresh_hash(number));
        }));
      });
      CHECK(outcomes[0] == "ok");
      CHECK(count_of(outcomes, "ok") + count_of(outcomes, "forbidden") == 5);
      CHECK(see(database, [&](ReadTransaction& tx) {
              return tx.sessions().list(dora.id, kNow, std::nullopt, 100);
            }).empty());
    }
  }

  SECTION("two who change an account under lock_accounts do so one after the other") {
    std::vector<std::string> outcomes(6);
    together(static_cast<int>(outcomes.size()), [&](int i) {
      outcomes[static_cast<std::size_t>(i)] =
          outcome(attempt(database, [&](WriteTransaction& tx) -> Result<User> {
            BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = dora.id, .changes = dora.id}));
            BALUHOST_TRY(const auto user, tx.users().find(dora.id));
            if (!user->enabled) return Error{Errc::conflict, "another came first"};
            return tx.users().update(dora.id, disabled, kNow);
          }));
    });
    CHECK(count_of(outcomes, "ok") == 1);
    CHECK(count_of(outcomes, "conflict") == 5);
  }

  SECTION(
      "two that rely on each other's account and change the own wait in one order; nobody's is no "
      "error") {
    const auto emil = add_user(database, "emil");
    std::vector<std::string> outcomes(4);
    together(static_cast<int>(outcomes.size()), [&](int i) {
      const auto own = i % 2 == 0 ? dora.id : emil.id;
      const auto others = i % 2 == 0 ? emil.id : dora.id;
      outcomes[static_cast<std::size_t>(i)] = outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.users().lock_accounts({.relies_on = others, .changes = own});
      }));
    });
    CHECK(count_of(outcomes, "ok") == 4);
    CHECK(outcome(attempt(database, [](WriteTransaction& tx) {
            return tx.users().lock_accounts({.relies_on = UserId{4711}, .changes = UserId{4712}});
          })) == "ok");
    must(database.bookkeep([&](Bookkeeping& books) -> Result<void> {
      BALUHOST_CHECK(books.users().lock_accounts({.relies_on = dora.id}));
      CHECK(must(books.view().users().find(emil.username))->id == emil.id);
      return {};
    }));
  }
}

void removing(Database& database) {
  SECTION(
      "with a user go sessions, refresh tokens, grants received and pending uploads, by and to "
      "that user, and nobody else's") {
    const auto anna = add_user(database, "anna");
    const auto bert = add_user(database, "bert");
    const auto carl = add_user(database, "carl");
    const auto home = add_home(database, anna);
    const auto home_of_bert = add_home(database, bert);
    add_grant(database, home, bert, Right::read);
    add_grant(database, home, carl, Right::read);
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.sessions().insert(new_session(1, bert.id), refresh_hash(1)));
      BALUHOST_CHECK(tx.sessions().insert(new_session(2, carl.id), refresh_hash(2)));
      BALUHOST_CHECK(tx.uploads().insert(new_upload(1, bert.id, "/anna/a", 7)));
      BALUHOST_CHECK(tx.uploads().insert(new_upload(2, carl.id, "/anna/b", 7)));
      BALUHOST_CHECK(tx.uploads().insert(new_upload(3, carl.id, "/bert/c", 7)));
      BALUHOST_CHECK(tx.files().remove(home_of_bert.id, kNow));
      return tx.users().remove(bert.id);
    });
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      CHECK_FALSE(must(tx.users().find(bert.id)));
      CHECK_FALSE(must(tx.users().find(bert.username)));
      CHECK_FALSE(must(tx.sessions().find(session_id(1))));
      CHECK(must(tx.sessions().find(session_id(2))));
      CHECK_FALSE(must(tx.grants().find(home.id, bert.username)));
      CHECK(must(tx.grants().find(home.id, carl.username)));
      CHECK_FALSE(must(tx.uploads().find(upload_id(1))));
      CHECK(must(tx.uploads().find(upload_id(2))));
      CHECK_FALSE(must(tx.uploads().find(upload_id(3))));
      return {};
    }));
    const auto use = change(database, [](WriteTransaction& tx) {
      return tx.sessions().rotate(session_id(1), refresh_hash(1), refresh_hash(3), kNow);
    });
    CHECK(use.outcome == RefreshUse::Outcome::unknown);
    CHECK(add_user(database, "bert").used_bytes == 0);
  }

  SECTION("a user who has a home is not removed: conflict") {
    const auto anna = add_user(database, "anna");
    const auto home = add_home(database, anna);
    const auto remove = [&] {
      return outcome(
          attempt(database, [&](WriteTransaction& tx) { return tx.users().remove(anna.id); }));
    };
    CHECK(remove() == "conflict");
    CHECK(find(database, anna.id));
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(home.id, kNow); });
    CHECK(remove() == "ok");
    CHECK(remove() == "not_found");
  }
}

void usage(Database& database) {
  const auto with_quota = [&](std::optional<std::int64_t> quota) {
    auto fresh = new_user("anna");
    fresh.quota_bytes = quota;
    return change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); }).id;
  };
  const auto add = [&](UserId id, std::int64_t bytes, std::int64_t files) {
    return outcome(attempt(database, [&](WriteTransaction& tx) {
      return tx.users().add_usage(id, {.bytes = bytes, .files = files});
    }));
  };

  SECTION("usage fills a quota to the byte, and what does not fit adds nothing") {
    const auto anna = with_quota(100);
    CHECK(add(anna, 60, 1) == "ok");
    CHECK(add(anna, 41, 1) == "quota_exceeded");
    CHECK(find(database, anna)->used_bytes == 60);
    CHECK(find(database, anna)->file_count == 1);
    CHECK(add(anna, 40, 1) == "ok");
    CHECK(add(anna, 1, 1) == "quota_exceeded");
    CHECK(add(anna, 0, 1) == "ok");
    CHECK(add(anna, -30, -1) == "ok");
    CHECK(find(database, anna)->used_bytes == 70);
    CHECK(find(database, anna)->file_count == 2);
  }

  SECTION(
      "entries are counted up to the most there may be, and each change is another version of the "
      "tree") {
    const auto anna = with_quota(std::nullopt);
    const auto enter = [&](std::int64_t entries, std::int64_t most) {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.users().add_usage(anna, {.bytes = 1, .entries = entries, .most_entries = most});
      }));
    };
    const auto version = find(database, anna)->tree_version;
    CHECK(enter(3, 5) == "ok");
    CHECK(enter(3, 5) == "quota_exceeded");
    CHECK(find(database, anna)->entry_count == 3);
    CHECK(find(database, anna)->used_bytes == 1);
    CHECK(find(database, anna)->tree_version != version);
    CHECK(enter(2, 5) == "ok");
    CHECK(enter(1, 5) == "quota_exceeded");
    CHECK(enter(0, 4) == "ok");
    CHECK(enter(-1, 1) == "ok");
    CHECK(enter(7, 0) == "ok");
    CHECK(find(database, anna)->entry_count == 11);
  }

  SECTION("a quota of nothing takes empty files only, no quota takes everything") {
    const auto anna = with_quota(0);
    CHECK(add(anna, 1, 1) == "quota_exceeded");
    CHECK(add(anna, 0, 1) == "ok");
    const auto bert = add_user(database, "bert").id;
    CHECK(add(bert, kLargest, 1) == "ok");
    CHECK(find(database, bert)->used_bytes == kLargest);
  }

  SECTION("a quota below the present usage only lets usage shrink") {
    const auto anna = with_quota(100);
    CHECK(add(anna, 90, 1) == "ok");
    UserChanges changes;
    changes.quota_bytes = std::optional<std::int64_t>{50};
    change(database, [&](WriteTransaction& tx) { return tx.users().update(anna, changes, kNow); });
    CHECK(add(anna, 1, 0) == "quota_exceeded");
    CHECK(add(anna, -10, 0) == "ok");
    CHECK(find(database, anna)->used_bytes == 80);
  }

  SECTION("usage of an unknown user is not_found") { CHECK(add(UserId{99}, 1, 1) == "not_found"); }

  SECTION(
      "usage added from many threads at the same time fills the quota exactly and never exceeds "
      "it") {
    const auto anna = with_quota(1000);
    constexpr int kThreads = 6;
    constexpr int kRounds = 10;
    std::vector<std::string> outcomes(kThreads * kRounds);
    together(kThreads, [&](int thread) {
      for (int round = 0; round < kRounds; ++round) {
        outcomes[static_cast<std::size_t>(thread * kRounds + round)] = add(anna, 25, 1);
      }
    });
    CHECK(count_of(outcomes, "ok") == 40);
    CHECK(count_of(outcomes, "quota_exceeded") == 20);
    CHECK(find(database, anna)->used_bytes == 1000);
    CHECK(find(database, anna)->file_count == 40);
  }
}

} // namespace

void users_contract(const MakeDatabase& make) {
  const auto database = make();
  inserting(*database);
  updating(*database);
  listing(*database);
  hashes(*database);
  removing(*database);
  usage(*database);
  locking_accounts(*database);
}

} // namespace baluhost::contract
