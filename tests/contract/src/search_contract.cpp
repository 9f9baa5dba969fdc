#include "support.hpp"

#include <algorithm>

namespace baluhost::contract {
namespace {

using Names = std::vector<std::string>;

SearchSpace home_of(const User& user) { return {.owners = {user.id}}; }

NameQuery query_of(std::string_view text) { return must(NameQuery::parse(text)); }

/// Names of what is found, the newest first, in pages of `limit`.
Names found(Database& database, const NameQuery& query, const SearchSpace& space,
            std::size_t limit = 1000) {
  Names names;
  std::optional<FileId> before;
  for (;;) {
    const auto page = see(database, [&](ReadTransaction& tx) {
      return tx.search().matches(query, space, before, limit);
    });
    for (const auto& entry : page) names.push_back(entry.name.str());
    if (page.size() < limit) return names;
    before = page.back().id;
  }
}

Names found(Database& database, std::string_view text, const SearchSpace& space) {
  return found(database, query_of(text), space);
}

} // namespace

void search_contract(const MakeDatabase& make) {
  const auto owned = make();
  Database& database = *owned;
  const auto anna = add_user(database, "anna");
  const auto bert = add_user(database, "bert");
  const auto home = add_home(database, anna);
  const auto others = add_home(database, bert);
  const auto add = [&](const FileEntry& parent, std::string_view name) {
    return add_file(database, parent, name, content(1, 10));
  };

  SECTION("names hold every word, inside words too, without case, accents and spelling") {
    add(home, "Annual-Report.pdf");
    add(home, "\xC3\x89tude r\xC3\xA9sum\xC3\xA9.txt"); // Étude résumé
    add(home,
        "stra\xC3\x9F"
        "e");                     // straße
    add(home, "\xEF\xAC\x81nal"); // ﬁnal, with a ligature
    add(home, "a'b-c\"d%_x");
    const auto find = [&](std::string_view text) { return found(database, text, home_of(anna)); };
    CHECK(find("report") == Names{"Annual-Report.pdf"});
    CHECK(find("NNUAL por") == Names{"Annual-Report.pdf"});
    CHECK(find("report annual missing").empty());
    CHECK(find("etude RESUME").size() == 1);
    CHECK(find("\xC3\xA9tude").size() == 1);
    CHECK(find("e\xCC\x81tude").size() == 1); // decomposed
    CHECK(find("STRASSE").size() == 1);
    CHECK(find("final").size() == 1);
    CHECK(find("\xEF\xBC\xA6\xEF\xBC\xA9nal").size() == 1); // full width
    CHECK(find("a'b-c\"d%_x") == Names{"a'b-c\"d%_x"});
    CHECK(find("a_").empty());
    CHECK(find("b%c").empty());
    CHECK(find("z").empty());
    CHECK(find("t").size() == 3);
    CHECK(find("\xC3\x89") == find("e")); // one letter, with its accent
    CHECK(find("fi") == Names{"\xEF\xAC\x81nal"});
  }

  SECTION("directories are found, homes are not") {
    add_directory(database, home, "annals");
    CHECK(found(database, "ann", {.all_homes = true}) == Names{"annals"});
  }

  SECTION("kinds, times and sizes bound it, and what the name begins with") {
    add_directory(database, home, "notes");
    add(home, "notes.txt");
    auto query = query_of("notes");
    query.kind = FileKind::directory;
    CHECK(found(database, query, home_of(anna)) == Names{"notes"});
    query.kind = FileKind::file;
    CHECK(found(database, query, home_of(anna)) == Names{"notes.txt"});
    query.min_size = 10;
    query.max_size = 10;
    CHECK(found(database, query, home_of(anna)) == Names{"notes.txt"});
    query.min_size = 11;
    query.max_size = std::nullopt;
    CHECK(found(database, query, home_of(anna)).empty());
    auto timed = query_of("notes");
    timed.modified_from = kNow;
    CHECK(found(database, timed, home_of(anna)).size() == 2);
    timed.modified_to = kNow;
    CHECK(found(database, timed, home_of(anna)).empty());
    auto sized = query_of("notes");
    sized.min_size = 0;
    CHECK(found(database, sized, home_of(anna)) == Names{"notes.txt"});
    auto whole = query_of("notes");
    add(home, "my notes");
    whole.part = NameQuery::Part::whole_name;
    CHECK(found(database, whole, home_of(anna)) == Names{"notes"});
    whole.part = NameQuery::Part::beginning;
    CHECK(found(database, whole, home_of(anna)) == Names{"notes.txt"});
    whole.part = NameQuery::Part::rest;
    CHECK(found(database, whole, home_of(anna)) == Names{"my notes"});
  }

  SECTION("homes and trees bound it") {
    const auto box = add_directory(database, home, "box");
    add(home, "mine-1");
    add(add_directory(database, box, "deep"), "mine-2");
    add(others, "mine-3");
    CHECK(found(database, "mine", home_of(anna)) == Names{"mine-2", "mine-1"});
    CHECK(found(database, "mine", home_of(bert)) == Names{"mine-3"});
    CHECK(found(database, "mine", {.owners = {bert.id}, .trees = {box.id}}) ==
          Names{"mine-3", "mine-2"});
    CHECK(found(database, "box", {.trees = {box.id}}) == Names{"box"});
    CHECK(found(database, "mine", {.all_homes = true}) == Names{"mine-3", "mine-2", "mine-1"});
    CHECK(found(database, "mine", SearchSpace{}).empty());
  }

  SECTION("the index follows renames, moves, copies and removals") {
    const auto box = add_directory(database, home, "box");
    const auto first = add(box, "first-name");
    change(database, [&](WriteTransaction& tx) {
      return tx.files().relocate(first.id, box.id, file_name("second-name"), anna.id, kNow);
    });
    CHECK(found(database, "first", home_of(anna)).empty());
    CHECK(found(database, "second", home_of(anna)) == Names{"second-name"});
    change(database, [&](WriteTransaction& tx) {
      return tx.files().copy(box.id, others.id, file_name("copied-box"), bert.id, kNow, {});
    });
    CHECK(found(database, "second", home_of(bert)) == Names{"second-name"});
    CHECK(found(database, "copied", home_of(bert)) == Names{"copied-box"});
    change(database, [&](WriteTransaction& tx) {
      return tx.files().relocate(box.id, others.id, file_name("moved"), bert.id, kNow);
    });
    CHECK(found(database, "second", home_of(anna)).empty());
    CHECK(found(database, "second", home_of(bert)).size() == 2);
    must(
        attempt(database, [&](WriteTransaction& tx) { return tx.files().remove(first.id, kNow); }));
    CHECK(found(database, "second", home_of(bert)).size() == 1);
  }

  SECTION("what is in the trash is not found, what is below it has no way up to a home") {
    const auto box = add_directory(database, home, "box");
    const auto note = add(box, "note");
    const auto put = change(database, [&](WriteTransaction& tx) {
      return tx.trash().put(NewTrashEntry{.root = box.id,
                                          .owner = anna.id,
                                          .parent = home.id,
                                          .path = file_path("/anna/box"),
                                          .size = 10,
                                          .version_bytes = 0,
                                          .file_count = 1,
                                          .deleter = anna.id,
                                          .deleted_by = "anna",
                                          .deleted_at = kNow,
                                          .expires_at = kNow});
    });
    CHECK(found(database, "box", home_of(anna)).empty());
    CHECK(found(database, std::to_string(box.id.value), home_of(anna)).empty());
    CHECK(describe(see(database, [&](ReadTransaction& tx) {
            return tx.search().ways_up(std::vector{note.id});
          })) == describe(std::vector{note}));
    change(database, [&](WriteTransaction& tx) {
      return tx.trash().restore(put.id, home.id, file_name("restored"));
    });
    CHECK(found(database, "box", home_of(anna)).empty());
    CHECK(found(database, "restored", home_of(anna)) == Names{"restored"});
    CHECK(found(database, "note", home_of(anna)) == Names{"note"});
  }

  SECTION("pages go on below an id, the newest first") {
    Names names;
    for (int i = 0; i < 7; ++i) {
      names.insert(names.begin(), "page-" + std::to_string(i));
      add(home, names.front());
    }
    for (const std::size_t limit : {1U, 2U, 7U, 100U})
      CHECK(found(database, query_of("page"), home_of(anna), limit) == names);
  }

  SECTION("ways_up has each node once, up to the home") {
    const auto box = add_directory(database, home, "box");
    const auto one = add(box, "one");
    const auto two = add(box, "two");
    auto nodes = see(database, [&](ReadTransaction& tx) {
      return tx.search().ways_up(std::vector{one.id, two.id, box.id, FileId{4711}});
    });
    std::ranges::sort(nodes, {}, &FileEntry::id);
    CHECK(describe(nodes) == describe(std::vector{home, box, one, two}));
    CHECK(see(database, [&](ReadTransaction& tx) { return tx.search().ways_up({}); }).empty());
  }
}

} // namespace baluhost::contract
