#include "support.hpp"

#include <array>
#include <atomic>

namespace baluhost::contract {
namespace {

constexpr TotpStep kStep{60'000'000};

SecondFactor pending_factor(UserId user, const std::string& seed = "seed",
                            const std::string& key = "key 1") {
  return {
      .user = user, .seed = {.key_id = key, .text = seed}, .created_at = kNow, .confirmed_at = {}};
}

RecoveryCodeHash code_hash(int number) { return {sha256_of(number)}; }

std::optional<SecondFactor> find(Database& database, UserId user) {
  return see(database, [&](ReadTransaction& tx) { return tx.second_factors().find(user); });
}

std::string put(Database& database, const SecondFactor& factor) {
  return outcome(attempt(
      database, [&](WriteTransaction& tx) { return tx.second_factors().put_pending(factor); }));
}

std::string confirm(Database& database, UserId user, TotpStep step = kStep) {
  return outcome(attempt(database, [&](WriteTransaction& tx) {
    return tx.second_factors().confirm(user, step, kNow + kSecond);
  }));
}

void enable(Database& database, UserId user, TotpStep step = kStep) {
  REQUIRE(put(database, pending_factor(user)) == "ok");
  REQUIRE(confirm(database, user, step) == "ok");
}

bool use(Database& database, UserId user, std::int64_t step) {
  return change(database, [&](WriteTransaction& tx) {
    return tx.second_factors().use_step(user, TotpStep{step});
  });
}

bool remove(Database& database, UserId user) {
  return change(database, [&](WriteTransaction& tx) { return tx.second_factors().remove(user); });
}

void set_codes(Database& database, UserId user, const std::vector<RecoveryCodeHash>& codes) {
  change(database,
         [&](WriteTransaction& tx) { return tx.second_factors().set_recovery_codes(user, codes); });
}

std::int64_t count_codes(Database& database, UserId user) {
  return see(database,
             [&](ReadTransaction& tx) { return tx.second_factors().count_recovery_codes(user); });
}

bool use_code(Database& database, UserId user, int number) {
  return change(database, [&](WriteTransaction& tx) {
    return tx.second_factors().use_recovery_code(user, code_hash(number));
  });
}

bool take_reset(Database& database, UserId user) {
  return change(database,
                [&](WriteTransaction& tx) { return tx.second_factors().take_reset(user); });
}

std::int64_t version(Database& database) {
  return see(database, [](ReadTransaction& tx) { return tx.identity_version(); });
}

void setting_up(Database& database, const User& anna, const User& bert) {
  SECTION("a factor is pending as it was put, until it is confirmed") {
    CHECK_FALSE(find(database, anna.id));
    REQUIRE(put(database, pending_factor(anna.id)) == "ok");
    auto factor = find(database, anna.id);
    REQUIRE(factor);
    CHECK(factor->user == anna.id);
    CHECK(factor->seed == SealedSeed{"key 1", "seed"});
    CHECK(factor->created_at == kNow);
    CHECK_FALSE(factor->confirmed_at);
    CHECK_FALSE(find(database, bert.id));
    const auto before = version(database);
    REQUIRE(confirm(database, anna.id) == "ok");
    CHECK(version(database) != before);
    factor = find(database, anna.id);
    CHECK(factor->confirmed_at == kNow + kSecond);
    CHECK(factor->seed == SealedSeed{"key 1", "seed"});
  }

  SECTION("a pending factor makes room for another, a confirmed one does not") {
    REQUIRE(put(database, pending_factor(anna.id, "first")) == "ok");
    auto second = pending_factor(anna.id, "second", "key 2");
    second.created_at = kNow + kSecond;
    REQUIRE(put(database, second) == "ok");
    CHECK(find(database, anna.id)->seed == SealedSeed{"key 2", "second"});
    CHECK(find(database, anna.id)->created_at == kNow + kSecond);
    REQUIRE(confirm(database, anna.id) == "ok");
    CHECK(put(database, pending_factor(anna.id, "third")) == "conflict");
    CHECK(find(database, anna.id)->seed.text == "second");
  }

  SECTION("what is not pending is not confirmed") {
    CHECK(confirm(database, anna.id) == "conflict");
    enable(database, anna.id);
    CHECK(confirm(database, anna.id) == "conflict");
  }

  SECTION("a session and a key show whether their user has a confirmed factor") {
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.sessions().insert(new_session(1, anna.id), refresh_hash(1)));
      Key key{.id = KeyId{std::string(32, 'a')},
              .owner = anna.id,
              .name = "k",
              .scopes = Scope::files_read,
              .root = {},
              .allow_from = {},
              .created_at = kNow,
              .expires_at = {},
              .last_used_at = {},
              .last_used_ip = {}};
      return tx.keys().insert(key, KeyHash{sha256_of(7)});
    });
    const auto shown = [&] {
      const auto session =
          see(database, [](ReadTransaction& tx) { return tx.sessions().find(session_id(1)); });
      const auto key =
          see(database, [](ReadTransaction& tx) { return tx.keys().find(KeyHash{sha256_of(7)}); });
      return std::pair{session->has_second_factor, key->has_second_factor};
    };
    CHECK(shown() == std::pair{false, false});
    enable(database, bert.id);
    REQUIRE(put(database, pending_factor(anna.id)) == "ok");
    CHECK(shown() == std::pair{false, false});
    REQUIRE(confirm(database, anna.id) == "ok");
    CHECK(shown() == std::pair{true, true});
    remove(database, anna.id);
    CHECK(shown() == std::pair{false, false});
  }
}

void using_steps(Database& database, const User& anna, const User& bert) {
  SECTION("each step is used once, the one of the confirmation among them") {
    enable(database, anna.id);
    const auto before = version(database);
    CHECK_FALSE(use(database, anna.id, kStep.value));
    CHECK(use(database, anna.id, kStep.value + 1));
    CHECK_FALSE(use(database, anna.id, kStep.value + 1));
    CHECK_FALSE(use(database, anna.id, kStep.value));
    CHECK(version(database) == before);
  }

  SECTION("a step before the newest works if it was not used, and then no more") {
    enable(database, anna.id);
    CHECK(use(database, anna.id, kStep.value + 5));
    CHECK(use(database, anna.id, kStep.value + 4));
    CHECK_FALSE(use(database, anna.id, kStep.value + 4));
    CHECK_FALSE(use(database, anna.id, kStep.value + 3));
    CHECK_FALSE(use(database, anna.id, kStep.value + 5));
    CHECK(use(database, anna.id, kStep.value + 6));
    CHECK_FALSE(use(database, anna.id, kStep.value + 5));
  }

  SECTION("a factor that is pending, gone or another's has no step to use") {
    enable(database, bert.id);
    CHECK_FALSE(use(database, anna.id, kStep.value + 1));
    REQUIRE(put(database, pending_factor(anna.id)) == "ok");
    CHECK_FALSE(use(database, anna.id, kStep.value + 1));
    CHECK(use(database, bert.id, kStep.value + 1));
  }

  SECTION("one of fifty parallel uses of a step wins, and of a recovery code") {
    enable(database, anna.id);
    set_codes(database, anna.id, {code_hash(1)});
    for (const bool by_step : {true, false}) {
      std::array<std::atomic<int>, 2> outcomes{};
      together(50, [&](int) {
        bool used = false;
        const auto done = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
          BALUHOST_TRY(used, by_step
                                 ? tx.second_factors().use_step(anna.id, {kStep.value + 1})
                                 : tx.second_factors().use_recovery_code(anna.id, code_hash(1)));
          return AuditEvents{some_event()};
        });
        if (done) ++outcomes[used ? 1 : 0];
      });
      CHECK(outcomes[1] == 1);
    }
  }
}

void ending(Database& database, const User& anna, const User& bert) {
  SECTION("a factor goes with its recovery codes, and says whether it was confirmed") {
    CHECK_FALSE(remove(database, anna.id));
    REQUIRE(put(database, pending_factor(anna.id)) == "ok");
    CHECK_FALSE(remove(database, anna.id));
    CHECK_FALSE(find(database, anna.id));
    for (const auto user : {anna.id, bert.id}) {
      enable(database, user);
      set_codes(database, user, {code_hash(1), code_hash(2)});
    }
    const auto before = version(database);
    CHECK(remove(database, anna.id));
    CHECK(version(database) != before);
    CHECK_FALSE(find(database, anna.id));
    CHECK(count_codes(database, anna.id) == 0);
    CHECK(find(database, bert.id));
    CHECK(count_codes(database, bert.id) == 2);
  }

  SECTION("only a pending factor is removed as one") {
    const auto remove_pending = [&](UserId user) {
      change(database,
             [&](WriteTransaction& tx) { return tx.second_factors().remove_pending(user); });
    };
    remove_pending(anna.id);
    REQUIRE(put(database, pending_factor(anna.id)) == "ok");
    enable(database, bert.id);
    set_codes(database, bert.id, {code_hash(1)});
    remove_pending(anna.id);
    remove_pending(bert.id);
    CHECK_FALSE(find(database, anna.id));
    CHECK(find(database, bert.id));
    CHECK(count_codes(database, bert.id) == 1);
  }

  SECTION("a recovery code is used once, by its owner, and a new set replaces the old one") {
    enable(database, anna.id);
    set_codes(database, anna.id, {code_hash(1), code_hash(2)});
    set_codes(database, bert.id, {code_hash(3)});
    CHECK_FALSE(use_code(database, anna.id, 3));
    CHECK(use_code(database, anna.id, 1));
    CHECK_FALSE(use_code(database, anna.id, 1));
    CHECK(count_codes(database, anna.id) == 1);
    set_codes(database, anna.id, {code_hash(4), code_hash(5)});
    CHECK_FALSE(use_code(database, anna.id, 2));
    CHECK(use_code(database, anna.id, 4));
    CHECK(count_codes(database, bert.id) == 1);
  }

  SECTION("that a factor was reset is told once, however often it was") {
    CHECK_FALSE(take_reset(database, anna.id));
    for (int i = 0; i < 2; ++i)
      change(database,
             [&](WriteTransaction& tx) { return tx.second_factors().note_reset(anna.id, kNow); });
    CHECK_FALSE(take_reset(database, bert.id));
    CHECK(take_reset(database, anna.id));
    CHECK_FALSE(take_reset(database, anna.id));
  }

  SECTION("all that is of a user's factor goes with the user, whose files are still there too") {
    const auto home = add_home(database, bert);
    add_directory(database, home, "docs");
    for (const auto user : {anna.id, bert.id}) {
      enable(database, user);
      set_codes(database, user, {code_hash(1)});
      change(database,
             [&](WriteTransaction& tx) { return tx.second_factors().note_reset(user, kNow); });
    }
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.users().remove(anna.id));
      BALUHOST_CHECK(tx.removals().begin({home.id, bert.id, some_event("/bert")}));
      return tx.users().remove(bert.id);
    });
    for (const auto user : {anna.id, bert.id}) {
      CHECK_FALSE(find(database, user));
      CHECK(count_codes(database, user) == 0);
      CHECK_FALSE(take_reset(database, user));
    }
  }
}

void resealing(Database& database, const User& anna, const User& bert) {
  SECTION("factors that other keys sealed are found by user, page by page, and sealed anew once") {
    REQUIRE(put(database, pending_factor(anna.id, "a", "key 1")) == "ok");
    REQUIRE(put(database, pending_factor(bert.id, "b", "key 2")) == "ok");
    const auto others = [&](const std::string& key, UserId after, std::size_t limit) {
      std::string seeds;
      for (const auto& factor : see(database, [&](ReadTransaction& tx) {
             return tx.second_factors().sealed_by_others(key, after, limit);
           }))
        seeds += factor.seed.text;
      return seeds;
    };
    CHECK(others("key 3", {}, 10) == "ab");
    CHECK(others("key 3", {}, 1) == "a");
    CHECK(others("key 3", anna.id, 10) == "b");
    CHECK(others("key 1", {}, 10) == "b");
    const auto before = version(database);
    const auto reseal = [&](const std::string& from) {
      return bookkept(database, [&](Bookkeeping& tx) {
        return tx.second_factors().reseal(anna.id, {"key 1", from}, {"key 3", "c"});
      });
    };
    CHECK_FALSE(reseal("b"));
    CHECK(reseal("a"));
    CHECK_FALSE(reseal("a"));
    CHECK(find(database, anna.id)->seed == SealedSeed{"key 3", "c"});
    CHECK(others("key 3", {}, 10) == "b");
    CHECK(version(database) == before);
  }
}

} // namespace

void second_factors_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto anna = add_user(*database, "anna");
  const auto bert = add_user(*database, "bert");
  setting_up(*database, anna, bert);
  using_steps(*database, anna, bert);
  ending(*database, anna, bert);
  resealing(*database, anna, bert);
}

} // namespace baluhost::contract
