#include "support.hpp"

#include <algorithm>

namespace baluhost::contract {
namespace {

constexpr std::chrono::hours kDay{24};

KeyId key_id(int number) {
  std::string hex = std::to_string(number);
  return KeyId{std::string(2 * KeyId::kBytes - hex.size(), '0') + hex};
}

KeyHash key_hash(int number) { return {sha256_of(number)}; }

Key new_key(int number, UserId owner) {
  return {.id = key_id(number),
          .owner = owner,
          .name = "key " + std::to_string(number),
          .scopes = Scope::files_read | Scopes{Scope::shares},
          .root = {},
          .protocols = KeyProtocol::webdav,
          .allow_from = {},
          .created_at = kNow,
          .expires_at = {},
          .last_used_at = {},
          .last_used_ip = {}};
}

void insert(Database& database, const Key& key, int secret) {
  change(database, [&](WriteTransaction& tx) { return tx.keys().insert(key, key_hash(secret)); });
}

std::optional<KeyState> find(Database& database, int number) {
  return see(database, [&](ReadTransaction& tx) { return tx.keys().find(key_id(number)); });
}

std::optional<KeyState> find_by_secret(Database& database, int secret) {
  return see(database, [&](ReadTransaction& tx) { return tx.keys().find(key_hash(secret)); });
}

std::vector<PlacedKey> list(Database& database, UserId owner,
                            const std::optional<KeyId>& after = std::nullopt,
                            std::size_t limit = 100) {
  return see(database, [&](ReadTransaction& tx) { return tx.keys().list(owner, after, limit); });
}

std::vector<std::string> names(const std::vector<PlacedKey>& keys) {
  std::vector<std::string> found;
  for (const auto& placed : keys) found.push_back(placed.key.name);
  return found;
}

std::int64_t count(Database& database, UserId owner) {
  return see(database, [&](ReadTransaction& tx) { return tx.keys().count(owner); });
}

std::int64_t version(Database& database) {
  return see(database, [](ReadTransaction& tx) { return tx.identity_version(); });
}

void note(Database& database, const std::vector<KeyUse>& uses) {
  bookkept(database, [&](Bookkeeping& tx) { return tx.keys().note_uses(uses); });
}

void finding(Database& database, const User& anna) {
  SECTION("a key is found by its id and by its secret, with its user, as it was inserted") {
    auto key = new_key(1, anna.id);
    key.name = "n\xC3\xA4me, \"quoted\"";
    key.scopes = Scopes::all();
    key.root = FileId{4711};
    key.protocols = KeyProtocols::all();
    for (const char* network : {"192.0.2.0/24", "2001:db8::/32", "127.0.0.1"})
      key.allow_from.push_back(must(IpNetwork::parse(network)));
    key.expires_at = kNow + kDay;
    insert(database, key, 1);
    for (const auto& state : {find(database, 1), find_by_secret(database, 1)}) {
      REQUIRE(state);
      CHECK(describe(state->key) == describe(key));
      CHECK(describe(state->user) == describe(anna));
    }
    CHECK_FALSE(find(database, 2));
    CHECK_FALSE(find_by_secret(database, 2));
  }

  SECTION("every set of scopes and of protocols comes back as it went in") {
    for (std::uint8_t bits = 0; bits < 64; ++bits) {
      auto key = new_key(bits, anna.id);
      key.scopes = Scopes::from_bits(bits);
      key.protocols = KeyProtocols::from_bits(bits & 3);
      insert(database, key, bits);
      CHECK(describe(find(database, bits)->key) == describe(key));
    }
  }

  SECTION("a key shows its user as the user is now") {
    insert(database, new_key(1, anna.id), 1);
    UserChanges changes;
    changes.enabled = false;
    change(database,
           [&](WriteTransaction& tx) { return tx.users().update(anna.id, changes, kNow); });
    CHECK_FALSE(find_by_secret(database, 1)->user.enabled);
  }

  SECTION("two keys do not have one secret or one id") {
    insert(database, new_key(1, anna.id), 1);
    for (const auto& [id, secret] : {std::pair{1, 2}, std::pair{2, 1}}) {
      CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
              return tx.keys().insert(new_key(id, anna.id), key_hash(secret));
            })) != "ok");
    }
    CHECK(count(database, anna.id) == 1);
  }
}

void listing(Database& database, const User& anna, const User& bert) {
  SECTION("keys are listed by id, page by page, those of others not") {
    for (const int number : {3, 1, 2}) insert(database, new_key(number, anna.id), number);
    insert(database, new_key(4, bert.id), 4);
    CHECK(names(list(database, anna.id)) == std::vector<std::string>{"key 1", "key 2", "key 3"});
    CHECK(names(list(database, anna.id, std::nullopt, 2)) ==
          std::vector<std::string>{"key 1", "key 2"});
    CHECK(names(list(database, anna.id, key_id(2), 2)) == std::vector<std::string>{"key 3"});
    CHECK(list(database, anna.id, std::nullopt, 0).empty());
    CHECK(count(database, anna.id) == 3);
    CHECK(count(database, bert.id) == 1);
  }

  SECTION("a list shows where what a key is bound to lies now, and not where it is gone") {
    const auto home = add_home(database, anna);
    const auto docs = add_directory(database, home, "docs");
    const auto note = add_file(database, docs, "note", content(1, 10));
    const std::vector<std::optional<FileId>> roots{std::nullopt, home.id, note.id, FileId{4711}};
    for (int i = 0; i < 4; ++i) {
      auto key = new_key(i, anna.id);
      key.root = roots[static_cast<std::size_t>(i)];
      insert(database, key, i);
    }
    const auto paths = [&] {
      std::vector<std::string> found;
      for (const auto& placed : list(database, anna.id))
        found.push_back(placed.path ? placed.path->str() : "-");
      return found;
    };
    CHECK(paths() == std::vector<std::string>{"-", "/anna", "/anna/docs/note", "-"});
    change(database, [&](WriteTransaction& tx) {
      return tx.files().relocate(note.id, home.id, file_name("moved"), anna.id, kNow);
    });
    CHECK(paths() == std::vector<std::string>{"-", "/anna", "/anna/moved", "-"});
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(note.id, kNow); });
    CHECK(paths() == std::vector<std::string>{"-", "/anna", "-", "-"});
    CHECK(find(database, 2)->key.root == note.id);
  }
}

void ending(Database& database, const User& anna, const User& bert) {
  SECTION("a key that was removed is found no more; a second time it is not_found") {
    insert(database, new_key(1, anna.id), 1);
    const auto remove = [&] {
      return outcome(
          attempt(database, [&](WriteTransaction& tx) { return tx.keys().remove(key_id(1)); }));
    };
    CHECK(remove() == "ok");
    CHECK_FALSE(find(database, 1));
    CHECK_FALSE(find_by_secret(database, 1));
    CHECK(remove() == "not_found");
    insert(database, new_key(1, anna.id), 1); // nothing is left of it
  }

  SECTION("all keys of a user go, and nobody else's") {
    for (const int number : {1, 2}) insert(database, new_key(number, anna.id), number);
    insert(database, new_key(3, bert.id), 3);
    const auto removed = [&] {
      return change(database, [&](WriteTransaction& tx) { return tx.keys().remove_all(anna.id); });
    };
    CHECK(removed() == 2);
    CHECK(removed() == 0);
    CHECK(count(database, anna.id) == 0);
    CHECK(find(database, 3));
  }

  SECTION("the keys of a user go with the user, of one whose files are still there too") {
    insert(database, new_key(1, anna.id), 1);
    insert(database, new_key(2, bert.id), 2);
    const auto home = add_home(database, bert);
    add_directory(database, home, "docs");
    change(database, [&](WriteTransaction& tx) { return tx.users().remove(anna.id); });
    CHECK_FALSE(find(database, 1));
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.removals().begin({home.id, bert.id, some_event("/bert")}));
      return tx.users().remove(bert.id);
    });
    CHECK_FALSE(find(database, 2));
    CHECK_FALSE(find_by_secret(database, 2));
  }

  SECTION("what expired before a moment is forgotten, no more than asked for, and nothing else") {
    for (const int number : {1, 2, 3}) {
      auto key = new_key(number, anna.id);
      key.expires_at = kNow + kDay * number;
      insert(database, key, number);
    }
    insert(database, new_key(4, anna.id), 4);
    const auto forget = [&](Timestamp before, std::size_t limit) {
      return bookkept(database,
                      [&](Bookkeeping& tx) { return tx.keys().forget_expired(before, limit); });
    };
    CHECK(forget(kNow + kDay, 100) == 0);
    CHECK(forget(kNow + kDay * 3, 0) == 0);
    CHECK(forget(kNow + kDay * 3, 1) == 1);
    CHECK(forget(kNow + kDay * 3, 100) == 1);
    CHECK(names(list(database, anna.id)) == std::vector<std::string>{"key 3", "key 4"});
  }
}

void using_keys(Database& database, const User& anna) {
  SECTION("the last use of each of many keys is noted at once; an earlier one changes nothing") {
    std::vector<KeyUse> uses;
    for (int i = 0; i < 150; ++i) {
      insert(database, new_key(i, anna.id), i);
      uses.push_back(
          {key_id(i), kNow + kTick * i, IpAddress::parse("192.0.2." + std::to_string(i))});
    }
    uses[3].ip_address.reset();
    uses.push_back({key_id(4711), kNow, IpAddress::parse("192.0.2.1")});
    note(database, uses);
    for (int i = 0; i < 150; ++i) {
      const auto key = find(database, i)->key;
      CHECK(key.last_used_at == kNow + kTick * i);
      CHECK(key.last_used_ip == uses[static_cast<std::size_t>(i)].ip_address);
    }
    note(database, {{key_id(9), kNow, IpAddress::parse("203.0.113.1")}});
    CHECK(find(database, 9)->key.last_used_ip == IpAddress::parse("192.0.2.9"));
    note(database, {{key_id(9), kNow + kSecond, IpAddress::parse("203.0.113.1")}});
    CHECK(find(database, 9)->key.last_used_ip == IpAddress::parse("203.0.113.1"));
    note(database, {});
  }

  SECTION("the end of a key changes identity_version, its use does not") {
    insert(database, new_key(1, anna.id), 1);
    const auto before = version(database);
    note(database, {{key_id(1), kNow, std::nullopt}});
    CHECK(version(database) == before);
    change(database, [&](WriteTransaction& tx) { return tx.keys().remove(key_id(1)); });
    CHECK(version(database) != before);
  }
}

} // namespace

void keys_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto anna = add_user(*database, "anna");
  const auto bert = add_user(*database, "bert");
  finding(*database, anna);
  listing(*database, anna, bert);
  ending(*database, anna, bert);
  using_keys(*database, anna);
}

} // namespace baluhost::contract
