#include "fixtures/uploads_fixture.hpp"

namespace baluhost::files_test {
namespace {

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
  std::string take_arrived() override { return std::exchange(arrived, {}); }
  void close() noexcept override { ++closed; }
  std::chrono::milliseconds silent{0};
  std::string arrived; ///< and not written
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
  SECTION("with what arrived and was not written yet") {
    connection->arrived = "ef";
    CHECK(offset_of(world, anna, id) == 6);
    CHECK(connection->arrived.empty());
    CHECK(connection->closed == 0);
    REQUIRE(older->write("ghi"));
    CHECK(older->finish()->finished);
    CHECK(world.get(anna, "/anna/a").value() == "abcdefghi");
  }
  SECTION("also with the last of it, which ends the request") {
    connection->arrived = "efghi";
    CHECK(offset_of(world, anna, id) == 9);
    CHECK(connection->closed == 1);
    CHECK(world.get(anna, "/anna/a").value() == "abcdefghi");
  }
  SECTION("but not with more than there is room for") {
    connection->arrived = "efghij";
    CHECK(offset_of(world, anna, id) == 0); // as where it is written
    CHECK(error_of(older->write("e")) == Errc::conflict);
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

} // namespace
} // namespace baluhost::files_test
