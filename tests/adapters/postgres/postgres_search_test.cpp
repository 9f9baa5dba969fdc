#include "sql/search_cases.hpp"

#include "postgres/own_database.hpp"

namespace baluhost::test {

TEST_CASE("searches on PostgreSQL") {
  const auto own = own_database();
  if (!own) return;
  const auto database = value(make_postgres_database(own->options));

  SECTION("in a large home find what a look at every name finds") {
    own->execute(fill_homes_for_search("generate_series(1, 120000) i", "true") + "; analyze files");
    check_large_searches(*database);
  }

  SECTION("names of before there was a search get their keys when the database is opened") {
    own->execute(
        "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
        "created_at, updated_at) values (1, 'anna', 'user', true, 0, 0, '', 1, 1);"
        "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at) "
        "overriding system value values (-1, null, 'anna', 'directory', 1, 1, 1);"
        "insert into files (parent_id, name, kind, owner_id, created_at, modified_at)"
        " select -1, 'R\xC3\xA9sum\xC3\xA9 ' || i, 'directory', 1, 1, 1 from "
        "generate_series(1, 2000) i");
    const auto again = value(make_postgres_database(own->options));
    CHECK(own->execute("select count(*) from files where search_key = ''") == "0");
    CHECK(search_names(*again, value(NameQuery::parse("resume")), {.owners = {UserId{1}}}).size() ==
          2000);

    // A check compares the names with their keys, which are written anew.
    CHECK(value(check_postgres(own->options)).empty());
    own->execute("update files set search_key = 'other' where id = -1");
    CHECK(value(check_postgres(own->options)) ==
          std::vector<std::string>{"1 names have another search key than theirs: run `baluhostctl "
                                   "db reindex`"});
    CHECK(value(reindex_postgres(own->options)) == 1);
    CHECK(value(check_postgres(own->options)).empty());
    CHECK(own->execute("select search_key from files where id = -1") == "anna");
  }
}

} // namespace baluhost::test
