#include "fixtures/files_fixture.hpp"

#include <thread>

namespace baluhost::files_test {
namespace {

TEST_CASE("a file is moved with all that belongs to it", "[spec-66]") {
  World world;
  const auto anna = world.enter("anna");
  const auto info = world.have(anna, "/anna/a", "hello");
  world.have_directory(anna, "/anna/d");
  const auto moved = world.files.move(anna, path("/anna/a"), path("/anna/d/b"), Overwrite::no);
  REQUIRE(moved);
  CHECK(moved->path.str() == "/anna/d/b");
  CHECK(moved->entry.id == info.entry.id);
  CHECK(moved->entry.name.str() == "b");
  CHECK(world.lines() ==
        Lines{R"(move /anna/d/b {"source":"/anna/a","destination":"/anna/d/b","file_count":1})"});
  CHECK(world.get(anna, "/anna/d/b").value() == "hello");
  CHECK(world.files.info(anna, path("/anna/a")).error().code == Errc::not_found);
  CHECK(world.user("anna").used_bytes == 5);
  CHECK(world.blob_count() == 1);
}

TEST_CASE("a new name in the same directory is a rename", "[spec-66]") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "hello");
  REQUIRE(world.files.move(anna, path("/anna/a"), path("/anna/b"), Overwrite::no));
  CHECK(world.lines() ==
        Lines{R"(rename /anna/b {"source":"/anna/a","destination":"/anna/b","file_count":1})"});
}

TEST_CASE("a tree is moved as a whole") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/d/one", "1");
  world.have(anna, "/anna/d/sub/two", "22");
  world.have_directory(anna, "/anna/e");
  REQUIRE(world.files.move(anna, path("/anna/d"), path("/anna/e/d"), Overwrite::no));
  CHECK(world.lines() ==
        Lines{R"(move /anna/e/d {"source":"/anna/d","destination":"/anna/e/d","file_count":2})"});
  CHECK(world.get(anna, "/anna/e/d/sub/two").value() == "22");
}

TEST_CASE("a copy shares the bytes and counts against the quota") {
  World world;
  const auto anna = world.enter("anna", 12);
  world.have(anna, "/anna/d/a", "hello");
  const auto copied = world.files.copy(anna, path("/anna/d"), path("/anna/e"), Overwrite::no);
  REQUIRE(copied);
  CHECK(world.lines() ==
        Lines{R"(copy /anna/e {"source":"/anna/d","destination":"/anna/e","file_count":1})"});
  CHECK(world.blob_count() == 1);
  CHECK(world.user("anna").used_bytes == 10);
  CHECK(world.user("anna").file_count == 2);
  CHECK(world.get(anna, "/anna/e/a").value() == "hello");
  CHECK(world.events().size() == 1);
  CHECK(error_of(world.files.copy(anna, path("/anna/d/a"), path("/anna/f"), Overwrite::no)) ==
        Errc::quota_exceeded);
  CHECK(
      world.lines() ==
      Lines{
          R"(copy /anna/f {"source":"/anna/d/a","destination":"/anna/f"} failed: quota_exceeded)"});

  REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::yes, {}));
  CHECK(world.doomed_count() == 0);
  REQUIRE(world.files.remove(anna, path("/anna/e"), Recursive::yes, {}));
  CHECK(world.doomed_count() == 1);
}

TEST_CASE("room that an upload has set aside is not there for a copy") {
  World world;
  const auto anna = world.enter("anna", 12);
  world.have(anna, "/anna/a", "hello");
  auto upload = world.files.begin_upload(anna, path("/anna/b"), {.size = 5});
  REQUIRE(upload);
  CHECK(error_of(world.files.copy(anna, path("/anna/a"), path("/anna/c"), Overwrite::no)) ==
        Errc::quota_exceeded);
  CHECK(upload->abandon(Error{Errc::client_disconnected}).recorded);
  CHECK(world.files.copy(anna, path("/anna/a"), path("/anna/c"), Overwrite::no));
}

TEST_CASE("what is there is replaced only by its like, where that was asked for") {
  World world;
  const auto anna = world.enter("anna");
  const bool copies = GENERATE(false, true);
  const auto go = [&](const std::string& from, const std::string& to, Overwrite overwrite) {
    return copies ? world.files.copy(anna, path(from), path(to), overwrite)
                  : world.files.move(anna, path(from), path(to), overwrite);
  };
  world.have(anna, "/anna/a", "hello");
  world.have(anna, "/anna/b", "old");
  world.have(anna, "/anna/full/x", "x");
  world.have_directory(anna, "/anna/d");
  world.have_directory(anna, "/anna/empty");

  CHECK(error_of(go("/anna/a", "/anna/b", Overwrite::no)) == Errc::already_exists);
  CHECK(error_of(go("/anna/a", "/anna/d", Overwrite::yes)) == Errc::conflict);
  CHECK(error_of(go("/anna/d", "/anna/a", Overwrite::yes)) == Errc::conflict);
  CHECK(error_of(go("/anna/d", "/anna/full", Overwrite::yes)) == Errc::conflict);
  CHECK(error_of(go("/anna/a", "/anna/b/c", Overwrite::no)) == Errc::conflict);
  CHECK(error_of(go("/anna/a", "/anna/none/c", Overwrite::no)) == Errc::not_found);
  CHECK(error_of(go("/anna/none", "/anna/c", Overwrite::no)) == Errc::not_found);
  CHECK(world.events().size() == 7);

  REQUIRE(go("/anna/a", "/anna/b", Overwrite::yes));
  CHECK(world.event().details.ends_with(R"("file_count":1,"replaced":true})"));
  CHECK(world.get(anna, "/anna/b").value() == "hello");
  CHECK(world.doomed_count() == 1);
  CHECK(world.user("anna").used_bytes == (copies ? 11 : 6));
  CHECK(world.user("anna").file_count == (copies ? 3 : 2));
  REQUIRE(go("/anna/full", "/anna/empty", Overwrite::yes));
  CHECK(world.get(anna, "/anna/empty/x").value() == "x");
}

TEST_CASE("nothing goes into itself, and homes stay in their places") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have(anna, "/anna/d/sub/a", "hello");
  CHECK(error_of(world.files.move(anna, path("/anna/d"), path("/anna/d"), Overwrite::yes)) ==
        Errc::conflict);
  CHECK(error_of(world.files.move(anna, path("/anna/d"), path("/anna/d/sub/d"), Overwrite::no)) ==
        Errc::conflict);
  CHECK(error_of(world.files.copy(anna, path("/anna/d"), path("/anna/d/sub/d"), Overwrite::no)) ==
        Errc::conflict);
  CHECK(error_of(world.files.move(anna, path("/anna/d/sub"), path("/anna/d"), Overwrite::yes)) ==
        Errc::conflict);
  CHECK(error_of(world.files.move(anna, path("/anna"), path("/anna/x"), Overwrite::no)) ==
        Errc::conflict);
  CHECK(error_of(world.files.move(world.operator_, path("/anna/d"), path("/bert"),
                                  Overwrite::yes)) == Errc::conflict);
  CHECK(error_of(world.files.move(world.operator_, path("/anna/d"), path("/nobody/d"),
                                  Overwrite::yes)) == Errc::not_found);
  CHECK(world.events().size() == 7);
  CHECK(world.files.move(anna, path("/anna/d"), path("/anna/d2"), Overwrite::no));
  world.have_directory(bert, "/bert/copies");
  CHECK(world.files.copy(world.operator_, path("/anna"), path("/bert/copies/anna"), Overwrite::no));
}

TEST_CASE(
    "moving needs write and delete where it comes from and write where it goes: copying needs "
    "read") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have(anna, "/anna/d/a", "hello");
  CHECK(error_of(world.files.move(bert, path("/anna/d/a"), path("/bert/a"), Overwrite::no)) ==
        Errc::not_found);
  world.grant("/anna/d", "bert", Right::read | Rights{Right::write});
  CHECK(error_of(world.files.move(bert, path("/anna/d/a"), path("/bert/a"), Overwrite::no)) ==
        Errc::forbidden);
  CHECK(
      world.lines() ==
      Lines{
          R"(access_denied /anna/d/a {"required_permission":"read,write,delete","operation":"move"} failed: forbidden)"});
  CHECK(world.files.copy(bert, path("/anna/d/a"), path("/bert/copy"), Overwrite::no));
  world.grant("/anna/d", "bert", Rights{Right::write} | Right::remove);
  world.events();
  CHECK(error_of(world.files.copy(bert, path("/anna/d/a"), path("/bert/copy2"), Overwrite::no)) ==
        Errc::forbidden);
  CHECK(error_of(world.files.move(bert, path("/anna/d/a"), path("/anna/e"), Overwrite::no)) ==
        Errc::not_found);
  CHECK(world.files.move(bert, path("/anna/d/a"), path("/anna/d/b"), Overwrite::no));
  world.grant("/anna/d", "bert", Rights{Right::read} | Right::write | Right::remove);
  CHECK(world.files.move(bert, path("/anna/d/b"), path("/bert/b"), Overwrite::no));
}

TEST_CASE("a move shows what a read shows, and needs the right to it", "[fault-13]") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have(anna, "/anna/in/secret", "hello");
  world.have_directory(anna, "/anna/in/deep");
  world.have_directory(anna, "/anna/out");
  world.have(bert, "/bert/there", "x");
  world.grant("/anna/in", "bert", Rights{Right::write} | Right::remove);
  world.grant("/anna/out", "bert", Rights{Right::read} | Right::write);
  world.enter("carl");
  world.have_directory(world.operator_, "/carl/box");
  world.grant("/carl/box", "bert", Right::write); // where Bert may not read, but Carl may
  world.events();
  const auto move = [&](const char* to, Overwrite overwrite = Overwrite::no) {
    return world.files.move(bert, path("/anna/in/secret"), path(to), overwrite);
  };
  for (const char* to : {"/bert/secret", "/anna/out/secret", "/carl/box/secret"})
    CHECK(error_of(move(to)) == Errc::forbidden);
  CHECK(error_of(move("/bert/there", Overwrite::yes)) == Errc::forbidden);
  const std::string needs =
      R"( {"required_permission":"read,write,delete","operation":"move"} failed: forbidden)";
  CHECK(world.lines() == Lines(4, "access_denied /anna/in/secret" + needs));
  CHECK(world.get(bert, "/bert/there").value() == "x");

  const auto within = move("/anna/in/deep/secret");
  REQUIRE(within);
  CHECK_FALSE(within->shows_content);
  CHECK_FALSE(within->etag());
  CHECK(world.files.move(anna, path("/anna/in/deep/secret"), path("/anna/in/secret"), Overwrite::no)
            .value()
            .shows_content);
  CHECK(world.files.move(world.operator_, path("/anna/in/secret"), path("/bert/secret"),
                         Overwrite::no));
}

TEST_CASE("a move out of reach of who gave rights on it takes these rights away", "[fault-14]") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  const auto carl = world.enter("carl");
  world.have(anna, "/anna/box/sub/a", "hello");
  world.have_directory(anna, "/anna/else");
  REQUIRE(world.grants.put(anna, path("/anna/box"), Username::parse("bert").value(),
                           Rights{Right::read} | Right::share));
  REQUIRE(
      world.grants.put(bert, path("/anna/box/sub"), Username::parse("carl").value(), Right::read));
  REQUIRE(world.files.move(anna, path("/anna/box/sub"), path("/anna/box/sub2"), Overwrite::no));
  CHECK(world.get(carl, "/anna/box/sub2/a").value() == "hello");
  world.events();
  REQUIRE(world.files.move(anna, path("/anna/box/sub2"), path("/anna/else/sub"), Overwrite::no));
  CHECK(
      world.lines() ==
      Lines{
          R"(permission_revoked /anna/else/sub {"permission":"read","resource":"/anna/else/sub","grantee":"carl"})",
          R"(move /anna/else/sub {"source":"/anna/box/sub2","destination":"/anna/else/sub","file_count":1})"});
  CHECK(error_of(world.files.info(carl, path("/anna/else/sub/a"))) == Errc::not_found);
}

TEST_CASE("what moves into another home changes its owner, its quota and loses its grants") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert", 7);
  const auto carl = world.enter("carl");
  world.have(anna, "/anna/d/a", "hello");
  world.have(anna, "/anna/d/sub/b", "you");
  world.grant("/anna/d/sub", "carl", Right::read);
  const auto move = [&] {
    return world.files.move(world.operator_, path("/anna/d"), path("/bert/d"), Overwrite::no);
  };
  CHECK(error_of(move()) == Errc::quota_exceeded);
  CHECK(world.user("anna").used_bytes == 8);
  CHECK(world.files.info(carl, path("/anna/d/sub/b")));

  REQUIRE(world.users.update(world.operator_, Username::parse("bert").value(),
                             {.quota_bytes = std::optional<std::int64_t>{8}}));
  const auto moved = move();
  REQUIRE(moved);
  CHECK(moved->owner == "bert");
  CHECK(world.user("anna").used_bytes == 0);
  CHECK(world.user("anna").file_count == 0);
  CHECK(world.user("bert").used_bytes == 8);
  CHECK(world.user("bert").file_count == 2);
  CHECK(world.files.info(bert, path("/bert/d/sub/b"))->entry.owner == world.user("bert").id);
  CHECK(error_of(world.files.info(carl, path("/bert/d/sub/b"))) == Errc::not_found);
}

TEST_CASE("a grant follows its file within the home") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have(anna, "/anna/a", "hello");
  world.have_directory(anna, "/anna/d");
  world.grant("/anna/a", "bert", Right::read);
  REQUIRE(world.files.move(anna, path("/anna/a"), path("/anna/d/b"), Overwrite::no));
  CHECK(world.files.info(bert, path("/anna/d/b")));
  CHECK_FALSE(world.files.info(bert, path("/anna/a")));
}

TEST_CASE("nothing gets a path that cannot be named") {
  World world;
  const auto anna = world.enter("anna");
  std::string deep = "/anna/d";
  for (int i = 0; i < 60; ++i) deep += "/x";
  world.have_directory(anna, deep);
  world.have_directory(anna, "/anna/a/b/c");
  const auto refused =
      world.files.move(anna, path("/anna/d"), path("/anna/a/b/c/d"), Overwrite::no);
  CHECK(error_of(refused) == Errc::invalid_request);
  CHECK(refused.error().fields.at(0).pointer == "/to");
  CHECK(world.files.copy(anna, path("/anna/d"), path("/anna/a/b/d"), Overwrite::no));

  const std::string name(240, 'n');
  world.have_directory(anna, "/anna/l/" + name + '/' + name + '/' + name + '/' + name);
  CHECK(error_of(world.files.move(anna, path("/anna/l"), path("/anna/" + std::string(60, 'l')),
                                  Overwrite::no)) == Errc::invalid_request);
  CHECK(world.files.move(anna, path("/anna/l"), path("/anna/ll"), Overwrite::no));
}

TEST_CASE("of two moves onto one name one wins") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  for (int round = 0; round < 20; ++round) {
    world.have(anna, "/anna/a", "from anna");
    world.have(bert, "/bert/b", "from bert");
    const auto target = path("/anna/t" + std::to_string(round));
    std::array<bool, 2> won{};
    std::thread first([&] {
      won[0] =
          world.files.move(world.operator_, path("/anna/a"), target, Overwrite::no).has_value();
    });
    std::thread second([&] {
      won[1] =
          world.files.move(world.operator_, path("/bert/b"), target, Overwrite::no).has_value();
    });
    first.join();
    second.join();
    CHECK(won[0] != won[1]);
    const auto events = world.events();
    CHECK(events.size() == 2);
  }
}

} // namespace
} // namespace baluhost::files_test
