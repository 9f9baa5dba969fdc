#include "files/files_suite.hpp"

namespace baluhost::contract::files_suite {

void inserting(const Tree& t) {
  auto& database = t.database;
  SECTION("insert returns the node as it is found afterwards") {
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

  SECTION("resolve returns the nodes along a path as far as they exist") {
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

  const auto below = [&](const FileEntry& root, const std::vector<std::string>& names) {
    std::vector<FileName> segments;
    for (const auto& name : names) segments.push_back(file_name(name));
    return see(database,
               [&](ReadTransaction& tx) { return tx.files().resolve_below(root.id, segments); });
  };

  SECTION("resolve_below is the way from the home to a node and on, as far as it exists") {
    CHECK(below(t.docs, {}).complete);
    CHECK(describe(below(t.docs, {}).found) == describe(std::vector{t.home, t.docs}));
    CHECK(describe(below(t.home, {}).found) == describe(std::vector{t.home}));
    const auto all = below(t.docs, {"deep", "note"});
    CHECK(all.complete);
    CHECK(describe(all.found) == describe(std::vector{t.home, t.docs, t.deep, t.note}));
    for (const std::vector<std::string>& names :
         {std::vector<std::string>{"none"}, {"none", "note"}, {"page2"}, {"Deep"}}) {
      CHECK_FALSE(below(t.docs, names).complete);
      CHECK(describe(below(t.docs, names).found) == describe(std::vector{t.home, t.docs}));
    }
    CHECK_FALSE(below(t.docs, {"deep", "page"}).complete);
    CHECK_FALSE(below(t.page, {"more"}).complete);
    CHECK(below(t.page, {"more"}).found.size() == 3);
    must(database.read([](ReadTransaction& tx) -> Result<void> {
      CHECK(outcome(tx.files().resolve_below(FileId{4711}, {})) == "not_found");
      return {};
    }));
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
    CHECK(below(node, {}).complete);
    CHECK(describe(below(node, {}).found) == describe(resolve(path).found));
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

} // namespace baluhost::contract::files_suite
