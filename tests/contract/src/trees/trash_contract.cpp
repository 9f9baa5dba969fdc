#include "files/files_suite.hpp"
#include "support.hpp"

#include <array>

namespace baluhost::contract {
namespace {

std::string describe_entry(const TrashEntry& entry) {
  return entry.path.str() + " " + std::string{to_string(entry.kind)} + " " +
         std::to_string(entry.size) + "+" + std::to_string(entry.version_bytes) + " in " +
         std::to_string(entry.file_count) + " by " + entry.deleted_by + " until " +
         std::to_string((entry.expires_at - kNow).count()) + " rights " + entry.granted.to_text();
}

NewTrashEntry new_entry(const FileEntry& root, std::string_view path, const User& deleter,
                        int days = 30) {
  return {.root = root.id,
          .owner = root.owner,
          .parent = root.parent,
          .path = file_path(path),
          .size = 30,
          .version_bytes = 5,
          .file_count = 2,
          .deleter = deleter.id,
          .deleted_by = deleter.username.str(),
          .deleted_at = kNow,
          .expires_at = kNow + days * kSecond};
}

std::vector<std::string> list(Database& database, const TrashFilter& filter,
                              std::size_t limit = 100) {
  std::vector<std::string> paths;
  std::optional<TrashId> after;
  for (;;) {
    const auto page =
        see(database, [&](ReadTransaction& tx) { return tx.trash().list(filter, after, limit); });
    for (const auto& entry : page) paths.push_back(entry.path.str());
    if (page.size() < limit) return paths;
    after = page.back().id;
  }
}

} // namespace

void trash_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  const auto tree = files_suite::plant(database);
  change(database,
         [&](WriteTransaction& tx) { return tx.users().add_usage(tree.anna.id, {.entries = 4}); });
  using Paths = std::vector<std::string>;
  const auto put = [&](const NewTrashEntry& entry) {
    return attempt(database, [&](WriteTransaction& tx) { return tx.trash().put(entry); });
  };
  const auto restore = [&](TrashId id, FileId parent, std::string_view name) {
    return attempt(database, [&](WriteTransaction& tx) {
      return tx.trash().restore(id, parent, file_name(name));
    });
  };
  const auto find = [&](TrashId id, const std::optional<UserId>& viewer) {
    return see(database, [&](ReadTransaction& tx) { return tx.trash().find(id, viewer); });
  };
  const auto entries = [&] {
    return see(database, [&](ReadTransaction& tx) { return tx.users().find(tree.anna.id); })
        ->entry_count;
  };
  const auto resolves = [&](std::string_view path) {
    return see(database, [&](ReadTransaction& tx) { return tx.files().resolve(file_path(path)); })
        .complete;
  };
  const auto grants_of_bert = [&] {
    return see(database, [&](ReadTransaction& tx) {
      return tx.grants().list_of_grantee(tree.bert.id, FileId{0}, 10);
    });
  };

  SECTION("what is in the trash is nowhere, its name is free, and it is found as it was put") {
    const auto put_docs = must(put(new_entry(tree.docs, "/anna/docs", tree.bert)));
    CHECK(entries() == 4);
    CHECK_FALSE(resolves("/anna/docs"));
    CHECK_FALSE(resolves("/anna/docs/page"));
    CHECK_FALSE(see(database, [&](ReadTransaction& tx) { return tx.files().find(tree.docs.id); }));
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      CHECK(outcome(tx.files().path_of(tree.note.id)) == "not_found");
      for (const FileId node : {tree.docs.id, tree.note.id})
        CHECK(outcome(tx.files().resolve_below(node, {})) == "not_found");
      CHECK(outcome(tx.files().resolve_below(tree.docs.id, std::vector{file_name("page")})) ==
            "not_found");
      return {};
    }));
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.files().homes(std::nullopt, 10);
          }).size() == 1);
    CHECK(describe_entry(put_docs) ==
          "/anna/docs directory 30+5 in 2 by bert until 30000000 rights ");
    CHECK(describe_entry(*find(put_docs.id, std::nullopt)) == describe_entry(put_docs));
    const auto found = find(put_docs.id, std::nullopt);
    CHECK(found->root == tree.docs.id);
    CHECK(found->owner == tree.anna.id);
    CHECK(found->parent == tree.home.id);
    CHECK(found->deleter == tree.bert.id);
    CHECK(found->deleted_at == kNow);
    CHECK_FALSE(find(TrashId{4711}, std::nullopt));
    CHECK(outcome(put(new_entry(tree.docs, "/anna/docs", tree.bert))) == "not_found");
    CHECK(outcome(put(new_entry(tree.home, "/anna", tree.anna))) == "internal");
    add_directory(database, tree.home, "docs");
    CHECK(see(database, [](ReadTransaction& tx) { return tx.files().references(blob_id(1)); }));
  }

  SECTION("holding finds the entry in which a file lies") {
    const auto id = must(put(new_entry(tree.docs, "/anna/docs", tree.anna))).id;
    const auto holding = [&](FileId file) {
      const auto entry =
          see(database, [&](ReadTransaction& tx) { return tx.trash().holding(file); });
      return entry ? std::optional{entry->id} : std::nullopt;
    };
    CHECK(holding(tree.note.id) == id);
    CHECK(holding(tree.docs.id) == id);
    CHECK(holding(tree.home.id) == std::optional<TrashId>{});
    CHECK(holding(FileId{4711}) == std::optional<TrashId>{});
  }

  SECTION("an entry is restored as it was, with grants and shares, where and as it is wanted") {
    add_grant(database, tree.docs, tree.bert, Right::read);
    add_share(database, 1, tree.note, tree.anna);
    const auto shares = [&] {
      return see(database,
                 [](ReadTransaction& tx) { return tx.shares().list({}, std::nullopt, 10); });
    };
    const auto visible = [&] {
      return see(database,
                 [&](ReadTransaction& tx) { return tx.grants().homes_visible_to(tree.bert.id); });
    };
    const auto standing = [&] {
      const std::array files{tree.note.id};
      return see(database, [&](ReadTransaction& tx) {
        return tx.grants().standings(tree.bert.id, files, std::nullopt);
      });
    };
    const auto id = must(put(new_entry(tree.docs, "/anna/docs", tree.anna))).id;
    CHECK(grants_of_bert().empty());
    CHECK(shares().empty());
    const auto asleep = see(database, [&](ReadTransaction& tx) {
      return tx.shares().list({.below = tree.docs.id}, std::nullopt, 10);
    });
    REQUIRE(asleep.size() == 1);
    CHECK(asleep[0].path.str() == "/anna/docs/deep/note");
    const auto all = see(database, [&](ReadTransaction& tx) {
      return tx.shares().list({.home = tree.anna.id, .asleep = true}, std::nullopt, 10);
    });
    REQUIRE(all.size() == 1);
    CHECK(all[0].path.str() == "/anna/docs/deep/note");
    CHECK(visible().empty());
    CHECK(standing().empty());
    CHECK(describe_entry(*find(id, tree.bert.id)).ends_with("rights read"));

    const auto other = add_directory(database, tree.home, "other");
    CHECK(outcome(restore(id, tree.home.id, "other")) == "already_exists");
    CHECK(outcome(restore(id, FileId{4711}, "docs")) == "not_found");
    CHECK(outcome(restore(TrashId{4711}, tree.home.id, "docs")) == "not_found");
    const auto restored = must(restore(id, other.id, "back"));
    CHECK(restored.id == tree.docs.id);
    CHECK(restored.parent == other.id);
    CHECK(restored.modified_at == tree.docs.modified_at);
    CHECK(resolves("/anna/other/back/deep/note"));
    CHECK(entries() == 4);
    CHECK(grants_of_bert().size() == 1);
    CHECK(grants_of_bert()[0].path.str() == "/anna/other/back");
    CHECK(shares().size() == 1);
    CHECK(visible().size() == 1);
    CHECK(standing().size() == 1);
    CHECK_FALSE(find(id, std::nullopt));
    CHECK(must(put(new_entry(restored, "/anna/other/back", tree.anna))).id > id);
  }

  SECTION("a user sees what lay in the own home and what was deleted in others', newest first") {
    const auto home_of_bert = add_home(database, tree.bert);
    const auto own = add_file(database, home_of_bert, "own", content(3, 1));
    const auto by_bert = must(put(new_entry(tree.page, "/anna/docs/page", tree.bert))).id;
    must(put(new_entry(tree.note, "/anna/docs/deep/note", tree.anna)));
    must(put(new_entry(own, "/bert/own", tree.bert)));
    for (const std::size_t limit : {1, 2, 10}) {
      CHECK(list(database, {.viewer = tree.anna.id}, limit) ==
            Paths{"/anna/docs/deep/note", "/anna/docs/page"});
      CHECK(list(database, {.viewer = tree.bert.id}, limit) ==
            Paths{"/bert/own", "/anna/docs/page"});
      CHECK(list(database, {}, limit) ==
            Paths{"/bert/own", "/anna/docs/deep/note", "/anna/docs/page"});
      CHECK(list(database, {.home = tree.anna.id}, limit) ==
            Paths{"/anna/docs/deep/note", "/anna/docs/page"});
    }
    CHECK(find(by_bert, tree.anna.id)->granted.empty());
    CHECK(list(database, {}, 0 + 100).size() == 3);
  }

  SECTION("expired entries come in the order of their expiry, then those of removed users") {
    must(put(new_entry(tree.note, "/anna/docs/deep/note", tree.anna, 2)));
    must(put(new_entry(tree.page, "/anna/docs/page", tree.anna, 1)));
    const auto home_of_bert = add_home(database, tree.bert);
    const auto own = add_file(database, home_of_bert, "own", content(3, 1));
    must(put(new_entry(own, "/bert/own", tree.bert, 50)));
    const auto expired = [&](int days, std::size_t limit) {
      Paths paths;
      for (const auto& entry : see(database, [&](ReadTransaction& tx) {
             return tx.trash().expired(kNow + days * kSecond, limit);
           }))
        paths.push_back(entry.path.str());
      return paths;
    };
    CHECK(expired(0, 10).empty());
    CHECK(expired(1, 10) == Paths{"/anna/docs/page"});
    CHECK(expired(2, 10) == Paths{"/anna/docs/page", "/anna/docs/deep/note"});
    CHECK(expired(2, 1) == Paths{"/anna/docs/page"});
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.files().remove(home_of_bert.id, kNow));
      return tx.users().remove(tree.bert.id);
    });
    CHECK(expired(2, 10) == Paths{"/anna/docs/page", "/anna/docs/deep/note", "/bert/own"});
    CHECK(expired(0, 10) == Paths{"/bert/own"});
  }

  SECTION("rows that are removed take their entry along, and so does a removal that begins") {
    add_grant(database, tree.docs, tree.bert, Right::read);
    add_share(database, 1, tree.note, tree.anna);
    const auto first = must(put(new_entry(tree.docs, "/anna/docs", tree.anna))).id;
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.removals().begin({tree.docs.id, tree.anna.id, some_event("/anna/docs")});
          })) == "ok");
    CHECK_FALSE(find(first, std::nullopt));
    CHECK(entries() == 4); // the root is for the caller to count
    CHECK_FALSE(see(database, [](ReadTransaction& tx) { return tx.shares().find(share_id(1)); }));
    const auto beside = add_file(database, tree.home, "beside", content(4, 1));
    const auto second = must(put(new_entry(beside, "/anna/beside", tree.anna))).id;
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto nodes, tx.files().bottom_up(beside.id, 10));
      return tx.removals().remove(nodes, kNow);
    });
    CHECK_FALSE(find(second, std::nullopt));
    CHECK_FALSE(
        see(database, [](ReadTransaction& tx) { return tx.files().references(blob_id(4)); }));
  }

  SECTION("versions that go are counted off their entry") {
    const auto id = must(put(new_entry(tree.docs, "/anna/docs", tree.anna))).id;
    change(database, [&](WriteTransaction& tx) { return tx.trash().lose_versions(id, 3); });
    CHECK(find(id, std::nullopt)->version_bytes == 2);
    CHECK(find(id, std::nullopt)->bytes() == 32);
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.trash().lose_versions(TrashId{4711}, 3);
          })) == "not_found");
  }
}

} // namespace baluhost::contract
