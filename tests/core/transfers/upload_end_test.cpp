#include "fixtures/uploads_fixture.hpp"

namespace baluhost::files_test {
namespace {

TEST_CASE("pending uploads count against the quota, once") {
  World world({.uploads = {.max_upload_bytes = 9}});
  const auto anna = world.enter("anna", 10);
  CHECK(error_of(world.uploads.create(anna, request("/anna/a", 10))) == Errc::payload_too_large);
  const auto first = world.uploads.create(anna, request("/anna/a", 6));
  REQUIRE(first);
  CHECK(error_of(world.uploads.create(anna, request("/anna/b", 5))) == Errc::quota_exceeded);
  CHECK(error_of(world.files.begin_upload(anna, path("/anna/b"), {.size = 5})) ==
        Errc::quota_exceeded);
  CHECK(world.events().size() == 3);
  auto put = world.files.begin_upload(anna, path("/anna/b"), {.size = 4});
  REQUIRE(put);
  CHECK(error_of(world.uploads.create(anna, request("/anna/c", 1))) == Errc::quota_exceeded);
  REQUIRE(put->write("1234"));
  REQUIRE(put->commit());
  REQUIRE(patch(world, anna, first->id, 0, "123456")->finished);
  CHECK(world.user("anna").used_bytes == 10);

  REQUIRE(world.files.remove(anna, path("/anna/a"), Recursive::no, {}));
  const auto second = world.uploads.create(anna, request("/anna/a", 6));
  REQUIRE(second);
  REQUIRE(world.uploads.terminate(anna, second->id));
  CHECK(world.uploads.create(anna, request("/anna/a", 6)));
}

TEST_CASE("who lost the right before the end stores nothing, and the upload is over") {
  WorldWithGuest world;
  const auto& bert = world.bert;
  const auto id = world.uploads.create(bert, request("/anna/d/a", 5))->id;
  REQUIRE(patch(world, bert, id, 0, "hel"));
  auto chunk = world.uploads.append(bert, id, 3, {});
  REQUIRE(chunk);
  REQUIRE(chunk->write("lo"));
  REQUIRE(world.grants.remove(world.operator_, path("/anna/d"), Username::parse("bert").value()));
  CHECK(world.events().size() == 2);
  CHECK(error_of(chunk->finish()) == Errc::not_found);
  CHECK(world.event().action == "access_denied");
  CHECK(patch(world, bert, id, 3, "lo").error().code == Errc::not_found);
  CHECK(world.uploads.status(bert, id).error().code == Errc::not_found);
  CHECK(world.blob_count() == 0);
  CHECK(world.blobs->list_staged()->empty());
}

TEST_CASE("a place that is refused at the end may be mended, and the last byte sent again",
          "[fault-29]") {
  World world;
  const auto anna = world.enter("anna", 10);
  world.have_directory(anna, "/anna/d");
  const auto id = world.uploads.create(anna, request("/anna/d/a", 5))->id;
  REQUIRE(patch(world, anna, id, 0, "hel"));
  const auto refused = [&](Errc code) {
    world.events();
    CHECK(error_of(patch(world, anna, id, 3, "lo")) == code);
    CHECK(world.event().error_message == code_of(code));
    CHECK(world.blob_count() == static_cast<std::size_t>(world.user("anna").file_count));
    CHECK(world.blobs->list_staged()->size() == 1);
    CHECK(offset_of(world, anna, id) == 4);
  };
  SECTION("a directory that went") {
    REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::yes, {}));
    refused(Errc::conflict); // not_found would say that the upload is gone
    world.have_directory(anna, "/anna/d");
  }
  SECTION("a name that was taken") {
    world.have(anna, "/anna/d/a", "first");
    refused(Errc::already_exists);
    REQUIRE(world.files.remove(anna, path("/anna/d/a"), Recursive::no, {}));
  }
  SECTION("a database that fails, then: from the beginning") {
    world.database->fail_commits(1);
    CHECK(error_of(patch(world, anna, id, 3, "lo")) == Errc::unavailable);
    CHECK(offset_of(world, anna, id) == 0);
    REQUIRE(patch(world, anna, id, 0, "hell"));
  }
  CHECK(patch(world, anna, id, 4, "o")->finished);
  CHECK(world.get(anna, "/anna/d/a").value() == "hello");
}

TEST_CASE("the offset is only ever behind what is durable") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 9))->id;
  REQUIRE(patch(world, anna, id, 0, "abc"));
  SECTION("a sync that fails") {
    world.blobs->fail_sync(1);
    CHECK(error_of(patch(world, anna, id, 3, "def")) == Errc::unavailable);
    CHECK(offset_of(world, anna, id) == 3);
  }
  SECTION("a sync that fails for a client that is gone") {
    world.blobs->fail_sync(1);
    {
      auto chunk = world.uploads.append(anna, id, 3, {});
      REQUIRE(chunk->write("def"));
    }
    CHECK(offset_of(world, anna, id) == 3);
  }
  SECTION("a database that fails") {
    world.database->fail_commits(1);
    CHECK(error_of(patch(world, anna, id, 3, "def")) == Errc::unavailable);
    CHECK(offset_of(world, anna, id) == 3);
  }
  SECTION("a write that fails keeps what came before it") {
    world.blobs->fail_write(2, Errc::insufficient_storage);
    auto chunk = world.uploads.append(anna, id, 3, {});
    REQUIRE(chunk->write("de"));
    CHECK(error_of(chunk->write("f")) == Errc::insufficient_storage);
    CHECK(offset_of(world, anna, id) == 5);
    chunk = Error{Errc::internal};
    REQUIRE(patch(world, anna, id, 5, "f"));
    CHECK(offset_of(world, anna, id) == 6);
  }
  const auto offset = offset_of(world, anna, id);
  REQUIRE(patch(world, anna, id, offset,
                std::string("abcdefghi").substr(static_cast<std::size_t>(offset)))
              ->finished);
  CHECK(world.get(anna, "/anna/a").value() == "abcdefghi");
}

TEST_CASE("two servers do not write to one upload at a time") {
  World world;
  const auto anna = world.enter("anna");
  UploadService other(world.deps, *world.random, *world.digester, {});
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  auto chunk = world.uploads.append(anna, id, 0, {});
  CHECK(other.append(anna, id, 0, {}).error().code == Errc::conflict);
  REQUIRE(chunk->write("hel"));
  REQUIRE(chunk->finish());
  CHECK(other.append(anna, id, 3, {}));
}

TEST_CASE(
    "a server that was late and cut what another had received takes the offset back with it") {
  World world;
  const auto anna = world.enter("anna");
  HookedStore store(*world.blobs);
  auto deps = world.deps;
  FileService::Dependencies late_deps{deps.database,  store,       deps.audit_log,
                                      deps.transfers, deps.quotas, deps.clock};
  UploadService late(late_deps, *world.random, *world.digester, {});
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  store.before_stage = [&] { REQUIRE(patch(world, anna, id, 0, "hel")); };
  CHECK(late.append(anna, id, 0, {}).error().code == Errc::conflict);
  CHECK(offset_of(world, anna, id) == 0);
  CHECK(patch(world, anna, id, 0, "hello")->finished);
  CHECK(world.get(anna, "/anna/a").value() == "hello");
}

TEST_CASE("a publish that fails leaves the upload where it was") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  world.blobs->fail_publish(1);
  CHECK(error_of(patch(world, anna, id, 0, "hello")) == Errc::unavailable);
  CHECK(offset_of(world, anna, id) == 0);
  CHECK(patch(world, anna, id, 0, "hello")->finished);
}

} // namespace
} // namespace baluhost::files_test
