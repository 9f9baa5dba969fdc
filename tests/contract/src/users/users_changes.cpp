#include "users/users_suite.hpp"

namespace baluhost::contract::users_suite {

void updating(Database& database) {
  SECTION("update changes what is set, keeps the rest and returns the user as it is afterwards") {
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
      "two that rely on each other's account and change the own wait in one order; that of no "
      "account is no error") {
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
    must(database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = dora.id}));
      CHECK(must(tx.view().users().find(emil.username))->id == emil.id);
      return {};
    }));
  }
}

} // namespace baluhost::contract::users_suite
