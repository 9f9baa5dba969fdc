#include "fixtures/files_fixture.hpp"

#include "baluhost/core/operations/maintenance.hpp"

namespace baluhost::files_test {
namespace {

const std::string kHelloHex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

CreateUpload request(const std::string& where, std::int64_t length) {
  return {.target = path(where), .length = length};
}

/// One PATCH; gives the offset after it.
Result<UploadProgress> patch(World& world, const Principal& who, const UploadId& id,
                             std::int64_t offset, std::string_view bytes,
                             const std::optional<ChunkChecksum>& checksum = std::nullopt) {
  BALUHOST_TRY(auto chunk, world.uploads.append(who, id, offset, checksum));
  BALUHOST_CHECK(chunk.write(bytes));
  return chunk.finish();
}

std::int64_t offset_of(World& world, const Principal& who, const UploadId& id) {
  return world.uploads.status(who, id).value().offset;
}

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

TEST_CASE("an upload whose first request fails with bytes in it is nobody's, and holds no quota") {
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
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have_directory(anna, "/anna/d");
  world.grant("/anna/d", "bert", Right::write);
  const auto id = world.uploads.create(bert, request("/anna/d/a", 5))->id;
  const auto own = world.uploads.create(bert, request("/bert/a", 5))->id;
  REQUIRE(world.uploads.remove_unpermitted());
  CHECK(world.uploads.status(bert, id));
  REQUIRE(world.files.remove(anna, path("/anna/d"), true, {}));
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

TEST_CASE("only the right offset and only one request at a time may append") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  CHECK(error_of(world.uploads.append(anna, id, 1, {})) == Errc::conflict);
  {
    auto chunk = world.uploads.append(anna, id, 0, {});
    REQUIRE(chunk);
    CHECK(error_of(world.uploads.append(anna, id, 0, {})) == Errc::conflict);
    CHECK(error_of(world.uploads.terminate(anna, id)) == Errc::conflict);
    CHECK(
        world.lines() ==
        Lines(
            3,
            R"(upload /anna/a {"attempted_size":5,"mime_type":"application/octet-stream"} failed: conflict)"));
    REQUIRE(chunk->write("he"));
    REQUIRE(chunk->finish());
    CHECK_FALSE(chunk->write("x"));
    CHECK_FALSE(chunk->finish());
  }
  CHECK(world.uploads.append(anna, id, 0, {}).error().code == Errc::conflict);
  CHECK(patch(world, anna, id, 2, ""));
  CHECK(offset_of(world, anna, id) == 2);
}

TEST_CASE("a client that goes away keeps what it sent") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  {
    auto chunk = world.uploads.append(anna, id, 0, {});
    REQUIRE(chunk->write("hel"));
  }
  CHECK(offset_of(world, anna, id) == 3);
  CHECK(world.events().empty());
  SECTION("and goes on") { CHECK(patch(world, anna, id, 3, "lo")->finished); }
  SECTION("and everything had arrived: then it is finished") {
    {
      auto chunk = world.uploads.append(anna, id, 3, {});
      REQUIRE(chunk->write("lo"));
    }
    CHECK(world.event().success);
  }
  CHECK(world.get(anna, "/anna/a").value() == "hello");
}

TEST_CASE("a long request is kept on its way, so that a crash of the server costs little of it") {
  World world({.uploads = {.checkpoint_bytes = 4}});
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 10))->id;
  {
    auto chunk = world.uploads.append(anna, id, 0, {});
    REQUIRE(chunk->write("012"));
    CHECK(offset_of(world, anna, id) == 0);
    REQUIRE(chunk->write("3"));
    CHECK(offset_of(world, anna, id) == 4);
    REQUIRE(chunk->write("456"));
    CHECK(offset_of(world, anna, id) == 4);
    world.blobs->fail_sync(1);
    CHECK(error_of(chunk->write("7")) == Errc::unavailable);
  }
  const auto kept = offset_of(world, anna, id);
  CHECK(kept == 8);
  auto chunk = world.uploads.append(anna, id, kept, {});
  REQUIRE(chunk->write("89"));
  CHECK(offset_of(world, anna, id) == kept); // the whole length is there with the file only
  CHECK(chunk->finish()->finished);
  CHECK(world.get(anna, "/anna/a").value() == "0123456789");

  const auto summed = world.uploads.create(anna, request("/anna/b", 10))->id;
  auto part = world.uploads.append(
      anna, summed, 0, ChunkChecksum{.sha256 = world.digester->sha256("01234"), .sha1 = {}});
  REQUIRE(part->write("01234"));
  CHECK(offset_of(world, anna, summed) == 0);
  REQUIRE(part->finish());
  CHECK(offset_of(world, anna, summed) == 5);
}

TEST_CASE("a chunk with a checksum counts only if it fits") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  const ChunkChecksum right{.sha256 = world.digester->sha256("hel"), .sha1 = {}};
  const ChunkChecksum wrong{.sha256 = {}, .sha1 = Sha1Digest{}};
  CHECK(error_of(patch(world, anna, id, 0, "hel", wrong)) == Errc::digest_mismatch);
  CHECK(
      world.lines() ==
      Lines{
          R"(upload /anna/a {"attempted_size":5,"mime_type":"application/octet-stream","duration_ms":0} failed: digest_mismatch)"});
  CHECK(offset_of(world, anna, id) == 0);
  {
    auto chunk = world.uploads.append(anna, id, 0, right);
    REQUIRE(chunk->write("he"));
  }
  CHECK(offset_of(world, anna, id) == 0);
  REQUIRE(patch(world, anna, id, 0, "hel", right));
  CHECK(offset_of(world, anna, id) == 3);
  const auto sha1 = world.digester->sha1_stream();
  sha1->update("lo");
  CHECK(patch(world, anna, id, 3, "lo", ChunkChecksum{.sha256 = {}, .sha1 = sha1->digest()})
            ->finished);
  CHECK(world.get(anna, "/anna/a").value() == "hello");
}

TEST_CASE("content that is not what was announced is not stored, and its upload is over") {
  World world;
  const auto anna = world.enter("anna");
  auto create = request("/anna/a", 5);
  create.expected = Sha256Digest::parse_hex(kHelloHex).value();
  const auto id = world.uploads.create(anna, create)->id;
  REQUIRE(patch(world, anna, id, 0, "HEL"));
  CHECK(error_of(patch(world, anna, id, 3, "LO")) == Errc::digest_mismatch);
  CHECK(world.event().error_message == "digest_mismatch");
  CHECK(world.uploads.status(anna, id).error().code == Errc::not_found);
  CHECK(world.blob_count() == 0);
  CHECK(world.blobs->list_staged()->empty());
  CHECK(world.files.list(anna, path("/anna"), {})->items.empty());
}

TEST_CASE("a request that brings more than the upload has room for counts for nothing",
          "[fault-22]") {
  World world({.uploads = {.checkpoint_bytes = 2}});
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 9))->id;
  REQUIRE(patch(world, anna, id, 0, "ab"));
  SECTION("refused before a byte where its size is announced") {
    CHECK(error_of(world.uploads.append(anna, id, 2, {}, 8)) == Errc::payload_too_large);
    REQUIRE(world.uploads.append(anna, id, 2, {}, 7));
  }
  SECTION("taken back where it is not, whatever was kept on the way") {
    auto chunk = world.uploads.append(anna, id, 2, {});
    REQUIRE(chunk->write("cdef"));
    CHECK(offset_of(world, anna, id) == 6);
    CHECK(error_of(chunk->write("ghij")) == Errc::payload_too_large);
  }
  CHECK(offset_of(world, anna, id) == 2);
  CHECK(world.events().size() == 1);
  CHECK(patch(world, anna, id, 2, "cdefghi")->finished);
  CHECK(world.get(anna, "/anna/a").value() == "abcdefghi");
}

TEST_CASE("an upload is not even made by a request that brings more than its length",
          "[fault-22]") {
  World world;
  const auto anna = world.enter("anna", 10);
  for (const std::int64_t length : {0, 5}) {
    CHECK(error_of(world.uploads.create_with_content(anna, request("/anna/a", length), {},
                                                     length + 1)) == Errc::payload_too_large);
  }
  CHECK(world.files.list(anna, path("/anna"), {})->items.empty());
  CHECK(world.blobs->list_staged()->empty());
  CHECK(world.uploads.create(anna, request("/anna/b", 10))); // it holds no quota either
}

/// A connection whose silence the test says.
struct PretendedConnection final : ChunkConnection {
  std::chrono::milliseconds silence() const noexcept override { return silent; }
  void close() noexcept override { ++closed; }
  std::chrono::milliseconds silent{0};
  int closed{0};
};

TEST_CASE("the newest request of an upload takes over from one that is silent", "[fault-21]") {
  World world({.uploads = {.checkpoint_bytes = 3}});
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 9))->id;
  auto older = world.uploads.append(anna, id, 0, {});
  const auto connection = std::make_shared<PretendedConnection>();
  older->set_connection(connection);
  REQUIRE(older->write("abc"));
  REQUIRE(older->write("d"));
  REQUIRE(offset_of(world, anna, id) == 3);

  connection->silent = std::chrono::milliseconds{999};
  CHECK(error_of(world.uploads.append(anna, id, 3, {})) == Errc::conflict);
  CHECK(error_of(world.uploads.terminate(anna, id)) == Errc::conflict);
  CHECK(offset_of(world, anna, id) == 3);
  CHECK(connection->closed == 0);
  world.events();
  connection->silent = std::chrono::milliseconds{1000};

  SECTION("and goes on at the offset that its client was told") {
    auto newer = world.uploads.append(anna, id, 3, {});
    REQUIRE(newer);
    CHECK(connection->closed == 1);
    const auto late = older->write("efghi");
    CHECK(error_of(late) == Errc::conflict);
    CHECK(error_of(older->finish()) == Errc::conflict);
    REQUIRE(newer->write("DEFGHI"));
    older = Error{Errc::internal}; // its connection is closed: nothing of it is kept any more
    CHECK(newer->finish()->finished);
    CHECK(world.get(anna, "/anna/a").value() == "abcDEFGHI");
  }
  SECTION(
      "a question for the offset makes durable what the silent one brought, and does not end it") {
    CHECK(offset_of(world, anna, id) == 4);
    CHECK(connection->closed == 0);
    SECTION("so that it may go on") { CHECK((older->write("efghi") && older->finish()->finished)); }
    SECTION("or another") { CHECK(patch(world, anna, id, 4, "efghi")->finished); }
    CHECK(world.get(anna, "/anna/a").value() == "abcdefghi");
  }
  SECTION("and finishes it where nothing but its end was missing") {
    REQUIRE(older->write("efghi"));
    CHECK(offset_of(world, anna, id) == 9);
    CHECK(connection->closed == 1);
    CHECK(world.get(anna, "/anna/a").value() == "abcdefghi");
  }
  SECTION("or ends the upload") {
    REQUIRE(world.uploads.terminate(anna, id));
    CHECK(connection->closed == 1);
    CHECK(error_of(older->write("e")) == Errc::conflict);
    CHECK(world.uploads.status(anna, id).error().code == Errc::not_found);
    CHECK(world.blobs->list_staged()->empty());
  }
  SECTION("but nobody else's does") {
    const auto bert = world.enter("bert");
    CHECK(error_of(world.uploads.append(bert, id, 3, {})) == Errc::not_found);
    CHECK(error_of(world.uploads.terminate(bert, id)) == Errc::not_found);
    CHECK(connection->closed == 0);
    REQUIRE(older->write("e"));
  }
}

TEST_CASE("what a silent request with a checksum brought does not count when another takes over",
          "[fault-21]") {
  World world;
  const auto anna = world.enter("anna");
  const auto id = world.uploads.create(anna, request("/anna/a", 5))->id;
  auto older = world.uploads.append(
      anna, id, 0, ChunkChecksum{.sha256 = world.digester->sha256("hello"), .sha1 = {}});
  const auto connection = std::make_shared<PretendedConnection>();
  connection->silent = std::chrono::seconds{5};
  older->set_connection(connection);
  REQUIRE(older->write("hello"));
  CHECK(offset_of(world, anna, id) == 0);
  CHECK(patch(world, anna, id, 0, "HELLO")->finished);
  CHECK(world.get(anna, "/anna/a").value() == "HELLO");
}

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

  REQUIRE(world.files.remove(anna, path("/anna/a"), false, {}));
  const auto second = world.uploads.create(anna, request("/anna/a", 6));
  REQUIRE(second);
  REQUIRE(world.uploads.terminate(anna, second->id));
  CHECK(world.uploads.create(anna, request("/anna/a", 6)));
}

TEST_CASE("who lost the right before the end stores nothing, and the upload is over") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have_directory(anna, "/anna/d");
  world.grant("/anna/d", "bert", Right::write);
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
    REQUIRE(world.files.remove(anna, path("/anna/d"), true, {}));
    refused(Errc::conflict); // not_found would say that the upload is gone
    world.have_directory(anna, "/anna/d");
  }
  SECTION("a name that was taken") {
    world.have(anna, "/anna/d/a", "first");
    refused(Errc::already_exists);
    REQUIRE(world.files.remove(anna, path("/anna/d/a"), false, {}));
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
  UploadService other(world.parts, *world.random, *world.digester, {});
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
  auto parts = world.parts;
  FileService::Parts late_parts{parts.database,  store,        parts.audit_log,
                                parts.transfers, parts.quotas, parts.clock};
  UploadService late(late_parts, *world.random, *world.digester, {});
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
