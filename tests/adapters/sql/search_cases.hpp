#pragma once

#include "sql/sql_fixture.hpp"

#include <string>
#include <vector>

// Searches in a home of 60,000 names, which only an index answers, beside one as large of somebody
// else's: each finds all that a look at every name finds.
namespace baluhost::test {

/// `rows`: what gives the numbers i from 1 to 120,000 in this SQL; `yes`: its true.
inline std::string fill_homes_for_search(const std::string& rows, const std::string& yes) {
  return "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
         "created_at, updated_at) values (1, 'anna', 'user', " +
         yes + ", 0, 0, '', 1, 1), (2, 'bert', 'user', " + yes +
         ", 0, 0, '', 1, 1);"
         "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at, "
         "search_key) values (1, null, 'anna', 'directory', 1, 1, 1, 'anna'), (2, null, 'bert', "
         "'directory', 2, 1, 1, 'bert');"
         "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at, "
         "search_key) select i + 2, i % 2 + 1, n, 'directory', i % 2 + 1, 1, 1, n from (select i, "
         "'file-' || i || case when i % 1000 = 0 then '-needle' when i = 7 then '-q' when i = 9 "
         "then '-zy' else '' end || '.txt' as n from " +
         rows + ") r";
}

/// The name of a number of anna's, who has the even ones.
inline std::string searched_name(int i) {
  return "file-" + std::to_string(i) + (i % 1000 == 0 ? "-needle" : "") + ".txt";
}

inline std::vector<std::string> search_names(Database& database, const NameQuery& query,
                                             const SearchSpace& space) {
  std::vector<std::string> names;
  std::optional<FileId> before;
  for (;;) {
    std::vector<FileEntry> page;
    value(database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(page, tx.search().matches(query, space, before, 1000));
      return {};
    }));
    for (const auto& entry : page) names.push_back(entry.name.str());
    if (page.size() < 1000) return names;
    before = page.back().id;
  }
}

inline void check_large_searches(Database& database) {
  const SearchSpace anna{.owners = {UserId{1}}};
  const SearchSpace bert{.owners = {UserId{2}}};
  const auto find = [&](std::string_view text, const SearchSpace& space) {
    return search_names(database, value(NameQuery::parse(text)), space);
  };
  const auto expect = [&](std::string_view word) {
    std::vector<std::string> names;
    for (int i = 120'000; i >= 1; --i) {
      if (i % 2 == 0 && searched_name(i).find(word) != std::string::npos)
        names.push_back(searched_name(i));
    }
    return names;
  };
  for (const char* word : {"needle", "file", "e", "-n", "18.t", "file-1000-needle.txt", "absent",
                           "q", "zy", "119998", "2-", "le-4444"}) {
    INFO(word);
    CHECK(find(word, anna) == expect(word));
  }
  CHECK(find("q", bert) == std::vector<std::string>{"file-7-q.txt"});
  CHECK(find("zy", bert) == std::vector<std::string>{"file-9-zy.txt"});
  CHECK(find("needle", bert).empty());
  CHECK(find("needle", {.all_homes = true}).size() == 120);
  CHECK(find("needle 77", {.owners = {UserId{1}, UserId{2}}}) ==
        std::vector<std::string>{"file-77000-needle.txt"});
  // The home is a large tree.
  CHECK(find("needle", {.trees = {FileId{1}}}).size() == 120);
  auto whole = value(NameQuery::parse("file-4000-needle.txt"));
  whole.part = NameQuery::Part::whole_name;
  CHECK(search_names(database, whole, anna) == std::vector<std::string>{whole.text});
  whole.part = NameQuery::Part::rest;
  CHECK(search_names(database, whole, anna).empty());
  whole = value(NameQuery::parse("file-400"));
  whole.part = NameQuery::Part::beginning;
  CHECK(search_names(database, whole, anna) == expect("file-400"));
  whole = value(NameQuery::parse("f"));
  whole.part = NameQuery::Part::beginning;
  CHECK(search_names(database, whole, anna).size() == 60'000);
}

} // namespace baluhost::test
