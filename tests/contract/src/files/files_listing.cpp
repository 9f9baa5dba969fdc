#include "files/files_suite.hpp"

namespace baluhost::contract::files_suite {

void descending(const Tree& t) {
  auto& database = t.database;
  SECTION("top_down walks a tree by name, directories first, from any place on, in any portions") {
    add_file(database, t.docs, "deep.x", content(3, 1));
    add_directory(database, t.docs, "a");
    const std::vector<std::string> all{"a", "deep", "deep/note", "deep.x", "page"};
    for (const std::size_t limit : {1, 2, 3, 100}) {
      std::vector<std::string> seen;
      for (std::string position;;) {
        const auto nodes = see(database, [&](ReadTransaction& tx) {
          return tx.files().top_down(t.docs.id, position, limit);
        });
        CHECK(nodes.size() <= limit);
        for (const auto& node : nodes) seen.push_back(node.relative_path);
        if (nodes.size() < limit) break;
        position = nodes.back().relative_path;
      }
      CHECK(seen == all);
    }
    const auto first = see(
        database, [&](ReadTransaction& tx) { return tx.files().top_down(t.docs.id, "deep", 1); });
    REQUIRE(first.size() == 1);
    CHECK(first[0].id == t.note.id);
    CHECK(first[0].kind == FileKind::file);
    CHECK(first[0].size == 10);
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

  SECTION("children come in the order of their bytes, and go on after a name") {
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
      "bottom_up returns every node once, each directory after what is in it, with its path below "
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

} // namespace baluhost::contract::files_suite
