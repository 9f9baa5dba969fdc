#include "files/files_suite.hpp"

namespace baluhost::contract::files_suite {
namespace {

using Names = std::vector<std::string>;

std::vector<FileEntry> page_of(Database& database, FileId directory, DirectoryOrder order,
                               const std::optional<SortedPlace>& after, std::size_t limit) {
  return see(database, [&](ReadTransaction& tx) {
    return tx.files().sorted_children(directory, order, after, limit);
  });
}

/// All of it, in pages of `limit`.
Names sorted(Database& database, FileId directory, std::string_view text, std::size_t limit) {
  const auto order = must(DirectoryOrder::parse(text));
  Names names;
  std::optional<SortedPlace> after;
  for (auto page = page_of(database, directory, order, after, limit); !page.empty();
       page = page_of(database, directory, order, after, limit)) {
    REQUIRE(names.size() < 1000);
    CHECK(page.size() <= limit);
    for (const auto& name : names_of(page)) names.push_back(name);
    after = place_in(order, page.back());
  }
  return names;
}

FileEntry add(const Tree& t, const FileEntry& parent, const std::string& name,
              std::optional<std::int64_t> size, std::int64_t modified_at) {
  auto fresh = size ? new_file(parent, name, content(7, *size)) : new_directory(parent, name);
  fresh.modified_at = Timestamp{modified_at};
  return must(insert(t.database, fresh));
}

} // namespace

void sorting(const Tree& t) {
  SECTION("sorted_children has directories first, then its order, and ties by name, in any pages") {
    const auto box = add_directory(t.database, t.home, "box");
    add(t, box, "m", 5, 30);
    add(t, box, "B", 5, 10);
    add(t, box, "a", 0, 20);
    add(t, box, "z", std::numeric_limits<std::int64_t>::max(), 20);
    add(t, box, "\xC3\xA4", 5, -7);
    add(t, box, "k", 9, 20);
    add(t, box, "y-dir", std::nullopt, 20);
    add(t, box, "b-dir", std::nullopt, 50);
    add(t, box, "c-dir", std::nullopt, 20);
    add_file(t.database, must(insert(t.database, new_directory(box, "n-dir"))), "deep",
             content(8, 1));
    const Names directories{"b-dir", "c-dir", "n-dir", "y-dir"};
    const auto all_of = [&](Names first, const Names& then) {
      first.insert(first.end(), then.begin(), then.end());
      return first;
    };
    for (const std::size_t limit : {1U, 2U, 3U, 5U, 100U}) {
      const auto in = [&](std::string_view order) {
        return sorted(t.database, box.id, order, limit);
      };
      CHECK(in("name") == all_of(directories, {"B", "a", "k", "m", "z", "\xC3\xA4"}));
      CHECK(in("kind") == in("name"));
      CHECK(in("-name") ==
            all_of({"y-dir", "n-dir", "c-dir", "b-dir"}, {"\xC3\xA4", "z", "m", "k", "a", "B"}));
      CHECK(in("size") == all_of(directories, {"a", "B", "m", "\xC3\xA4", "k", "z"}));
      CHECK(in("-size") == all_of(directories, {"z", "k", "B", "m", "\xC3\xA4", "a"}));
      // The making of n-dir is dated as all in these suites, long after the others.
      CHECK(in("modified_at") ==
            all_of({"c-dir", "y-dir", "b-dir", "n-dir"}, {"\xC3\xA4", "B", "a", "k", "z", "m"}));
      CHECK(in("-modified_at") ==
            all_of({"n-dir", "b-dir", "c-dir", "y-dir"}, {"m", "a", "k", "z", "B", "\xC3\xA4"}));
    }
  }

  SECTION("sorted_children goes on after a place that nothing holds any more") {
    const auto box = add_directory(t.database, t.home, "box");
    for (const char* name : {"a", "b", "d"}) add(t, box, name, 5, 1);
    add(t, box, "big", 6, 1);
    const auto after = [&](std::string_view order, std::int64_t value, std::string_view name) {
      return names_of(page_of(t.database, box.id, must(DirectoryOrder::parse(order)),
                              SortedPlace{FileKind::file, value, file_name(name)}, 10));
    };
    CHECK(after("size", 5, "c") == Names{"d", "big"});
    CHECK(after("-size", 7, "c") == Names{"big", "a", "b", "d"});
    CHECK(after("-size", 5, "c") == Names{"d"});
    CHECK(after("-size", 4, "c").empty());
    CHECK(after("-name", 0, "c") == Names{"big", "b", "a"});
    CHECK(names_of(page_of(t.database, box.id, {}, std::nullopt, 2)) == Names{"a", "b"});
  }

  SECTION("sorted_children are whole, and of this directory alone") {
    CHECK(describe(page_of(t.database, t.docs.id, {SortKey::size, true}, std::nullopt, 10)) ==
          describe(std::vector{t.deep, t.page}));
    CHECK(page_of(t.database, t.page.id, {SortKey::size, true}, std::nullopt, 10).empty());
  }
}

} // namespace baluhost::contract::files_suite
