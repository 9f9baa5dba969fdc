#include "sql/search_cases.hpp"

#include "baluhost/sqlite/sqlite_backup.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"
#include "baluhost/test/temporary_directory.hpp"

namespace baluhost::test {
namespace {

/// Below a home of the id 1, n2 to n30000, past what brings names into the index.
constexpr const char* kManyNames =
    "insert into files (parent_id, name, kind, owner_id, created_at, modified_at, search_key)"
    " with recursive n (i) as (select 2 union all select i + 1 from n where i < 30000)"
    " select 1, 'n' || i, 'directory', 1, 1, 1, 'n' || i from n";

const std::vector<std::string> kWrongIndex{
    "the index of names does not hold what the names are: run `baluhostctl db reindex`"};

} // namespace

TEST_CASE("a search in a large home finds what a look at every name finds, on SQLite") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  { value(make_sqlite_database({.path = path})); }
  RawSqlite(path).rows("pragma synchronous = off;" +
                       fill_homes_for_search("(with recursive n (i) as (select 1 union all select "
                                             "i + 1 from n where i < 120000) select i from n)",
                                             "1"));
  const auto database = value(make_sqlite_database({.path = path}));
  check_large_searches(*database);
}

TEST_CASE(
    "names of before there was a search get their keys when the database is opened, on SQLite") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  { value(make_sqlite_database({.path = path})); }
  RawSqlite raw(path);
  raw.rows(
      "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
      "created_at, updated_at) values (1, 'anna', 'user', 1, 0, 0, '', 1, 1);"
      "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at) values (1, "
      "null, 'anna', 'directory', 1, 1, 1);"
      "insert into files (parent_id, name, kind, owner_id, created_at, modified_at)"
      " with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)"
      " select 1, 'R\xC3\xA9sum\xC3\xA9 ' || i, 'directory', 1, 1, 1 from n");
  const auto database = value(make_sqlite_database({.path = path}));
  CHECK(raw.one("select count(*) from files where search_key = ''") == "0");
  CHECK(raw.one("select search_key from files where name like '% 1999'") == "resume 1999");
  CHECK(
      search_names(*database, value(NameQuery::parse("resume")), {.owners = {UserId{1}}}).size() ==
      2000);
}

TEST_CASE(
    "a check compares the names with their keys and with the index, and both are written anew") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  const auto database = value(make_sqlite_database({.path = path}));
  RawSqlite raw(path);
  raw.rows(
      "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
      "created_at, updated_at) values (1, 'anna', 'user', 1, 0, 0, '', 1, 1);"
      "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at, search_key)"
      " values (1, null, 'anna', 'directory', 1, 1, 1, 'anna'), (2, 1, 'Na\xC3\xAFve', "
      "'directory', "
      "1, 1, 1, 'naive'), (3, 1, '\xE6\x97\xA5\xE6\x9C\xAC', 'directory', 1, 1, 1, "
      "'\xE6\x97\xA5\xE6\x9C\xAC'), (4, 1, 'aaaa', 'directory', 1, 1, 1, 'aaaa')");
  const auto finds = [&](std::string_view word) {
    return search_names(*database, value(NameQuery::parse(word)), {.owners = {UserId{1}}}).size();
  };
  CHECK(value(check_sqlite(path)).empty());
  CHECK(value(reindex_sqlite(path)) == 0);
  CHECK(value(check_sqlite(path)).empty());

  raw.rows("update files set search_key = 'other' where id = 2");
  CHECK(value(check_sqlite(path)) ==
        std::vector<std::string>{"1 names have another search key than theirs: run `baluhostctl db "
                                 "reindex`"});
  CHECK(value(check_sqlite(path, SqliteCheck::quick)).empty());
  CHECK(value(reindex_sqlite(path)) == 1);
  CHECK(value(check_sqlite(path)).empty());
  CHECK(raw.one("select search_key from files where id = 2") == "naive");

  raw.rows(
      "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
      "created_at, updated_at) values (2, 'bert', 'user', 1, 0, 0, '', 1, 1);"
      "update files set owner_id = 2 where id = 3; delete from files where id = 4");
  CHECK(value(check_sqlite(path)).empty());

  raw.rows("insert into files_search (rowid, key) values (77, 'nothing')");
  CHECK(value(check_sqlite(path)) == kWrongIndex);
  raw.rows("insert into files_search (files_search) values ('delete-all')");
  CHECK(value(check_sqlite(path)) == kWrongIndex);
  CHECK(value(reindex_sqlite(path)) == 0);
  CHECK(value(check_sqlite(path)).empty());
  CHECK(finds("naive") == 1);
}

namespace {

constexpr auto kHome =
    "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
    "created_at, updated_at) values (1, 'anna', 'user', 1, 0, 0, '', 1, 1);"
    "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at, search_key) "
    "values (1, null, 'anna', 'directory', 1, 1, 1, 'anna')";

Result<void> try_to_make(Database& database, const std::string& name) {
  return database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.files().insert({.parent = FileId{1},
                                      .name = value(FileName::parse(name)),
                                      .kind = FileKind::directory,
                                      .owner = UserId{1},
                                      .created_at = Timestamp{1},
                                      .modified_at = Timestamp{1}}));
    return AuditEvents{event_at(1, Action::create_directory)};
  });
}

void make_directory(Database& database, const std::string& name) {
  value(try_to_make(database, name));
}

/// A database with a home of so many names that only the index is asked for the older ones; returns
/// its file.
std::string make_large_home(const TemporaryDirectory& directory) {
  std::string path = directory / "baluhost.db";
  { value(make_sqlite_database({.path = path})); }
  RawSqlite raw(path);
  raw.rows(kHome);
  raw.rows(kManyNames);
  return path;
}

} // namespace

TEST_CASE("what one commit changed of names is found, whatever the order of its changes") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  const std::size_t at_once = GENERATE(1, 256);
  INFO(at_once);
  const auto database = value(make_sqlite_database({.path = path, .names_at_once = at_once}));
  RawSqlite raw(path);
  raw.rows(kHome);
  raw.rows(
      "begin;"
      "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at, search_key)"
      " values (9, 1, 'nine', 'directory', 1, 1, 1, 'nine'), (8, 1, 'eight', 'directory', 1, 1, 1, "
      "'eight');"
      "update files set name = 'neun', search_key = 'neun' where id = 9; delete from files where "
      "id = 8;"
      "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at, search_key)"
      " values (8, 1, 'acht', 'directory', 1, 1, 1, 'acht');"
      "update files set name = 'neunte', search_key = 'neunte' where id = 9; commit");
  CHECK(value(check_sqlite(path)).empty());
  make_directory(*database, "ten");
  CHECK((raw.one("select count(*) from files_search_changes") == "0") == (at_once == 1));
  CHECK(value(check_sqlite(path)).empty());
  for (const auto& [word, count] : std::map<std::string, std::size_t>{
           {"nine", 0}, {"eight", 0}, {"neunte", 1}, {"acht", 1}, {"ten", 1}}) {
    INFO(word);
    CHECK(search_names(*database, value(NameQuery::parse(word)), {.owners = {UserId{1}}}).size() ==
          count);
  }
}

TEST_CASE("old names that changed are found while they wait for the index, in their order") {
  const TemporaryDirectory directory;
  const std::string path = make_large_home(directory);
  RawSqlite raw(path);
  const auto database = value(make_sqlite_database({.path = path, .names_at_once = 4}));
  REQUIRE(raw.one("select count(*) from files_search_changes") == "0");
  const auto rename = [&](std::int64_t id, const std::string& name) {
    value(database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.files().relocate(FileId{id}, FileId{1}, value(FileName::parse(name)),
                                         UserId{1}, Timestamp{1}));
      return AuditEvents{event_at(1, Action::move)};
    }));
  };
  const auto ids = [&](std::string_view text, NameQuery::Part part = NameQuery::Part::all,
                       std::optional<FileId> before = {}, std::size_t limit = 1000) {
    auto query = value(NameQuery::parse(text));
    query.part = part;
    std::vector<std::int64_t> found;
    value(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto entries,
                   tx.search().matches(query, {.owners = {UserId{1}}}, before, limit));
      for (const auto& entry : entries) found.push_back(entry.id.value);
      return {};
    }));
    return found;
  };
  using Ids = std::vector<std::int64_t>;
  rename(20, "wyvern");
  CHECK(raw.one("select count(*) from files_search_changes") == "2");
  CHECK(value(check_sqlite(path)).empty());
  CHECK(ids("wyvern") == Ids{20});
  CHECK(ids("wyvern", NameQuery::Part::whole_name) == Ids{20});
  CHECK(ids("wy") == Ids{20});
  CHECK(ids("w") == Ids{20});
  rename(10, "wyvern too");
  CHECK(raw.one("select count(*) from files_search_changes") == "0"); // they were four
  CHECK(ids("wyvern") == Ids{20, 10});
  rename(15, "a wyvern");
  CHECK(raw.one("select count(*) from files_search_changes") == "2");
  CHECK(ids("wyvern") == Ids{20, 15, 10});
  CHECK(ids("wyvern", NameQuery::Part::all, {}, 2) == Ids{20, 15});
  CHECK(ids("wyvern", NameQuery::Part::all, FileId{20}, 1) == Ids{15});
  CHECK(ids("wyvern", NameQuery::Part::beginning) == Ids{10});
  CHECK(ids("n15").empty() == false); // n150 and others, without what was renamed
  CHECK(ids("n15", NameQuery::Part::whole_name).empty());
  CHECK(value(check_sqlite(path)).empty());
}

TEST_CASE("names that wait for the index are brought into it when the database is opened") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  RawSqlite raw(path);
  {
    const auto database = value(make_sqlite_database({.path = path}));
    raw.rows(kHome);
    make_directory(*database, "ten");
    CHECK(raw.one("select count(*) from files_search_changes") != "0");
  }
  const auto database = value(make_sqlite_database({.path = path}));
  CHECK(raw.one("select count(*) from files_search_changes") == "0");
  CHECK(value(check_sqlite(path)).empty());
}

TEST_CASE("a damaged index of names stops no write, and is told of once") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  std::vector<std::string> told;
  SqliteOptions options{.path = path, .names_at_once = 1};
  options.on_damaged_index = [&](std::string_view why) { told.emplace_back(why); };
  const auto database = value(make_sqlite_database(options));
  const auto are_found = [&](const std::vector<std::string>& words) {
    for (const auto& word : words) {
      INFO(word);
      CHECK(
          search_names(*database, value(NameQuery::parse(word)), {.owners = {UserId{1}}}).size() ==
          1);
    }
  };
  RawSqlite raw(path);
  raw.rows(kHome);
  make_directory(*database, "before");
  const std::string damage =
      GENERATE("update files_search_data set block = x'00'", "delete from files_search_data",
               "delete from files_search_config", "drop table files_search_idx",
               "update files_search_config set v = 99 where k = 'version'");
  INFO(damage);
  raw.rows(damage);
  make_directory(*database, "first");
  make_directory(*database, "second");
  // A connection that is open has read the settings already.
  const std::size_t met = damage.find("_config") == std::string::npos ? 1 : 0;
  CHECK(told.size() == met);
  CHECK(trail(*database).size() == 3);
  CHECK(raw.one("select count(*) from files") == "4");
  CHECK(value(check_sqlite(path)) == kWrongIndex);

  CHECK(value(reindex_sqlite(path)) == 0);
  CHECK(value(check_sqlite(path)).empty());
  are_found({"before", "first", "second"});
  make_directory(*database, "third");
  CHECK(told.size() == met);
  CHECK(raw.one("select count(*) from files_search_changes") == "0");
  are_found({"before", "first", "second", "third"});
  CHECK(value(check_sqlite(path)).empty());
}

TEST_CASE("with a damaged index of names a search looks at every name") {
  const TemporaryDirectory directory;
  const std::string path = make_large_home(directory);
  RawSqlite raw(path);
  { value(make_sqlite_database({.path = path})); } // which brings them into the index
  const std::string damage = GENERATE(
      "update files_search_data set block = x'00' where id > 10", "delete from files_search_data",
      "drop table files_search_idx", "update files_search_config set v = 99 where k = 'version'",
      "delete from files_search_idx", "update files_search_data set block = x'00'");
  INFO(damage);
  CHECK(value(check_sqlite(path)).empty());
  raw.rows(damage);
  CHECK(value(check_sqlite(path)) == kWrongIndex);
  // These leave an index that is read without an error, and finds less.
  if (damage == "delete from files_search_idx" || damage.ends_with("x'00'")) return;
  const auto database = value(make_sqlite_database({.path = path}));
  const auto find = [&](std::string_view text, NameQuery::Part part) {
    auto query = value(NameQuery::parse(text));
    query.part = part;
    return search_names(*database, query, {.owners = {UserId{1}}});
  };
  for (const auto part : {NameQuery::Part::all, NameQuery::Part::whole_name}) {
    CHECK(find("n7", NameQuery::Part::whole_name) == std::vector<std::string>{"n7"});
    REQUIRE_FALSE(find("n2999", part).empty());
    CHECK(find("n2999", part).front() == (part == NameQuery::Part::all ? "n29999" : "n2999"));
    CHECK(find("absent", part).empty());
  }
  CHECK(find("n777", NameQuery::Part::all).size() == 11);
  CHECK(find("n", NameQuery::Part::all).size() == 29'999);
  CHECK(find("n1234", NameQuery::Part::beginning).size() == 10);
  make_directory(*database, "another");
  CHECK(find("another", NameQuery::Part::whole_name).size() == 1);
}

TEST_CASE("a backup with a damaged index of names is restored, with a sound one") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db", copy = directory / "copy.db";
  {
    const auto database = value(make_sqlite_database({.path = path, .names_at_once = 1}));
    RawSqlite(path).rows(kHome);
    make_directory(*database, "before");
  }
  RawSqlite(path).rows(GENERATE("update files_search_data set block = x'00'",
                                "delete from files_search_data",
                                "delete from files_search_config"));
  value(make_sqlite_backup(path)->copy_unseen(copy));
  const std::string place = directory / "restored.db";
  const auto backup = make_sqlite_backup(place);
  { value(backup->load(copy)); }
  value(backup->place());
  CHECK(value(check_sqlite(place)).empty());
  CHECK(RawSqlite(place).one("select count(*) from files_search where files_search match "
                             "'\"efo\"'") == "1");
}

} // namespace baluhost::test
