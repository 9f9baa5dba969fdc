#include "fixtures/files_fixture.hpp"

#include "baluhost/core/operations/sweep.hpp"

namespace baluhost::files_test {
namespace {

const std::string kHello = "hello";

TEST_CASE("a quota is set aside before the first byte and given back after the last") {
  World world;
  const auto anna = world.enter("anna", 10);
  const auto begin = [&](const std::string& where, std::optional<std::int64_t> size) {
    return world.files.begin_upload(anna, path(where), {.overwrite = true, .size = size});
  };
  auto first = begin("/anna/a", 6);
  REQUIRE(first);
  CHECK(error_of(begin("/anna/b", 5)) == Errc::quota_exceeded);
  CHECK(
      world.lines() ==
      Lines{
          R"(upload /anna/b {"attempted_size":5,"mime_type":"application/octet-stream","duration_ms":0} failed: quota_exceeded)"});
  auto second = begin("/anna/b", 4);
  REQUIRE(second);
  REQUIRE(second->write("1234"));
  REQUIRE(second->commit());
  CHECK(error_of(begin("/anna/c", 1)) == Errc::quota_exceeded);
  CHECK(first->abandon(Error{Errc::client_disconnected}).recorded);
  CHECK(begin("/anna/c", 6));

  SECTION("a replaced file counts with what it grows by") {
    CHECK(error_of(begin("/anna/b", 11)) == Errc::quota_exceeded);
    auto replacement = begin("/anna/b", 10);
    REQUIRE(replacement);
    REQUIRE(replacement->write("0123456789"));
    REQUIRE(replacement->commit());
    CHECK(world.user("anna").used_bytes == 10);
  }
  SECTION("without an announced size it is set aside as it grows") {
    auto chunked = begin("/anna/c", std::nullopt);
    REQUIRE(chunked);
    REQUIRE(chunked->write("12345"));
    CHECK(error_of(begin("/anna/d", 2)) == Errc::quota_exceeded);
    REQUIRE(chunked->write("6"));
    CHECK(error_of(chunked->write("7")) == Errc::quota_exceeded);
    CHECK(begin("/anna/d", 6));
  }
}

TEST_CASE("a quota that was lowered meanwhile is respected at the end") {
  World world;
  const auto anna = world.enter("anna", 100);
  auto upload = world.files.begin_upload(anna, path("/anna/a"), {.size = 5});
  REQUIRE(upload->write(kHello));
  REQUIRE(world.users.update(world.operator_, Username::parse("anna").value(),
                             {.quota_bytes = std::optional<std::int64_t>{4}}));
  world.events();
  CHECK(error_of(upload->commit()) == Errc::quota_exceeded);
  CHECK(world.event().error_message == "quota_exceeded");
  CHECK(world.blob_count() == 0);
}

TEST_CASE(
    "a grantee's upload belongs to the owner of the home and needs write on or above the path") {
  World world;
  const auto anna = world.enter("anna", 10);
  const auto bert = world.enter("bert", 0);
  world.have_directory(anna, "/anna/shared");
  CHECK(error_of(world.put(bert, "/anna/shared/a", kHello)) == Errc::not_found);
  CHECK(
      world.lines() ==
      Lines{
          R"(access_denied /anna/shared/a {"required_permission":"write","operation":"upload"} failed: not_found)"});
  world.grant("/anna/shared", "bert", Right::read);
  CHECK(error_of(world.put(bert, "/anna/shared/a", kHello)) == Errc::forbidden);
  CHECK(world.event().action == "access_denied");
  world.grant("/anna/shared", "bert", Right::write);
  REQUIRE(world.put(bert, "/anna/shared/a", kHello));
  CHECK(world.event().user == "bert");
  CHECK(world.user("anna").used_bytes == 5);
  CHECK(world.user("bert").used_bytes == 0);
  CHECK(error_of(world.put(bert, "/anna/shared/b", "123456")) == Errc::quota_exceeded);
  CHECK(error_of(world.put(bert, "/anna/outside", "x")) == Errc::not_found);
}

TEST_CASE("space that an announced size would take from the floor is refused before the body") {
  World world({.files = {.min_free_bytes = 50}, .blobs = {.capacity_bytes = 100}});
  const auto anna = world.enter("anna");
  CHECK(error_of(world.files.begin_upload(anna, path("/anna/a"), {.size = 51})) ==
        Errc::insufficient_storage);
  CHECK(world.event().error_message == "insufficient_storage");
  CHECK(world.files.begin_upload(anna, path("/anna/a"), {.size = 50}));
}

TEST_CASE("a store that fails ends the upload, recorded once") {
  World world;
  const auto anna = world.enter("anna");
  auto upload = world.files.begin_upload(anna, path("/anna/a"), {});
  SECTION("while writing") {
    world.blobs->fail_write(2, Errc::insufficient_storage);
    REQUIRE(upload->write(kHello));
    CHECK(error_of(upload->write(kHello)) == Errc::insufficient_storage);
    CHECK_FALSE(upload->write(kHello));
    CHECK_FALSE(upload->commit());
  }
  SECTION("while publishing") {
    world.blobs->fail_publish(1);
    REQUIRE(upload->write(kHello));
    CHECK(error_of(upload->commit()) == Errc::unavailable);
  }
  CHECK(world.events().size() == 1);
  CHECK(world.blob_count() == 0);
  CHECK(world.files.list(anna, path("/anna"), {})->items.empty());
}

TEST_CASE(
    "a database that fails at the commit leaves no row: the blob is left to the sweep of orphans") {
  World world;
  const auto anna = world.enter("anna");
  auto upload = world.files.begin_upload(anna, path("/anna/a"), {});
  REQUIRE(upload->write(kHello));

  SECTION("nothing was kept") {
    world.database->fail_commits(1);
    CHECK(error_of(upload->commit()) == Errc::unavailable);
    CHECK(world.event().error_message == "unavailable");
    CHECK(world.blob_count() == 1);
    world.clock.advance(std::chrono::hours{2});
    CHECK(sweep_orphans(*world.database, *world.blobs, world.clock.now() - std::chrono::hours{1})
              ->blobs == 1);
    CHECK(world.blob_count() == 0);
  }
  SECTION("only the answer was lost: then the file is there, and the upload a success") {
    world.database->lose_answers(1);
    CHECK(upload->commit());
    CHECK(world.event().success);
    CHECK(world.get(anna, "/anna/a").value() == kHello);
  }
  SECTION("the failure cannot be recorded yet, and waits until it can") {
    world.database->fail_writes(2);
    const auto done = upload->commit();
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::unavailable);
    CHECK(done.error().recorded);
    CHECK(world.events().empty());
    REQUIRE(world.audit_log.write_waiting());
    CHECK(world.event().error_message == "unavailable");
  }
}

} // namespace
} // namespace baluhost::files_test
