#include "users/users_suite.hpp"

namespace baluhost::contract::users_suite {

void inserting(Database& database) {
  SECTION("insert returns the user as it is found afterwards, by id and by name") {
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
    CHECK(names_after(database, std::nullopt, 10).size() == 1);
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

void listing(Database& database) {
  SECTION("list is ordered bytewise and goes on after a name") {
    const std::vector<std::string> ordered{"0a", "a-b", "a.b", "a0", "a_b",
                                           "aa", "ab",  "b-",  "ba", "z9"};
    for (const int i : {4, 0, 9, 2, 7, 5, 1, 8, 3, 6})
      add_user(database, ordered[static_cast<std::size_t>(i)]);
    CHECK(names_after(database, std::nullopt, 100) == ordered);
    std::vector<std::string> paged;
    std::optional<Username> after;
    for (auto page = names_after(database, after, 3); !page.empty();
         page = names_after(database, after, 3)) {
      CHECK(page.size() <= 3);
      paged.insert(paged.end(), page.begin(), page.end());
      REQUIRE(paged.size() <= ordered.size());
      after = username(page.back());
    }
    CHECK(paged == ordered);
    CHECK(names_after(database, username("a1"), 2) == std::vector<std::string>{"a_b", "aa"});
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

} // namespace baluhost::contract::users_suite
