#include "fixtures/files_fixture.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::files_test {
namespace {

std::vector<std::string> names(const Page<FileInfo>& page) {
  std::vector<std::string> names;
  for (const auto& info : page.items) names.push_back(info.entry.name.str());
  return names;
}

TEST_CASE("a directory is made once, with its event") {
  World world;
  const auto anna = world.enter("anna");
  const auto made = world.files.make_directory(anna, path("/anna/d"), MissingParents::refuse);
  REQUIRE(made);
  CHECK(made->created);
  CHECK(made->info.entry.kind == FileKind::directory);
  CHECK(world.lines() == Lines{"create_directory /anna/d {}"});
  CHECK(error_of(world.files.make_directory(anna, path("/anna/d"), MissingParents::refuse)) ==
        Errc::already_exists);
  CHECK(error_of(world.files.make_directory(anna, path("/anna"), MissingParents::refuse)) ==
        Errc::already_exists);
  CHECK(error_of(world.files.make_directory(anna, path("/anna/x/y"), MissingParents::refuse)) ==
        Errc::not_found);
  CHECK(error_of(world.files.make_directory(world.operator_, path("/nobody"),
                                            MissingParents::make)) == Errc::not_found);
  CHECK(world.lines() == Lines{"create_directory /anna/d {} failed: already_exists",
                               "create_directory /anna {} failed: already_exists",
                               "create_directory /anna/x/y {} failed: not_found",
                               "create_directory /nobody {} failed: not_found"});
}

TEST_CASE(
    "missing parents are made where asked for, each with its event, and what is there is no "
    "error") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/file", "x");
  REQUIRE(world.files.make_directory(anna, path("/anna/a/b/c"), MissingParents::make)->created);
  CHECK(world.lines() == Lines{"create_directory /anna/a {}", "create_directory /anna/a/b {}",
                               "create_directory /anna/a/b/c {}"});
  const auto again = world.files.make_directory(anna, path("/anna/a/b/c"), MissingParents::make);
  REQUIRE(again);
  CHECK_FALSE(again->created);
  CHECK_FALSE(world.files.make_directory(anna, path("/anna"), MissingParents::make)->created);
  CHECK(world.events().empty());
  CHECK(error_of(world.files.make_directory(anna, path("/anna/file"), MissingParents::make)) ==
        Errc::conflict);
  CHECK(error_of(world.files.make_directory(anna, path("/anna/file/d"), MissingParents::make)) ==
        Errc::conflict);
  CHECK(world.events().size() == 2);
}

TEST_CASE(
    "a file is deleted with its event, its bytes go from the usage and its blob to the sweeper",
    "[spec-65]") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "hello");
  REQUIRE(world.files.remove(anna, path("/anna/a"), Recursive::no, {}));
  CHECK(world.lines() == Lines{R"(delete /anna/a {"file_size":5,"kind":"file"})"});
  CHECK(world.user("anna").used_bytes == 0);
  CHECK(world.user("anna").file_count == 0);
  CHECK(world.doomed_count() == 1);
  CHECK(error_of(world.files.remove(anna, path("/anna/a"), Recursive::no, {})) == Errc::not_found);
  CHECK(world.lines() == Lines{"delete /anna/a {} failed: not_found"});
}

TEST_CASE("a tree is deleted where asked for, with one event per file and one for itself") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/d/one", "1");
  world.have(anna, "/anna/d/sub/two", "22");
  world.have(anna, "/anna/d2", "333");
  CHECK(error_of(world.files.remove(anna, path("/anna/d"), Recursive::no, {})) == Errc::conflict);
  CHECK(world.lines() == Lines{R"(delete /anna/d {"kind":"directory"} failed: conflict)"});
  REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::yes, {}));
  CHECK(
      world.lines() ==
      Lines{R"(delete /anna/d/one {"file_size":1,"kind":"file"})",
            R"(delete /anna/d/sub/two {"file_size":2,"kind":"file"})",
            R"(delete /anna/d {"file_size":3,"kind":"directory","file_count":2,"total_size":3})"});
  CHECK(world.user("anna").used_bytes == 3);
  CHECK(world.user("anna").file_count == 1);
  CHECK(world.doomed_count() == 2);

  world.have_directory(anna, "/anna/empty");
  REQUIRE(world.files.remove(anna, path("/anna/empty"), Recursive::no, {}));
  CHECK(
      world.lines() ==
      Lines{
          R"(delete /anna/empty {"file_size":0,"kind":"directory","file_count":0,"total_size":0})"});
}

TEST_CASE("a home is not deleted, and If-Match is respected") {
  World world;
  const auto anna = world.enter("anna");
  const auto info = world.have(anna, "/anna/a", "hello");
  CHECK(error_of(world.files.remove(anna, path("/anna"), Recursive::yes, {})) == Errc::conflict);
  CHECK(error_of(world.files.remove(
            anna, path("/anna/a"), Recursive::yes,
            {.if_match = {.present = true, .any = false, .etags = {"\"x\""}}})) ==
        Errc::precondition_failed);
  CHECK(world.files.remove(anna, path("/anna/a"), Recursive::yes,
                           {.if_match = {.present = true, .any = false, .etags = {*info.etag()}}}));
}

TEST_CASE("deleting needs the right to delete") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have(anna, "/anna/d/a", "hello");
  world.grant("/anna/d", "bert", Right::read | Rights{Right::write});
  CHECK(error_of(world.files.remove(bert, path("/anna/d/a"), Recursive::no, {})) ==
        Errc::forbidden);
  CHECK(
      world.lines() ==
      Lines{
          R"(access_denied /anna/d/a {"required_permission":"delete","operation":"delete"} failed: forbidden)"});
  world.grant("/anna/d", "bert", Right::remove);
  CHECK(world.files.remove(bert, path("/anna/d/a"), Recursive::no, {}));
}

TEST_CASE("a directory is listed by name in pages, whatever is added between them") {
  World world;
  const auto anna = world.enter("anna");
  for (const auto* name : {"b", "a", "B", "\xC3\xA4", "c"})
    world.have(anna, std::string{"/anna/d/"} + name, "x");
  const auto all = world.files.list(anna, path("/anna/d"), {});
  REQUIRE(all);
  CHECK(names(*all) == std::vector<std::string>{"B", "a", "b", "c", "\xC3\xA4"});
  CHECK(all->items[0].path.str() == "/anna/d/B");
  CHECK(all->items[0].owner == "anna");
  CHECK_FALSE(all->next_cursor);

  const auto first = world.files.list(anna, path("/anna/d"), {.limit = 2});
  CHECK(names(*first) == std::vector<std::string>{"B", "a"});
  world.have(anna, "/anna/d/0", "x");
  world.have(anna, "/anna/d/aa", "x");
  const auto second =
      world.files.list(anna, path("/anna/d"), {.limit = 3, .cursor = first->next_cursor});
  CHECK(names(*second) == std::vector<std::string>{"aa", "b", "c"});
  const auto third =
      world.files.list(anna, path("/anna/d"), {.limit = 3, .cursor = second->next_cursor});
  CHECK(names(*third) == std::vector<std::string>{"\xC3\xA4"});
  CHECK_FALSE(third->next_cursor);

  CHECK(world.files.list(anna, path("/anna"), {.limit = 2, .cursor = first->next_cursor})
            .error()
            .code == Errc::invalid_request);
  CHECK(world.files.list(anna, path("/anna/d"), {.limit = 2, .cursor = "x"}).error().code ==
        Errc::invalid_request);
  CHECK(world.files.list(anna, path("/anna/d/a"), {}).error().code == Errc::conflict);
  CHECK(world.files.list(anna, path("/anna/none"), {}).error().code == Errc::not_found);
  CHECK(world.events().empty());
}

TEST_CASE("what may not be seen is not there, and asking for it is recorded") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have(anna, "/anna/x/y/a", "hello");
  world.grant("/anna/x/y", "bert", Right::read);
  CHECK(names(*world.files.list(bert, path("/anna/x/y"), {})) == std::vector<std::string>{"a"});
  CHECK(world.files.info(bert, path("/anna/x/y/a")));
  CHECK(world.files.info(bert, path("/anna/x/y/none")).error().code == Errc::not_found);
  CHECK(world.events().empty());
  CHECK(error_of(world.files.list(bert, path("/anna"), {})) == Errc::not_found);
  CHECK(error_of(world.files.info(bert, path("/anna/x"))) == Errc::not_found);
  CHECK(error_of(world.files.info(bert, path("/nobody/x"))) == Errc::not_found);
  CHECK(
      world.lines() ==
      Lines{
          R"(access_denied /anna {"required_permission":"read","operation":"list_directory"} failed: not_found)",
          R"(access_denied /anna/x {"required_permission":"read","operation":"read_metadata"} failed: not_found)",
          R"(access_denied /nobody/x {"required_permission":"read","operation":"read_metadata"} failed: not_found)"});
  world.grant("/anna/x", "bert", Right::write);
  CHECK(error_of(world.files.info(bert, path("/anna/x"))) == Errc::forbidden);
}

TEST_CASE("the homes that one can see into") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  const auto chef = world.enter("chef", std::nullopt, Role::admin);
  const auto otto = world.enter("otto", std::nullopt, Role::auditor);
  world.have(anna, "/anna/x/a", "hello");
  CHECK(names(*world.files.homes(bert, {})) == std::vector<std::string>{"bert"});
  CHECK(names(*world.files.homes(otto, {})) == std::vector<std::string>{"otto"});
  world.grant("/anna/x", "bert", Right::write);
  CHECK(names(*world.files.homes(bert, {})) == std::vector<std::string>{"bert"});
  world.grant("/anna/x", "bert", Right::read);
  CHECK(names(*world.files.homes(bert, {})) == std::vector<std::string>{"anna", "bert"});
  CHECK(names(*world.files.homes(chef, {})) ==
        std::vector<std::string>{"anna", "bert", "chef", "otto"});
  CHECK(names(*world.files.homes(world.operator_, {})) ==
        std::vector<std::string>{"anna", "bert", "chef", "otto"});

  for (const auto& who : {bert, chef}) {
    const auto first = world.files.homes(who, {.limit = 1});
    CHECK(names(*first) == std::vector<std::string>{"anna"});
    const auto second = world.files.homes(who, {.limit = 1, .cursor = first->next_cursor});
    CHECK(names(*second) == std::vector<std::string>{"bert"});
  }
  CHECK(world.events().empty());
}

TEST_CASE("usage is the caller's") {
  World world;
  const auto anna = world.enter("anna", 100);
  world.have(anna, "/anna/a", "hello");
  world.have(anna, "/anna/b", "you");
  const auto usage = world.files.usage(anna);
  REQUIRE(usage);
  CHECK(to_json(*usage) ==
        R"({"used_bytes":8,"file_count":2,"quota_bytes":100,"trash_bytes":0,"version_bytes":0,)"
        R"("trash_days":0})");
  CHECK(to_json(*world.files.usage(world.operator_)) ==
        R"({"used_bytes":0,"file_count":0,"quota_bytes":null,"trash_bytes":0,"version_bytes":0,)"
        R"("trash_days":0})");
}

TEST_CASE("files and directories as the API shows them") {
  World world;
  const auto anna = world.enter("anna");
  const auto file = world.have(anna, "/anna/d/a \"b\".txt", "hello");
  const auto hex = world.hex("hello");
  CHECK(
      to_json(file) ==
      R"({"path":"/anna/d/a \"b\".txt","name":"a \"b\".txt","kind":"file","size":5,"sha256":")" +
          hex + R"(","mime_type":"text/plain","etag":"\")" + hex +
          R"(\"","owner":"anna","created_at":"2026-11-24T02:54:31.123456Z","modified_at":"2026-11-24T02:54:31.123456Z"})");
  CHECK(
      to_json(*world.files.info(anna, path("/anna/d"))) ==
      R"({"path":"/anna/d","name":"d","kind":"directory","size":0,"sha256":null,"mime_type":null,"etag":null,"owner":"anna",)"
      R"("created_at":"2026-11-24T02:54:31.123456Z","modified_at":"2026-11-24T02:54:31.123456Z"})");
}

TEST_CASE(
    "a failure of the database is an error of every operation, and recorded where it can be") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "hello");
  world.database->fail_reads(1);
  CHECK(world.files.list(anna, path("/anna"), {}).error().code == Errc::unavailable);
  world.database->fail_writes(1);
  CHECK(error_of(world.files.remove(anna, path("/anna/a"), Recursive::no, {})) ==
        Errc::unavailable);
  world.database->fail_commits(1);
  CHECK(error_of(world.files.make_directory(anna, path("/anna/d"), MissingParents::make)) ==
        Errc::unavailable);
  world.database->fail_writes(2);
  const auto moved = world.files.move(anna, path("/anna/a"), path("/anna/b"), Overwrite::no);
  REQUIRE_FALSE(moved);
  CHECK(moved.error().recorded);
  CHECK(world.files.info(anna, path("/anna/a")));
}

} // namespace
} // namespace baluhost::files_test
