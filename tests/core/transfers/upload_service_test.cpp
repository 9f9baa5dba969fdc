#include "fixtures/uploads_fixture.hpp"

namespace baluhost::files_test {
namespace {

TEST_CASE("an upload of several requests ends as a file, with one event") {
  World world;
  const auto anna = world.enter("anna");
  const auto upload = world.uploads.create(anna, request("/anna/x/a.txt", 5));
  REQUIRE_FALSE(upload);
  CHECK(error_of(upload) == Errc::not_found);
  CHECK(
      world.lines() ==
      Lines{
          R"(upload /anna/x/a.txt {"attempted_size":5,"mime_type":"text/plain","duration_ms":0} failed: not_found)"});

  auto create = request("/anna/x/a.txt", 5);
  create.parents = true;
  create.expected = Sha256Digest::parse_hex(kHelloHex).value();
  const auto made = world.uploads.create(anna, create);
  REQUIRE(made);
  CHECK(made->id.value.size() == 64);
  CHECK(made->offset == 0);
  CHECK(made->expires_at == world.clock.now() + std::chrono::hours{24});
  world.clock.advance(std::chrono::seconds{1});
  const auto first = patch(world, anna, made->id, 0, "hel");
  REQUIRE(first);
  CHECK(first->upload.offset == 3);
  CHECK(first->upload.expires_at == world.clock.now() + std::chrono::hours{24});
  CHECK_FALSE(first->finished);
  CHECK(offset_of(world, anna, made->id) == 3);
  CHECK(world.events().empty());

  world.clock.advance(std::chrono::seconds{1});
  const auto last = patch(world, world.log_in("anna"), made->id, 3, "lo");
  REQUIRE(last);
  CHECK(last->upload.offset == 5);
  REQUIRE(last->finished);
  CHECK(last->finished->created);
  CHECK(last->finished->info.path.str() == "/anna/x/a.txt");
  const auto lines = world.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "create_directory /anna/x {}");
  CHECK(
      lines[1] ==
      R"(upload /anna/x/a.txt {"file_size":5,"mime_type":"text/plain","duration_ms":2000,"transfer_rate_mbps":0,"sha256":")" +
          kHelloHex + R"(","replaced":false})");
  CHECK(world.get(anna, "/anna/x/a.txt").value() == "hello");
  CHECK(world.user("anna").used_bytes == 5);
}

TEST_CASE("who lost the last answer still learns that the upload is finished") {
  World world;
  const auto anna = world.enter("anna", 7);
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  REQUIRE(patch(world, anna, id, 0, "hello")->finished);
  world.events();
  CHECK(offset_of(world, anna, id) == 5);
  CHECK(world.blobs->list_staged()->empty());
  for (const std::int64_t offset : {0, 5})
    CHECK(world.uploads.append(anna, id, offset, {}).error().code == Errc::conflict);
  CHECK(world.events().size() == 2);
  CHECK(world.uploads.create(
      anna, request("/anna/b", 2))); // the finished one is in the usage, not in the reservations

  SECTION("for an hour") {
    world.clock.advance(std::chrono::hours{1});
    CHECK(world.uploads.status(anna, id).error().code == Errc::not_found);
    CHECK(world.uploads.remove_expired().value() == 1);
  }
  SECTION("or until it is terminated, which is not about the file") {
    REQUIRE(world.uploads.terminate(anna, id));
  }
  CHECK(world.events().empty());
  CHECK(world.uploads.status(anna, id).error().code == Errc::not_found);
  CHECK(world.get(anna, "/anna/a").value() == "hello");
}

TEST_CASE("a cursor of the unfinished uploads goes on after an upload, and names no other thing") {
  World world;
  const auto anna = world.enter("anna");
  for (const auto* const name : {"/anna/a", "/anna/b"})
    REQUIRE(world.uploads.create(anna, request(name, 5)));
  const auto all = world.uploads.list(anna, {}, {}).value();
  REQUIRE(all.items.size() == 2);
  const auto first = world.uploads.list(anna, {}, {.limit = 1}).value();
  REQUIRE(first.items.size() == 1);
  const auto rest = world.uploads.list(anna, {}, {.cursor = first.next_cursor}).value();
  REQUIRE(rest.items.size() == 1);
  CHECK(rest.items[0].upload.id == all.items[1].upload.id);
  const auto other = world.uploads.list(anna, {}, {.cursor = make_cursor("uploads:", "anna")});
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::invalid_request);
}

TEST_CASE("an upload whose first request fails with bytes in it is orphaned, and holds no quota") {
  World world;
  const auto anna = world.enter("anna", 5);
  const auto begin = [&](const std::optional<ChunkChecksum>& checksum = {}) {
    return world.uploads.create_with_content(anna, request("/anna/a", 5), checksum);
  };
  std::string_view code;
  SECTION("by its checksum") {
    auto chunk = begin(ChunkChecksum{Sha256Digest::parse_hex(kHelloHex).value(), {}});
    REQUIRE(chunk->write("hel"));
    CHECK(error_of(chunk->finish()) == Errc::digest_mismatch);
    code = "digest_mismatch";
  }
  SECTION("by its length") {
    auto chunk = begin();
    CHECK(error_of(chunk->write("hello!")) == Errc::payload_too_large);
    code = "payload_too_large";
  }
  SECTION("by the disk") {
    world.blobs->fail_sync(1);
    auto chunk = begin();
    REQUIRE(chunk->write("hel"));
    CHECK(error_of(chunk->finish()) == Errc::unavailable);
    code = "unavailable";
  }
  SECTION("by a client that goes away") {
    REQUIRE(begin()->write("hel"));
    code = "client_disconnected";
  }
  CHECK(world.event().error_message == code);
  CHECK(world.blobs->list_staged()->empty());
  auto chunk = begin();
  REQUIRE(chunk);
  REQUIRE(chunk->write("hel"));
  const auto progress = chunk->finish();
  REQUIRE(progress);
  CHECK(offset_of(world, anna, progress->upload.id) == 3);
  CHECK(patch(world, anna, progress->upload.id, 3, "lo")->finished);
}

TEST_CASE("an upload of no bytes is finished when it is made") {
  World world;
  const auto anna = world.enter("anna");
  const auto made = world.uploads.create(anna, request("/anna/empty", 0));
  REQUIRE(made);
  CHECK(world.event().action == "upload");
  CHECK(world.get(anna, "/anna/empty").value().empty());
  CHECK(offset_of(world, anna, made->id) == 0);
  auto wrong = request("/anna/empty2", 0);
  wrong.expected = Sha256Digest::parse_hex(kHelloHex).value();
  CHECK(error_of(world.uploads.create(anna, wrong)) == Errc::digest_mismatch);
}

TEST_CASE("who owns the home or is an administrator may end an upload and not write to it") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  const auto chef = world.enter("chef", std::nullopt, Role::admin);
  world.grant("/anna", "bert", Right::write);
  for (const auto& [who, name] : {std::pair{anna, "anna"}, std::pair{chef, "chef"}}) {
    const auto made = world.uploads.create(bert, request("/anna/a", 5));
    REQUIRE(patch(world, bert, made->id, 0, "hel"));
    CHECK(error_of(world.uploads.append(who, made->id, 3, {})) == Errc::not_found);
    world.events();
    CHECK(world.uploads.terminate(who, made->id));
    const auto event = world.event();
    CHECK(event.user == name);
    CHECK(event.error_message == "forbidden");
    CHECK(event.details ==
          R"({"attempted_size":5,"mime_type":"application/octet-stream","creator":"bert"})");
    CHECK(world.uploads.status(bert, made->id).error().code == Errc::not_found);
    CHECK(world.blobs->list_staged()->empty());
  }
}

TEST_CASE(
    "an upload that lost its place to write by a move or a deletion ends when it is next looked "
    "for") {
  WorldWithGuest world;
  const auto& anna = world.anna;
  const auto& bert = world.bert;
  const auto id = world.uploads.create(bert, request("/anna/d/a", 5))->id;
  const auto own = world.uploads.create(bert, request("/bert/a", 5))->id;
  REQUIRE(world.uploads.remove_unpermitted());
  CHECK(world.uploads.status(bert, id));
  REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::yes, {}));
  world.events();
  REQUIRE(world.uploads.remove_unpermitted());
  CHECK(world.event().error_message == "forbidden");
  CHECK(world.uploads.status(bert, id).error().code == Errc::not_found);
  CHECK(world.uploads.status(bert, own));
}

TEST_CASE("who is shut out during the last request of an upload does not lose what was received") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  REQUIRE(patch(world, anna, id, 0, "hel"));
  auto chunk = world.uploads.append(anna, id, 3, {});
  REQUIRE(chunk);
  REQUIRE(chunk->write("lo"));
  REQUIRE(world.sessions.logout_all(anna));
  CHECK(error_of(chunk->finish()) == Errc::token_revoked);
  const auto again = world.log_in("anna");
  CHECK(world.uploads.status(again, id)->offset == 4);
  REQUIRE(patch(world, again, id, 4, "o"));
  CHECK(world.get(again, "/anna/a").value() == "hello");
}

TEST_CASE("an upload belongs to its creator") {
  World world;
  const auto anna = world.enter("anna");
  const auto chef = world.enter("chef", std::nullopt, Role::admin);
  const auto made = world.uploads.create(anna, request("/anna/a", 5));
  CHECK(error_of(world.uploads.status(chef, made->id)) == Errc::not_found);
  CHECK(
      world.lines() ==
      Lines{
          R"(access_denied /anna/a {"required_permission":"write","operation":"upload"} failed: not_found)"});
  CHECK(error_of(world.uploads.append(chef, made->id, 0, {})) == Errc::not_found);
  CHECK(error_of(world.uploads.terminate(world.enter("bert"), made->id)) == Errc::not_found);
  for (const std::string& id : {std::string{"unknown"}, std::string{}, std::string(64, 'g'),
                                std::string(64, '\0'), std::string(63, 'a')}) {
    CHECK(world.uploads.status(anna, UploadId{id}).error().code == Errc::not_found);
  }
  CHECK(world.uploads.status(anna, made->id));
  CHECK(error_of(world.uploads.create(world.operator_, request("/anna/b", 5))) == Errc::forbidden);
}

TEST_CASE("an upload expires, with what it took, and is recorded as failed") {
  World world({.uploads = {.expiry = std::chrono::hours{1}}});
  const auto anna = world.enter("anna", 10);
  const auto kept = world.uploads.create(anna, request("/anna/kept", 4))->id;
  const auto lost = world.uploads.create(anna, request("/anna/lost", 5))->id;
  REQUIRE(patch(world, anna, lost, 0, "hel"));
  world.clock.advance(std::chrono::minutes{59});
  REQUIRE(patch(world, anna, kept, 0, "x"));
  CHECK(world.uploads.remove_expired().value() == 0);
  world.clock.advance(std::chrono::minutes{1});
  CHECK(world.uploads.status(anna, lost).error().code == Errc::not_found);
  CHECK(world.uploads.append(anna, lost, 3, {}).error().code == Errc::not_found);
  CHECK(world.uploads.remove_expired().value() == 1);
  const auto event = world.event();
  CHECK(event.action == "upload");
  CHECK(event.user == "anna");
  CHECK(event.resource == "/anna/lost");
  CHECK(event.error_message == "client_disconnected");
  CHECK(event.details == R"({"attempted_size":5,"mime_type":"application/octet-stream"})");
  CHECK(world.blobs->list_staged()->size() == 1);
  CHECK(world.uploads.create(anna, request("/anna/new", 6)));

  world.clock.advance(std::chrono::hours{1});
  auto chunk = world.uploads.append(anna, kept, 1, {});
  CHECK_FALSE(chunk);
}

TEST_CASE("an upload that is being written to does not expire under it") {
  World world({.uploads = {.expiry = std::chrono::hours{1}}});
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  auto chunk = world.uploads.append(anna, id, 0, {});
  world.clock.advance(std::chrono::hours{2});
  CHECK(world.uploads.remove_expired().value() == 0);
  REQUIRE(chunk->write("hel"));
  REQUIRE(chunk->finish());
  CHECK(offset_of(world, anna, id) == 3);
}

TEST_CASE("terminating removes the upload and its bytes, on record") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  REQUIRE(patch(world, anna, id, 0, "hel"));
  CHECK(world.lines().empty());
  REQUIRE(world.uploads.terminate(anna, id));
  CHECK(
      world.lines() ==
      Lines{
          R"(upload /anna/a {"attempted_size":5,"mime_type":"application/octet-stream"} failed: client_disconnected)"});
  CHECK(world.blobs->list_staged()->empty());
  CHECK(world.uploads.status(anna, id).error().code == Errc::not_found);
  CHECK(world.uploads.terminate(anna, id).error().code == Errc::not_found);
}

} // namespace
} // namespace baluhost::files_test
