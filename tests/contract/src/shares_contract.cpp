#include "support.hpp"

#include <limits>

namespace baluhost::contract {
namespace {

std::optional<Share> find(Database& database, int number) {
  const auto state =
      see(database, [&](ReadTransaction& tx) { return tx.shares().find(share_id(number)); });
  return state ? std::optional{state->share} : std::nullopt;
}

std::string update(Database& database, int number, const ShareChanges& changes) {
  return outcome(attempt(database, [&](WriteTransaction& tx) {
    return tx.shares().update(share_id(number), changes);
  }));
}

bool use(Database& database, int number, std::int64_t generation, Timestamp now) {
  return change(database, [&](WriteTransaction& tx) {
    return tx.shares().use(share_id(number), generation, now);
  });
}

std::string end(Database& database, int number) {
  return outcome(attempt(
      database, [&](WriteTransaction& tx) { return tx.shares().end(share_id(number), kNow); }));
}

std::vector<std::string> list(Database& database, const ShareFilter& filter,
                              std::size_t limit = 100) {
  std::vector<std::string> texts;
  std::optional<ShareId> after;
  for (;;) {
    const auto page =
        see(database, [&](ReadTransaction& tx) { return tx.shares().list(filter, after, limit); });
    for (const auto& [share, creator, path, kind] : page) {
      texts.push_back(path.str() + " by " + creator.str() +
                      (kind == FileKind::file ? " file" : ""));
    }
    if (page.size() < limit) return texts;
    after = page.back().share.id;
  }
}

} // namespace

void shares_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  const auto anna = add_user(database, "anna");
  const auto bert = add_user(database, "bert");
  const auto home = add_home(database, anna);
  const auto docs = add_directory(database, home, "docs");
  const auto note = add_file(database, docs, "note", content(1, 10));

  SECTION("a share is found as it was inserted, with its creator") {
    const auto plain = add_share(database, 1, docs, anna);
    Share full = new_share(2, note, bert);
    full.rights = {.read = true, .create = true};
    full.generation = 7;
    full.password = PasswordHash{Secret{"$argon2id$v=19$hash"}};
    full.expires_at = kNow + kSecond;
    full.max_uses = 3;
    full.uses = 2;
    full.max_bytes = std::numeric_limits<std::int64_t>::max();
    full.used_bytes = 5;
    full.note = "\xC3\xA4 '; --";
    full.last_used_at = kNow;
    full.ended_at = kNow + kTick;
    change(database, [&](WriteTransaction& tx) { return tx.shares().insert(full); });
    CHECK(describe(*find(database, 1)) == describe(plain));
    CHECK(describe(*find(database, 2)) == describe(full));
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.shares().find(share_id(2));
          })->creator.username == bert.username);
    CHECK_FALSE(find(database, 3));
  }

  SECTION("a share on no node, or of nobody, is not_found") {
    auto lost = new_share(1, docs, anna);
    lost.file = FileId{4711};
    const auto insert = [&] {
      return outcome(
          attempt(database, [&](WriteTransaction& tx) { return tx.shares().insert(lost); }));
    };
    CHECK(insert() == "not_found");
    lost = new_share(1, docs, anna);
    lost.creator = UserId{4711};
    CHECK(insert() == "not_found");
  }

  SECTION("shares are listed with their paths, newest first, in pages, but for those that ended") {
    add_share(database, 1, home, anna);
    add_share(database, 2, docs, bert);
    add_share(database, 3, note, anna);
    add_share(database, 4, add_home(database, bert), bert);
    add_share(database, 5, docs, anna);
    REQUIRE(end(database, 5) == "ok");
    for (const std::size_t limit : {1, 2, 100}) {
      CHECK(list(database, {}, limit) ==
            std::vector<std::string>{"/bert by bert", "/anna/docs/note by anna file",
                                     "/anna/docs by bert", "/anna by anna"});
      CHECK(list(database, {.creator = anna.id}, limit) ==
            std::vector<std::string>{"/anna/docs/note by anna file", "/anna by anna"});
      CHECK(list(database, {.home = anna.id, .below = docs.id}, limit) ==
            std::vector<std::string>{"/anna/docs/note by anna file", "/anna/docs by bert"});
    }
    CHECK(list(database, {.home = bert.id}) == std::vector<std::string>{"/bert by bert"});
    CHECK(list(database, {.file = docs.id}) == std::vector<std::string>{"/anna/docs by bert"});
    CHECK(list(database, {.creator = anna.id, .file = docs.id}).empty());
    CHECK(list(database, {.below = note.id}).size() == 1);
    const auto count = [&](UserId creator) {
      return see(database, [&](ReadTransaction& tx) { return tx.shares().count(creator); });
    };
    CHECK(count(anna.id) == 2);
    CHECK(count(bert.id) == 2);
  }

  SECTION("a share follows its file, whatever that is called") {
    add_share(database, 1, note, anna);
    change(database, [&](WriteTransaction& tx) {
      return tx.files().relocate(note.id, home.id, file_name("renamed"), anna.id, kNow);
    });
    CHECK(list(database, {}) == std::vector<std::string>{"/anna/renamed by anna file"});
  }

  SECTION("update sets what is given and leaves the rest; secret and password begin a generation") {
    Share share = add_share(database, 1, docs, anna);
    CHECK(update(database, 1, {}) == "ok");
    CHECK(describe(*find(database, 1)) == describe(share));
    ShareChanges changes;
    changes.rights = share.rights = {.create = true};
    changes.expires_at = share.expires_at = kNow + kSecond;
    changes.max_uses = share.max_uses = 1;
    changes.max_bytes = share.max_bytes = 2;
    changes.note = share.note = "for you";
    CHECK(update(database, 1, changes) == "ok");
    CHECK(describe(*find(database, 1)) == describe(share));
    ShareChanges secret;
    secret.secret = share.secret = sha256_of(9);
    ++share.generation;
    CHECK(update(database, 1, secret) == "ok");
    CHECK(describe(*find(database, 1)) == describe(share));
    ShareChanges password;
    share.password = PasswordHash{Secret{"$argon2id$x"}};
    password.password = share.password;
    ++share.generation;
    CHECK(update(database, 1, password) == "ok");
    CHECK(describe(*find(database, 1)) == describe(share));
    ShareChanges none;
    none.password.emplace();
    none.expires_at.emplace();
    none.max_uses.emplace();
    none.max_bytes.emplace();
    none.note.emplace();
    CHECK(update(database, 1, none) == "ok");
    const auto left = *find(database, 1);
    CHECK_FALSE((left.password || left.expires_at || left.max_uses || left.max_bytes || left.note));
    CHECK(update(database, 2, changes) == "not_found");
    REQUIRE(end(database, 1) == "ok");
    CHECK(update(database, 1, changes) == "not_found");
  }

  SECTION("a use counts while the share lives, is not used up and has that generation") {
    Share share = new_share(1, docs, anna);
    share.max_uses = 2;
    share.expires_at = kNow + kSecond;
    change(database, [&](WriteTransaction& tx) { return tx.shares().insert(share); });
    CHECK_FALSE(use(database, 1, 2, kNow));
    CHECK_FALSE(use(database, 1, 1, kNow + kSecond));
    CHECK(use(database, 1, 1, kNow));
    CHECK(find(database, 1)->uses == 1);
    CHECK(find(database, 1)->last_used_at == kNow);
    CHECK(use(database, 1, 1, kNow + kTick));
    CHECK_FALSE(use(database, 1, 1, kNow + 2 * kTick));
    CHECK(find(database, 1)->uses == 2);
    CHECK(find(database, 1)->last_used_at == kNow + kTick);
    CHECK_FALSE(use(database, 2, 1, kNow));
    add_share(database, 3, docs, anna);
    REQUIRE(end(database, 3) == "ok");
    CHECK_FALSE(use(database, 3, 1, kNow));
  }

  SECTION("of parallel uses exactly as many count as there may be") {
    Share share = new_share(1, docs, anna);
    share.max_uses = 3;
    change(database, [&](WriteTransaction& tx) { return tx.shares().insert(share); });
    std::vector<std::string> outcomes(12);
    together(12, [&](int number) {
      const auto used = attempt(
          database, [&](WriteTransaction& tx) { return tx.shares().use(share_id(1), 1, kNow); });
      outcomes[static_cast<std::size_t>(number)] =
          used ? *used ? "used" : "refused" : outcome(used);
    });
    CHECK(count_of(outcomes, "used") == 3);
    CHECK(count_of(outcomes, "refused") == 9);
    CHECK(find(database, 1)->uses == 3);
  }

  SECTION("bytes count up to the limit, all or nothing; without one always") {
    Share share = new_share(1, docs, anna);
    share.max_bytes = 10;
    change(database, [&](WriteTransaction& tx) { return tx.shares().insert(share); });
    const auto add = [&](int number, std::int64_t bytes) {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.shares().add_bytes(share_id(number), bytes);
      }));
    };
    CHECK(add(1, 7) == "ok");
    CHECK(add(1, 4) == "payload_too_large");
    CHECK(find(database, 1)->used_bytes == 7);
    CHECK(add(1, 3) == "ok");
    CHECK(add(1, 0) == "ok");
    CHECK(add(1, 1) == "payload_too_large");
    add_share(database, 2, docs, anna);
    CHECK(add(2, 1'000'000) == "ok");
    CHECK(add(3, 1) == "not_found");
    REQUIRE(end(database, 2) == "ok");
    CHECK(add(2, 1) == "not_found");
  }

  SECTION("one ends once, and is forgotten some time later") {
    for (int i = 1; i <= 4; ++i) add_share(database, i, docs, anna);
    for (int i = 1; i <= 3; ++i) CHECK(end(database, i) == "ok");
    CHECK(end(database, 1) == "not_found");
    CHECK(end(database, 9) == "not_found");
    CHECK(find(database, 1)->ended_at == kNow);
    const auto forget = [&](Timestamp before) {
      std::int64_t forgotten = 0;
      bookkept(database, [&](Bookkeeping& tx) -> Result<void> {
        BALUHOST_TRY(forgotten, tx.shares().forget_ended(before, 2));
        return {};
      });
      return forgotten;
    };
    CHECK(forget(kNow) == 0);
    CHECK(forget(kNow + kTick) == 2);
    CHECK(forget(kNow + kTick) == 1);
    CHECK(forget(kNow + kTick) == 0);
    CHECK(find(database, 4));
  }

  SECTION("a share goes with its file, with a tree that is being removed, and with its creator") {
    add_share(database, 1, note, anna);
    add_share(database, 2, docs, anna);
    add_share(database, 3, home, bert);
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(note.id, kNow); });
    CHECK_FALSE(find(database, 1));
    CHECK(find(database, 2));
    change(database, [&](WriteTransaction& tx) {
      return tx.removals().begin({docs.id, anna.id, some_event()});
    });
    CHECK_FALSE(find(database, 2));
    CHECK(list(database, {}) == std::vector<std::string>{"/anna by bert"});
    change(database, [&](WriteTransaction& tx) { return tx.users().remove(bert.id); });
    CHECK_FALSE(find(database, 3));
  }

  SECTION("one that ended is known when its file is gone, and goes with the home") {
    const auto of_bert = add_home(database, bert);
    const auto file = add_file(database, of_bert, "file", content(2, 1));
    add_share(database, 1, file, anna);
    REQUIRE(end(database, 1) == "ok");
    CHECK(find(database, 1)->file == of_bert.id);
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(file.id, kNow); });
    REQUIRE(find(database, 1));
    CHECK(find(database, 1)->ended_at == kNow);
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(of_bert.id, kNow); });
    CHECK_FALSE(find(database, 1));
  }

  SECTION("one is listed by its id") {
    add_share(database, 1, note, anna);
    add_share(database, 2, note, anna);
    CHECK(list(database, {.id = share_id(2)}) ==
          std::vector<std::string>{"/anna/docs/note by anna file"});
    CHECK(list(database, {.id = share_id(3)}).empty());
  }

  SECTION("one that ended before its file left for another home goes with that home's owner") {
    const auto of_bert = add_home(database, bert);
    const auto moved = add_file(database, of_bert, "moved", content(2, 1));
    add_share(database, 1, moved, anna);
    REQUIRE(end(database, 1) == "ok");
    change(database, [&](WriteTransaction& tx) {
      return tx.files().relocate(moved.id, home.id, file_name("moved"), anna.id, kNow);
    });
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(of_bert.id, kNow); });
    change(database, [&](WriteTransaction& tx) { return tx.users().remove(bert.id); });
    CHECK_FALSE(find(database, 1));
  }
}

} // namespace baluhost::contract
