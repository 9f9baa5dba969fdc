#include "users/users_suite.hpp"

namespace baluhost::contract::users_suite {

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

} // namespace baluhost::contract::users_suite
