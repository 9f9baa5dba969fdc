#include "files/files_suite.hpp"

namespace baluhost::contract::files_suite {

void moving(const Tree& t) {
  auto& database = t.database;
  SECTION("relocate renames in place and keeps id and content") {
    const auto renamed = must(relocate(database, t.page.id, t.docs.id, "sheet", t.anna.id));
    CHECK(renamed.id == t.page.id);
    CHECK(renamed.name.str() == "sheet");
    CHECK(describe(*renamed.content) == describe(*t.page.content));
    CHECK(renamed.created_at == t.page.created_at);
    CHECK(describe(*find(database, t.page.id)) == describe(renamed));
    CHECK(children(database, t.docs.id) == std::vector<std::string>{"deep", "sheet"});
  }

  SECTION("relocate moves a tree with all below it to another owner") {
    const auto home_of_bert = add_home(database, t.bert);
    const auto moved = must(relocate(database, t.docs.id, home_of_bert.id, "from-anna", t.bert.id));
    CHECK(moved.parent == home_of_bert.id);
    CHECK(path_of(database, t.note.id) == "/bert/from-anna/deep/note");
    for (const auto& id : {t.docs.id, t.deep.id, t.note.id, t.page.id})
      CHECK(find(database, id)->owner == t.bert.id);
    CHECK(describe(*find(database, t.note.id)->content) == describe(*t.note.content));
    CHECK(children(database, t.home.id).empty());
  }

  SECTION("relocate onto a name that is taken is already_exists and moves nothing") {
    CHECK(outcome(relocate(database, t.page.id, t.docs.id, "deep", t.anna.id)) == "already_exists");
    CHECK(outcome(relocate(database, t.note.id, t.docs.id, "page", t.anna.id)) == "already_exists");
    CHECK(path_of(database, t.page.id) == "/anna/docs/page");
    CHECK(path_of(database, t.note.id) == "/anna/docs/deep/note");
  }

  SECTION("relocate of no node, or into no directory, is not_found") {
    CHECK(outcome(relocate(database, FileId{4711}, t.home.id, "x", t.anna.id)) == "not_found");
    CHECK(outcome(relocate(database, t.page.id, FileId{4711}, "x", t.anna.id)) == "not_found");
    CHECK(path_of(database, t.page.id) == "/anna/docs/page");
  }

  SECTION("of many relocations onto one name at the same time one wins") {
    std::vector<FileEntry> files;
    for (int i = 0; i < 6; ++i)
      files.push_back(add_file(database, t.home, "f" + std::to_string(i), content(100 + i, 1)));
    const auto goal = file_name("goal");
    std::vector<std::string> outcomes(files.size());
    together(static_cast<int>(files.size()), [&](int i) {
      const auto n = static_cast<std::size_t>(i);
      outcomes[n] = outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.files().relocate(files[n].id, t.docs.id, goal, t.anna.id, kNow);
      }));
    });
    CHECK(count_of(outcomes, "ok") == 1);
    CHECK(count_of(outcomes, "already_exists") == 5);
    CHECK(children(database, t.home.id).size() == 6);
  }

  SECTION("under lock_home a look at the tree and a change of it are one step") {
    std::vector<NewFileEntry> fresh;
    for (int i = 0; i < 6; ++i)
      fresh.push_back(new_file(t.home, "only" + std::to_string(i), content(100 + i, 1)));
    std::vector<std::string> outcomes(fresh.size());
    together(static_cast<int>(fresh.size()), [&](int i) {
      const auto n = static_cast<std::size_t>(i);
      outcomes[n] = outcome(attempt(database, [&](WriteTransaction& tx) -> Result<FileEntry> {
        BALUHOST_CHECK(tx.files().lock_home(t.anna.id));
        BALUHOST_TRY(const auto there, tx.files().children(t.home.id, std::nullopt, 10));
        if (there.size() > 1) return Error{Errc::conflict, "one is enough"};
        return tx.files().insert(fresh[n]);
      }));
    });
    CHECK(count_of(outcomes, "ok") == 1);
    CHECK(count_of(outcomes, "conflict") == 5);
    CHECK(children(database, t.home.id).size() == 2);
  }

  SECTION("two directories moved into each other at the same time do not leave the tree") {
    const std::vector directories{add_directory(database, t.home, "left"),
                                  add_directory(database, t.home, "right")};
    std::vector<std::string> outcomes(2);
    together(2, [&](int i) {
      const auto n = static_cast<std::size_t>(i);
      const auto& node = directories[n];
      outcomes[n] = outcome(attempt(database, [&](WriteTransaction& tx) -> Result<FileEntry> {
        BALUHOST_CHECK(tx.files().lock_home(t.anna.id));
        return tx.files().relocate(node.id, directories[1 - n].id, node.name, t.anna.id, kNow);
      }));
    });
    CHECK(count_of(outcomes, "ok") == 1);
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.files().totals(t.home.id);
          }).directories == 5);
    CHECK(path_of(database, directories[0].id).starts_with("/anna/"));
    CHECK(path_of(database, directories[1].id).starts_with("/anna/"));
  }

  SECTION("lock_home of nobody is not_found") {
    CHECK(outcome(attempt(database, [](WriteTransaction& tx) {
            return tx.files().lock_home(UserId{4711});
          })) == "not_found");
  }
}

void copying(const Tree& t) {
  auto& database = t.database;
  SECTION("copy makes a tree of new nodes that shares contents and has no grants") {
    const auto home_of_bert = add_home(database, t.bert);
    add_grant(database, t.docs, t.bert, Right::read);
    add_grant(database, t.note, t.bert, Right::read);
    const auto copied = change(database, [&](WriteTransaction& tx) {
      return tx.files().copy(t.docs.id, home_of_bert.id, file_name("copy"), t.bert.id,
                             kNow + kSecond, "bert");
    });
    CHECK(copied.id != t.docs.id);
    CHECK(copied.parent == home_of_bert.id);
    CHECK(copied.name.str() == "copy");
    CHECK(copied.kind == FileKind::directory);
    const auto found = see(database, [&](ReadTransaction& tx) {
      return tx.files().resolve(file_path("/bert/copy/deep/note"));
    });
    REQUIRE(found.complete);
    const auto& note = found.found.back();
    CHECK(note.id != t.note.id);
    CHECK(note.owner == t.bert.id);
    CHECK(describe(*note.content) == describe(*t.note.content));
    CHECK(see(database, [&](ReadTransaction& tx) { return tx.files().totals(copied.id); }).bytes ==
          30);
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.grants().rights_on(t.bert.id, std::vector{copied.id, note.id});
          }).empty());
    CHECK(describe(*find(database, t.note.id)) == describe(t.note));
    CHECK(path_of(database, t.note.id) == "/anna/docs/deep/note");
  }

  SECTION(
      "copy beside the original works, onto a taken name it is already_exists, of no node "
      "not_found") {
    const auto copy = [&](FileId node, FileId parent, std::string_view name) {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.files().copy(node, parent, file_name(name), t.anna.id, kNow, "anna");
      }));
    };
    CHECK(copy(t.page.id, t.docs.id, "page (2)") == "ok");
    CHECK(copy(t.page.id, t.docs.id, "deep") == "already_exists");
    CHECK(copy(FileId{4711}, t.docs.id, "x") == "not_found");
    CHECK(copy(t.page.id, FileId{4711}, "x") == "not_found");
    CHECK(children(database, t.docs.id) == std::vector<std::string>{"deep", "page", "page (2)"});
  }
}

} // namespace baluhost::contract::files_suite
