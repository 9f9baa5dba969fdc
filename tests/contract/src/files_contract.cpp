#include "support.hpp"

#include <algorithm>
#include <limits>
#include <set>

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
                                  const std::optional<FileName>& after = std::nullopt,
                                  std::size_t limit = 1000) {
  return names_of(see(
      database, [&](ReadTransaction& tx) { return tx.files().children(directory, after, limit); }));
}

Result<FileEntry> insert(Database& database, const NewFileEntry& entry) {
  return attempt(database, [&](WriteTransaction& tx) { return tx.files().insert(entry); });
}

Result<FileEntry> relocate(Database& database, FileId node, FileId parent, std::string_view name,
                           UserId owner) {
  const auto called = file_name(name);
  return attempt(database, [&](WriteTransaction& tx) {
    return tx.files().relocate(node, parent, called, owner, kNow);
  });
}

void inserting(const Tree& t) {
  auto& database = t.database;
  SECTION("insert gives the node as it is found afterwards") {
    auto fresh =
        new_file(t.home, "photo.jpg", content(3, std::numeric_limits<std::int64_t>::max()));
    Sha1Digest sha1;
    for (std::size_t i = 0; i < sha1.bytes.size(); ++i)
      sha1.bytes[i] = static_cast<std::uint8_t>(255 - i);
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

  SECTION(
      "a name is unique in its directory, for files and directories together, and a home's among "
      "homes") {
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

  SECTION(
      "of many inserts of one name at the same time one wins and the others are already_exists") {
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
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.files().totals(t.home.id);
          }).directories == 66);
  }

  SECTION("text that looks like SQL, a pattern or markup is a name like any other") {
    const std::vector<std::string> names{
        "'; DROP TABLE files; --", "100%",       "_",       "a\"b", "%",
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
    CHECK(children(database, many.id, file_name("a a"), 2) ==
          std::vector<std::string>{"a b", "a-b"});
  }

  SECTION("children are the nodes right below, whole") {
    const auto below = see(database, [&](ReadTransaction& tx) {
      return tx.files().children(t.docs.id, std::nullopt, 10);
    });
    CHECK(describe(below) == describe(std::vector{t.deep, t.page}));
    CHECK(children(database, t.note.id).empty());
  }

  SECTION("homes are listed by name, in pages, and nothing else is") {
    for (const auto* name : {"bert", "c_d", "c-d", "c0"}) {
      add_home(database, name == std::string{"bert"} ? t.bert : add_user(database, name));
    }
    const auto homes = [&](const std::optional<FileName>& after, std::size_t limit) {
      return names_of(
          see(database, [&](ReadTransaction& tx) { return tx.files().homes(after, limit); }));
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

  SECTION("totals knows how deep the paths go and how long they are, in code points") {
    const auto totals = [&](FileId root) {
      return see(database, [&](ReadTransaction& tx) { return tx.files().totals(root); });
    };
    CHECK(totals(t.docs.id).depth == 2);
    CHECK(totals(t.docs.id).path_length == 10); // "/deep/note"
    CHECK(totals(t.note.id).depth == 0);
    CHECK(totals(t.note.id).path_length == 0);
    CHECK(totals(t.home.id).entries() == 5);
    add_file(database, t.docs, "\xF0\x9F\x98\x80 of ten abc", content(7, 1));
    CHECK(totals(t.docs.id).path_length == 13);
  }

  SECTION(
      "bottom_up gives every node once, each directory after what is in it, with its path below "
      "the root, up to a limit") {
    const auto nodes = [&](FileId root, std::size_t limit) {
      std::vector<std::string> texts;
      for (const auto& node :
           see(database, [&](ReadTransaction& tx) { return tx.files().bottom_up(root, limit); })) {
        texts.push_back(std::to_string(node.id.value) + " " + std::string{to_string(node.kind)} +
                        " " + std::to_string(node.size) + " " + node.relative_path);
      }
      return texts;
    };
    const auto id = [](const FileEntry& entry) { return std::to_string(entry.id.value); };
    const std::vector<std::string> all{id(t.note) + " file 10 deep/note",
                                       id(t.deep) + " directory 0 deep",
                                       id(t.page) + " file 20 page", id(t.docs) + " directory 0 "};
    CHECK(nodes(t.docs.id, 100) == all);
    for (std::size_t limit = 0; limit <= 4; ++limit) {
      CHECK(nodes(t.docs.id, limit) ==
            std::vector(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(limit)));
    }
    CHECK(nodes(t.note.id, 10) == std::vector{id(t.note) + " file 10 "});
    CHECK(nodes(FileId{4711}, 10).empty());
  }

  SECTION("bottom_up pages through a directory of hundreds") {
    const auto many = add_directory(database, t.home, "many");
    for (int i = 0; i < 300; ++i) add_directory(database, many, "d" + std::to_string(i));
    std::set<std::int64_t> seen;
    const auto nodes =
        see(database, [&](ReadTransaction& tx) { return tx.files().bottom_up(many.id, 1000); });
    for (const auto& node : nodes) seen.insert(node.id.value);
    CHECK(nodes.size() == 301);
    CHECK(seen.size() == 301);
    CHECK(nodes.back().id == many.id);
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
                             kNow + kSecond);
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
    auto event = some_event("/anna/docs");
    event.action = Action::remove;
    event.user = "anna";
    event.details = R"({"peer_address":"192.0.2.1"})";
    event.ip_address = "192.0.2.7";
    event.user_agent = "agent; --";
    event.account = t.anna.id;
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
