#include "support.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace baluhost::contract {
namespace {

struct Tree {
  Database& database;
  User anna;
  User bert;
  FileEntry home; ///< of anna
  FileEntry docs; ///< /anna/docs
  FileEntry deep; ///< /anna/docs/deep
  FileEntry note; ///< /anna/docs/deep/note, 10 bytes
  FileEntry page; ///< /anna/docs/page, 20 bytes
};

Tree plant(Database& database) {
  const auto anna = add_user(database, "anna");
  const auto bert = add_user(database, "bert");
  const auto home = add_home(database, anna);
  const auto docs = add_directory(database, home, "docs");
  const auto deep = add_directory(database, docs, "deep");
  const auto note = add_file(database, deep, "note", content(1, 10));
  const auto page = add_file(database, docs, "page", content(2, 20));
  return {database, anna, bert, home, docs, deep, note, page};
}

std::optional<FileEntry> find(Database& database, FileId id) {
  return see(database, [&](ReadTransaction& tx) { return tx.files().find(id); });
}

std::string path_of(Database& database, FileId id) {
  return see(database, [&](ReadTransaction& tx) { return tx.files().path_of(id); }).str();
}

std::vector<std::string> names_of(const std::vector<FileEntry>& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name.str());
  return names;
}

std::vector<std::string> children(Database& database, FileId directory,
                                  const std::optional<FileName>& after = std::nullopt, std::size_t limit = 1000) {
  return names_of(see(database, [&](ReadTransaction& tx) { return tx.files().children(directory, after, limit); }));
}

Result<FileEntry> insert(Database& database, const NewFileEntry& entry) {
  return attempt(database, [&](WriteTransaction& tx) { return tx.files().insert(entry); });
}

Result<FileEntry> relocate(Database& database, FileId node, FileId parent, std::string_view name, UserId owner) {
  const auto called = file_name(name);
  return attempt(database,
                 [&](WriteTransaction& tx) { return tx.files().relocate(node, parent, called, owner, kNow); });
}

void inserting(const Tree& t) {
  auto& database = t.database;
  SECTION("insert gives the node as it is found afterwards") {
    auto fresh = new_file(t.home, "photo.jpg", content(3, std::numeric_limits<std::int64_t>::max()));
    Sha1Digest sha1;
    for (std::size_t i = 0; i < sha1.bytes.size(); ++i) sha1.bytes[i] = static_cast<std::uint8_t>(255 - i);
    fresh.content->sha1 = sha1;
    fresh.modified_at = Timestamp{-1};
    const auto photo = must(insert(database, fresh));
    CHECK(photo.parent == t.home.id);
    CHECK(photo.name.str() == "photo.jpg");
    CHECK(photo.kind == FileKind::file);
    CHECK(describe(*photo.content) == describe(*fresh.content));
    CHECK(photo.owner == t.anna.id);
    CHECK(photo.created_at == kNow);
    CHECK(photo.modified_at == Timestamp{-1});
    CHECK(describe(*find(database, photo.id)) == describe(photo));
    CHECK(describe(*find(database, t.home.id)) == describe(t.home));
    CHECK_FALSE(t.home.parent);
    CHECK_FALSE(t.docs.content);
    CHECK_FALSE(find(database, FileId{4711}));
  }

  SECTION("a name is unique in its directory, for files and directories together, and a home's among homes") {
    CHECK(outcome(insert(database, new_directory(t.docs, "page"))) == "already_exists");
    CHECK(outcome(insert(database, new_file(t.docs, "deep", content(9, 1)))) == "already_exists");
    auto home = new_directory(t.home, "anna");
    home.parent = std::nullopt;
    CHECK(outcome(insert(database, home)) == "already_exists");
    CHECK(outcome(insert(database, new_directory(t.home, "page"))) == "ok");
    CHECK(outcome(insert(database, new_directory(t.docs, "anna"))) == "ok");
    CHECK(outcome(insert(database, new_directory(t.docs, "Page"))) == "ok");
    CHECK(describe(*find(database, t.page.id)) == describe(t.page));
  }

  SECTION("a node in no directory is not_found") {
    auto lost = new_directory(t.home, "lost");
    lost.parent = FileId{4711};
    CHECK(outcome(insert(database, lost)) == "not_found");
  }

  SECTION("of many inserts of one name at the same time one wins and the others are already_exists") {
    std::vector<std::string> outcomes(8);
    std::vector<NewFileEntry> fresh;
    for (int i = 0; i < 8; ++i) fresh.push_back(new_file(t.home, "contested", content(100 + i, 1)));
    together(8, [&](int i) {
      const auto n = static_cast<std::size_t>(i);
      outcomes[n] = outcome(insert(database, fresh[n]));
    });
    CHECK(count_of(outcomes, "ok") == 1);
    CHECK(count_of(outcomes, "already_exists") == 7);
  }
}

void looking_up(const Tree& t) {
  auto& database = t.database;
  const auto resolve = [&](std::string_view path) {
    return see(database, [&](ReadTransaction& tx) { return tx.files().resolve(file_path(path)); });
  };

  SECTION("resolve gives the nodes along a path as far as they exist") {
    const auto all = resolve("/anna/docs/deep/note");
    CHECK(all.complete);
    CHECK(describe(all.found) == describe(std::vector{t.home, t.docs, t.deep, t.note}));
    CHECK(resolve("/anna").complete);
    CHECK(describe(resolve("/anna").found) == describe(std::vector{t.home}));
    const auto part = resolve("/anna/docs/none/note");
    CHECK_FALSE(part.complete);
    CHECK(describe(part.found) == describe(std::vector{t.home, t.docs}));
    const auto through_file = resolve("/anna/docs/page/more");
    CHECK_FALSE(through_file.complete);
    CHECK(through_file.found.size() == 3);
    CHECK_FALSE(resolve("/bert/docs").complete);
    CHECK(resolve("/bert/docs").found.empty());
    CHECK_FALSE(resolve("/anna/Docs").complete);
    CHECK_FALSE(resolve("/anna/d_cs").complete);
    CHECK_FALSE(resolve("/docs").complete);
  }

  SECTION("path_of is the way from the home on; of no node it is not_found") {
    CHECK(path_of(database, t.note.id) == "/anna/docs/deep/note");
    CHECK(path_of(database, t.home.id) == "/anna");
    must(database.read([](ReadTransaction& tx) -> Result<void> {
      CHECK(outcome(tx.files().path_of(FileId{4711})) == "not_found");
      return {};
    }));
  }

  SECTION("a path of 64 segments resolves") {
    auto node = t.home;
    std::string path = "/anna";
    for (int i = 1; i < 64; ++i) {
      node = add_directory(database, node, "d" + std::to_string(i));
      path += "/" + node.name.str();
    }
    CHECK(resolve(path).complete);
    CHECK(resolve(path).found.size() == 64);
    CHECK(path_of(database, node.id) == path);
    CHECK(see(database, [&](ReadTransaction& tx) { return tx.files().totals(t.home.id); }).directories == 66);
  }

  SECTION("text that looks like SQL, a pattern or markup is a name like any other") {
    const std::vector<std::string> names{"'; DROP TABLE files; --", "100%",       "_",       "a\"b", "%",
                                         "<img onerror=alert(1)>",  ":name $1 ?", "{braces}"};
    for (const auto& name : names) add_file(database, t.deep, name, content(50, 1));
    for (const auto& name : names) {
      const auto found = resolve("/anna/docs/deep/" + name);
      REQUIRE(found.complete);
      CHECK(found.found.back().name.str() == name);
    }
    CHECK(children(database, t.deep.id).size() == names.size() + 1);
  }
}

void listing(const Tree& t) {
  auto& database = t.database;
  const std::string longest = [] {
    std::string name;
    for (int i = 0; i < 63; ++i) name += "\xF0\x9F\x98\x80";
    return name + "end";
  }();
  const std::vector<std::string> ordered{"-",
                                         "A",
                                         "B",
                                         "Z",
                                         "_",
                                         "a",
                                         "a b",
                                         "a-b",
                                         "a.b",
                                         "aa",
                                         "b",
                                         "\xC3\x84",
                                         "\xC3\xA4",
                                         "\xEF\xBD\xA1",
                                         "\xF0\x9F\x98\x80",
                                         longest};

  SECTION("children come in the order of their bytes, and go on behind a name") {
    const auto many = add_directory(database, t.home, "many");
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      add_directory(database, many, ordered[(i * 7) % ordered.size()]);
    }
    CHECK(children(database, many.id) == ordered);
    for (const std::size_t limit : {1U, 3U, 16U}) {
      std::vector<std::string> paged;
      std::optional<FileName> after;
      for (auto page = children(database, many.id, after, limit); !page.empty();
           page = children(database, many.id, after, limit)) {
        REQUIRE(paged.size() < ordered.size());
        CHECK(page.size() <= limit);
        paged.insert(paged.end(), page.begin(), page.end());
        after = file_name(page.back());
      }
      CHECK(paged == ordered);
    }
    CHECK(children(database, many.id, file_name("a a"), 2) == std::vector<std::string>{"a b", "a-b"});
  }

  SECTION("children are the nodes right below, whole") {
    const auto below =
        see(database, [&](ReadTransaction& tx) { return tx.files().children(t.docs.id, std::nullopt, 10); });
    CHECK(describe(below) == describe(std::vector{t.deep, t.page}));
    CHECK(children(database, t.note.id).empty());
  }

  SECTION("homes are listed by name, in pages, and nothing else is") {
    for (const auto* name : {"bert", "c_d", "c-d", "c0"}) {
      add_home(database, name == std::string{"bert"} ? t.bert : add_user(database, name));
    }
    const auto homes = [&](const std::optional<FileName>& after, std::size_t limit) {
      return names_of(see(database, [&](ReadTransaction& tx) { return tx.files().homes(after, limit); }));
    };
    CHECK(homes(std::nullopt, 100) == std::vector<std::string>{"anna", "bert", "c-d", "c0", "c_d"});
    CHECK(homes(file_name("bert"), 2) == std::vector<std::string>{"c-d", "c0"});
    CHECK(homes(file_name("c_d"), 2).empty());
  }

  SECTION("is_empty and totals see the whole subtree") {
    const auto totals = [&](FileId root) {
      return see(database, [&](ReadTransaction& tx) { return tx.files().totals(root); });
    };
    CHECK(totals(t.home.id).files == 2);
    CHECK(totals(t.home.id).bytes == 30);
    CHECK(totals(t.home.id).directories == 3);
    CHECK(totals(t.deep.id).bytes == 10);
    CHECK(totals(t.note.id).files == 1);
    CHECK(totals(t.note.id).directories == 0);
    const auto is_empty = [&](FileId directory) {
      return see(database, [&](ReadTransaction& tx) { return tx.files().is_empty(directory); });
    };
    CHECK_FALSE(is_empty(t.deep.id));
    CHECK(is_empty(add_directory(database, t.home, "empty").id));
  }

  SECTION("walk visits every node once, each directory before what is in it, with its path below the root") {
    std::map<std::string, std::string> seen;
    std::vector<std::string> order;
    const auto walk = [&](FileId root) {
      seen.clear();
      order.clear();
      must(database.read([&](ReadTransaction& tx) {
        return tx.files().walk(root, [&](const TreeNode& node) -> Result<void> {
          seen[node.relative_path] = describe(node.entry);
          order.push_back(node.relative_path);
          return {};
        });
      }));
    };
    walk(t.docs.id);
    CHECK(order.size() == 4);
    CHECK(seen == std::map<std::string, std::string>{{"", describe(t.docs)},
                                                     {"deep", describe(t.deep)},
                                                     {"deep/note", describe(t.note)},
                                                     {"page", describe(t.page)}});
    CHECK(order.front().empty());
    CHECK(std::find(order.begin(), order.end(), "deep") < std::find(order.begin(), order.end(), "deep/note"));
    walk(t.note.id);
    CHECK(order == std::vector<std::string>{""});
  }

  SECTION("walk stops at the first error and gives it back") {
    int visits = 0;
    const auto stopped = database.read([&](ReadTransaction& tx) {
      return tx.files().walk(t.home.id, [&](const TreeNode&) -> Result<void> {
        if (++visits == 2) return Error{Errc::forbidden, "stop"};
        return {};
      });
    });
    CHECK(outcome(stopped) == "forbidden");
    CHECK(visits == 2);
  }
}

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
    for (const auto& id : {t.docs.id, t.deep.id, t.note.id, t.page.id}) CHECK(find(database, id)->owner == t.bert.id);
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
    for (int i = 0; i < 6; ++i) fresh.push_back(new_file(t.home, "only" + std::to_string(i), content(100 + i, 1)));
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
    const std::vector directories{add_directory(database, t.home, "left"), add_directory(database, t.home, "right")};
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
    CHECK(see(database, [&](ReadTransaction& tx) { return tx.files().totals(t.home.id); }).directories == 5);
    CHECK(path_of(database, directories[0].id).starts_with("/anna/"));
    CHECK(path_of(database, directories[1].id).starts_with("/anna/"));
  }

  SECTION("lock_home of nobody is not_found") {
    CHECK(outcome(attempt(database, [](WriteTransaction& tx) { return tx.files().lock_home(UserId{4711}); })) ==
          "not_found");
  }
}

void copying(const Tree& t) {
  auto& database = t.database;
  SECTION("copy makes a tree of new nodes that shares contents and has no grants") {
    const auto home_of_bert = add_home(database, t.bert);
    add_grant(database, t.docs, t.bert, Right::read);
    add_grant(database, t.note, t.bert, Right::read);
    const auto copied = change(database, [&](WriteTransaction& tx) {
      return tx.files().copy(t.docs.id, home_of_bert.id, file_name("copy"), t.bert.id, kNow + kSecond);
    });
    CHECK(copied.id != t.docs.id);
    CHECK(copied.parent == home_of_bert.id);
    CHECK(copied.name.str() == "copy");
    CHECK(copied.kind == FileKind::directory);
    const auto found =
        see(database, [&](ReadTransaction& tx) { return tx.files().resolve(file_path("/bert/copy/deep/note")); });
    REQUIRE(found.complete);
    const auto& note = found.found.back();
    CHECK(note.id != t.note.id);
    CHECK(note.owner == t.bert.id);
    CHECK(describe(*note.content) == describe(*t.note.content));
    CHECK(see(database, [&](ReadTransaction& tx) { return tx.files().totals(copied.id); }).bytes == 30);
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.grants().rights_on(t.bert.id, std::vector{copied.id, note.id});
          }).empty());
    CHECK(describe(*find(database, t.note.id)) == describe(t.note));
    CHECK(path_of(database, t.note.id) == "/anna/docs/deep/note");
  }

  SECTION("copy beside the original works, onto a taken name it is already_exists, of no node not_found") {
    const auto copy = [&](FileId node, FileId parent, std::string_view name) {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.files().copy(node, parent, file_name(name), t.anna.id, kNow);
      }));
    };
    CHECK(copy(t.page.id, t.docs.id, "page (2)") == "ok");
    CHECK(copy(t.page.id, t.docs.id, "deep") == "already_exists");
    CHECK(copy(FileId{4711}, t.docs.id, "x") == "not_found");
    CHECK(copy(t.page.id, FileId{4711}, "x") == "not_found");
    CHECK(children(database, t.docs.id) == std::vector<std::string>{"deep", "page", "page (2)"});
  }
}

void removing(const Tree& t) {
  auto& database = t.database;
  SECTION("remove takes a node with all below it and every grant on them, and nothing beside") {
    add_grant(database, t.home, t.bert, Right::read);
    add_grant(database, t.docs, t.bert, Right::read);
    add_grant(database, t.note, t.bert, Right::read);
    const auto beside = add_directory(database, t.home, "docs2");
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(t.docs.id, kNow); });
    for (const auto& id : {t.docs.id, t.deep.id, t.note.id, t.page.id}) CHECK_FALSE(find(database, id));
    CHECK(children(database, t.home.id) == std::vector<std::string>{"docs2"});
    CHECK(find(database, beside.id));
    const auto grants =
        see(database, [&](ReadTransaction& tx) { return tx.grants().list_of_grantee(t.bert.id, FileId{0}, 10); });
    REQUIRE(grants.size() == 1);
    CHECK(grants[0].grant.file == t.home.id);
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) { return tx.files().remove(t.docs.id, kNow); })) ==
          "not_found");
    CHECK(outcome(insert(database, new_directory(t.home, "docs"))) == "ok");
  }
}

} // namespace

void files_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto tree = plant(*database);
  inserting(tree);
  looking_up(tree);
  listing(tree);
  moving(tree);
  copying(tree);
  removing(tree);
}

} // namespace baluhost::contract
