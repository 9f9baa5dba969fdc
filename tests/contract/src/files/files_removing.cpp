#include "files/files_suite.hpp"

namespace baluhost::contract::files_suite {

void removing(const Tree& t) {
  auto& database = t.database;
  const auto rights_of_bert = [&](std::vector<FileId> files) {
    return see(database,
               [&](ReadTransaction& tx) { return tx.grants().rights_on(t.bert.id, files); });
  };
  const auto grants_of_bert = [&] {
    return see(database, [&](ReadTransaction& tx) {
      return tx.grants().list_of_grantee(t.bert.id, FileId{0}, 10);
    });
  };
  const auto bottom_up = [&](FileId root, std::size_t limit) {
    return see(database, [&](ReadTransaction& tx) { return tx.files().bottom_up(root, limit); });
  };
  const auto remove_some = [&](const std::vector<TreeNode>& nodes) {
    return outcome(
        attempt(database, [&](WriteTransaction& tx) { return tx.removals().remove(nodes, kNow); }));
  };
  const auto entries_of_anna = [&] {
    return see(database, [&](ReadTransaction& tx) { return tx.users().find(t.anna.id); })
        ->entry_count;
  };
  change(database,
         [&](WriteTransaction& tx) { return tx.users().add_usage(t.anna.id, {.entries = 4}); });

  SECTION(
      "remove takes one node and every grant on it, and nothing beside; with something in it is "
      "conflict") {
    add_grant(database, t.home, t.bert, Right::read);
    add_grant(database, t.note, t.bert, Right::read);
    const auto remove = [&](FileId node) {
      return outcome(
          attempt(database, [&](WriteTransaction& tx) { return tx.files().remove(node, kNow); }));
    };
    CHECK(remove(t.docs.id) == "conflict");
    CHECK(remove(t.note.id) == "ok");
    CHECK_FALSE(find(database, t.note.id));
    CHECK(remove(t.deep.id) == "ok");
    CHECK(children(database, t.docs.id) == std::vector<std::string>{"page"});
    REQUIRE(grants_of_bert().size() == 1);
    CHECK(grants_of_bert()[0].grant.file == t.home.id);
    CHECK(remove(t.note.id) == "not_found");
    CHECK(outcome(insert(database, new_directory(t.docs, "deep"))) == "ok");
  }

  SECTION("a detached tree is nowhere, its grants are over, its name is free, and its rows wait") {
    add_grant(database, t.home, t.bert, Right::read);
    add_grant(database, t.docs, t.bert, Right::write);
    add_grant(database, t.note, t.bert, Right::remove);
    const auto beside = add_file(database, t.home, "beside", content(8, 1));
    add_grant(database, beside, t.bert, Right::share);
    const auto event = event_of(t.anna.id, Action::remove, "/anna/docs");
    const auto begin = [&] {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.removals().begin({t.docs.id, t.anna.id, event});
      }));
    };
    CHECK(begin() == "ok");
    CHECK(begin() == "not_found");
    CHECK(children(database, t.home.id) == std::vector<std::string>{"beside"});
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.files().resolve(file_path("/anna/docs/deep"));
          }).found.size() == 1);
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.files().homes(std::nullopt, 10);
          }).size() == 1);
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      CHECK(outcome(tx.files().path_of(t.docs.id)) == "not_found");
      CHECK(outcome(tx.files().path_of(t.note.id)) == "not_found");
      return {};
    }));
    CHECK(rights_of_bert({t.docs.id, t.deep.id, t.note.id}).empty());
    CHECK(grants_of_bert().size() == 2);
    CHECK(entries_of_anna() == 3);
    const auto fresh = insert(database, new_directory(t.home, "docs"));
    CHECK(outcome(fresh) == "ok");

    const auto pending =
        see(database, [](ReadTransaction& tx) { return tx.removals().pending(FileId{0}, 10); });
    REQUIRE(pending.size() == 1);
    CHECK(pending[0].root == t.docs.id);
    CHECK(pending[0].owner == t.anna.id);
    CHECK(describe(pending[0].event) == describe(event));
    CHECK(pending[0].event.account == t.anna.id);
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.removals().pending(t.docs.id, 10);
          }).empty());
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.removals().pending(FileId{0}, 0);
          }).empty());

    const auto first = bottom_up(t.docs.id, 3);
    CHECK(first.size() == 3);
    CHECK(remove_some(first) == "ok");
    CHECK(remove_some(first) == "conflict"); // another was faster
    CHECK(entries_of_anna() == 0);
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.removals().pending(FileId{0}, 10);
          }).size() == 1);
    const auto last = bottom_up(t.docs.id, 3);
    REQUIRE(last.size() == 1);
    CHECK(last[0].id == t.docs.id);
    CHECK(remove_some(last) == "ok");
    CHECK(bottom_up(t.docs.id, 3).empty());
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.removals().pending(FileId{0}, 10);
          }).empty());
    CHECK(entries_of_anna() == 0);
    CHECK(children(database, t.home.id) == std::vector<std::string>{"beside", "docs"});
  }

  SECTION("a directory does not go before what is in it: conflict, and nothing is gone") {
    const std::vector<TreeNode> wrong{TreeNode{t.page.id, FileKind::file, 20, "page"},
                                      TreeNode{t.docs.id, FileKind::directory, 0, ""}};
    CHECK(remove_some(wrong) == "conflict");
    CHECK(find(database, t.page.id));
    CHECK(entries_of_anna() == 4);
  }

  SECTION("a tree is not detached for an event of a program's own, which no one could write") {
    auto event = some_event("/anna");
    event.action = Action::custom("acme.removal", EventType::file_access);
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.removals().begin({t.home.id, t.anna.id, event});
          })) == "internal");
    CHECK(find(database, t.home.id));
  }

  SECTION("a user goes before the rows of a detached home, and the name is free at once") {
    add_grant(database, t.page, t.bert, Right::read);
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.removals().begin({t.home.id, t.anna.id, some_event("/anna")}));
      return tx.users().remove(t.anna.id);
    });
    const auto list = [&] {
      return see(database, [](ReadTransaction& tx) { return tx.users().list(std::nullopt, 10); });
    };
    REQUIRE(list().size() == 1);
    CHECK(list()[0].id == t.bert.id);
    CHECK_FALSE(see(database, [&](ReadTransaction& tx) { return tx.users().find(t.anna.id); }));
    CHECK_FALSE(
        see(database, [&](ReadTransaction& tx) { return tx.users().find(t.anna.username); }));
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.grants().homes_visible_to(t.bert.id);
          }).empty());
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.users().remove(t.anna.id);
          })) == "not_found");

    const auto namesake = add_user(database, "anna");
    CHECK(namesake.id != t.anna.id);
    const auto home = add_home(database, namesake);
    CHECK(children(database, home.id).empty());
    for (int pieces = 0;; ++pieces) {
      REQUIRE(pieces < 10);
      const auto nodes = bottom_up(t.home.id, 2);
      if (nodes.empty()) break;
      CHECK(remove_some(nodes) == "ok");
    }
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.removals().pending(FileId{0}, 10);
          }).empty());
    CHECK(find(database, home.id));
    CHECK(list().size() == 2);
  }
}

} // namespace baluhost::contract::files_suite
