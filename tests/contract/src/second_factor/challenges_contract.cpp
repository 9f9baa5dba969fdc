#include "support.hpp"

#include <atomic>
#include <utility>

namespace baluhost::contract {
namespace {

constexpr int kTries = 5;

ChallengeHash hash_of(int number) { return {sha256_of(number)}; }

Challenge new_challenge(int number, UserId user, std::chrono::microseconds later = {}) {
  return {.hash = hash_of(number),
          .user = user,
          .created_at = kNow + later,
          .expires_at = kNow + later + 300 * kSecond};
}

void insert(Database& database, const Challenge& challenge, std::size_t most = 10) {
  change(database, [&](WriteTransaction& tx) { return tx.challenges().insert(challenge, most); });
}

std::optional<Challenge> find(Database& database, int number) {
  return see(database, [&](ReadTransaction& tx) { return tx.challenges().find(hash_of(number)); });
}

bool count_try(Database& database, int number, Timestamp now = kNow) {
  return change(database, [&](WriteTransaction& tx) {
    return tx.challenges().count_try(hash_of(number), kTries, now);
  });
}

bool remove(Database& database, int number) {
  return change(database,
                [&](WriteTransaction& tx) { return tx.challenges().remove(hash_of(number)); });
}

void using_them(Database& database, const User& anna) {
  SECTION("a challenge is found as it was inserted") {
    insert(database, new_challenge(1, anna.id));
    const auto found = find(database, 1);
    REQUIRE(found);
    CHECK(found->hash == hash_of(1));
    CHECK(found->user == anna.id);
    CHECK(found->created_at == kNow);
    CHECK(found->expires_at == kNow + 300 * kSecond);
    CHECK(found->tries == 0);
    CHECK_FALSE(find(database, 2));
  }

  SECTION("so many codes are counted as may be, before it expires, and none of one that is gone") {
    insert(database, new_challenge(1, anna.id));
    CHECK_FALSE(count_try(database, 1, kNow + 300 * kSecond));
    for (int i = 1; i <= kTries; ++i) {
      CHECK(count_try(database, 1, kNow + 300 * kSecond - kTick));
      CHECK(find(database, 1)->tries == i);
    }
    CHECK_FALSE(count_try(database, 1));
    CHECK(find(database, 1)->tries == kTries);
    CHECK_FALSE(count_try(database, 2));
  }

  SECTION("of parallel codes no more are counted, and one of parallel removals is true") {
    insert(database, new_challenge(1, anna.id));
    for (const auto& [counts, wanted] : {std::pair{true, kTries}, std::pair{false, 1}}) {
      std::atomic<int> won{0};
      together(20, [&, by_count = counts](int) {
        bool mine = false;
        const auto done = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
          BALUHOST_TRY(mine, by_count ? tx.challenges().count_try(hash_of(1), kTries, kNow)
                                      : tx.challenges().remove(hash_of(1)));
          return AuditEvents{some_event()};
        });
        if (done && mine) ++won;
      });
      CHECK(won == wanted);
    }
  }

  SECTION("a challenge that was removed is gone, and is removed once") {
    insert(database, new_challenge(1, anna.id));
    CHECK(remove(database, 1));
    CHECK_FALSE(find(database, 1));
    CHECK_FALSE(remove(database, 1));
  }
}

void bounding(Database& database, const User& anna, const User& bert) {
  SECTION("of a user's the newest stay, and everybody else's") {
    insert(database, new_challenge(9, bert.id));
    for (int i = 1; i <= 4; ++i) insert(database, new_challenge(i, anna.id, i * kSecond), 3);
    CHECK_FALSE(find(database, 1));
    for (const int number : {2, 3, 4, 9}) CHECK(find(database, number));
    insert(database, new_challenge(5, anna.id, 5 * kSecond), 1);
    for (const int number : {2, 3, 4}) CHECK_FALSE(find(database, number));
    CHECK(find(database, 5));
  }

  SECTION("all of a user go, with the user too, and nobody else's") {
    insert(database, new_challenge(1, anna.id));
    insert(database, new_challenge(2, anna.id));
    insert(database, new_challenge(3, bert.id));
    change(database, [&](WriteTransaction& tx) { return tx.challenges().remove_all(anna.id); });
    CHECK_FALSE(find(database, 1));
    CHECK_FALSE(find(database, 2));
    CHECK(find(database, 3));
    change(database, [&](WriteTransaction& tx) { return tx.users().remove(bert.id); });
    CHECK_FALSE(find(database, 3));
  }

  SECTION("what expired before a moment is forgotten, no more than asked for, and nothing else") {
    for (int i = 1; i <= 3; ++i) insert(database, new_challenge(i, anna.id, i * kSecond));
    const auto forget = [&](Timestamp before, std::size_t limit) {
      return bookkept(
          database, [&](Bookkeeping& tx) { return tx.challenges().forget_expired(before, limit); });
    };
    CHECK(forget(kNow + 301 * kSecond, 10) == 0);
    CHECK(forget(kNow + 303 * kSecond, 1) == 1);
    CHECK(forget(kNow + 303 * kSecond, 0) == 0);
    CHECK(forget(kNow + 303 * kSecond, 10) == 1);
    CHECK(find(database, 3));
  }
}

} // namespace

void challenges_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto anna = add_user(*database, "anna");
  const auto bert = add_user(*database, "bert");
  using_them(*database, anna);
  bounding(*database, anna, bert);
}

} // namespace baluhost::contract
