#include "fixtures/files_fixture.hpp"

#include "baluhost/core/operations/sweep.hpp"

namespace baluhost::files_test {
namespace {

const std::string kHello = "hello";
const std::string kHelloHex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const std::string kEmptyHex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Sha256Digest digest(const std::string& hex) { return Sha256Digest::parse_hex(hex).value(); }
Condition condition(const std::string& etag) {
  return {.present = true, .any = false, .etags = {etag}};
}
constexpr auto kAny = [] { return Condition{.present = true, .any = true, .etags = {}}; };

TEST_CASE("an upload makes a file and its event with every figure",
          "[spec-63][spec-71][spec-72][spec-73]") {
  World world;
  const auto anna = world.enter("anna");
  auto upload = world.files.begin_upload(anna, path("/anna/notes.txt"), {.size = 5});
  REQUIRE(upload);
  REQUIRE(upload->write("hel"));
  world.clock.advance(std::chrono::microseconds{2500});
  REQUIRE(upload->write("lo"));
  const auto done = upload->commit();
  REQUIRE(done);
  CHECK(done->created);
  CHECK(done->info.path.str() == "/anna/notes.txt");
  CHECK(done->info.owner == "anna");
  CHECK(done->info.entry.content->size == 5);
  CHECK(done->info.etag() == '"' + kHelloHex + '"');

  const auto event = world.event();
  CHECK(event.type == EventType::file_access);
  CHECK(event.action == "upload");
  CHECK(event.user == "anna");
  CHECK(event.resource == "/anna/notes.txt");
  CHECK(event.success);
  CHECK(event.ip_address == "192.0.2.7");
  CHECK(event.user_agent == "test/1");
  CHECK(
      event.details ==
      R"({"file_size":5,"mime_type":"text/plain","duration_ms":2.5,"transfer_rate_mbps":0.016,"sha256":")" +
          kHelloHex + R"(","replaced":false})");
  CHECK(world.get(anna, "/anna/notes.txt").value() == kHello);
  CHECK(world.user("anna").used_bytes == 5);
  CHECK(world.user("anna").file_count == 1);
}

TEST_CASE("the SHA-1 is in the event where it is switched on", "[spec-73]") {
  World world({.blobs = {.sha1 = true}});
  const auto anna = world.enter("anna");
  REQUIRE(world.put(anna, "/anna/a", kHello));
  CHECK(world.event().details.find(R"("sha1":"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d")") !=
        std::string::npos);
}

TEST_CASE("an existing file is replaced only where that was asked for") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "one");
  CHECK(error_of(world.put(anna, "/anna/a", kHello)) == Errc::already_exists);
  CHECK(
      world.lines() ==
      Lines{
          R"(upload /anna/a {"attempted_size":5,"mime_type":"application/octet-stream","duration_ms":0} failed: already_exists)"});

  SECTION("by overwrite") {
    const auto done = world.put(anna, "/anna/a", kHello, {.overwrite = true});
    REQUIRE(done);
    CHECK_FALSE(done->created);
    CHECK(world.event().details.find(R"("replaced":true)") != std::string::npos);
    CHECK(world.user("anna").used_bytes == 5);
    CHECK(world.user("anna").file_count == 1);
    CHECK(world.doomed_count() == 1);
    REQUIRE(sweep_doomed(*world.database, *world.blobs)->blobs == 1);
    CHECK(world.blob_count() == 1);
    CHECK(world.get(anna, "/anna/a").value() == kHello);
  }
  SECTION("by an If-Match that holds") {
    REQUIRE(world.put(anna, "/anna/a", kHello,
                      {.conditions = {.if_match = condition('"' + world.hex("one") + '"')}}));
    REQUIRE(world.put(anna, "/anna/a", "two", {.conditions = {.if_match = kAny()}}));
  }
}

TEST_CASE("a PUT and a DELETE hold all conditions of RFC 9110 section 13.2.2", "[fault-24]") {
  World world;
  const auto anna = world.enter("anna");
  const auto info = world.have(anna, "/anna/a", "one");
  const auto tag = '"' + world.hex("one") + '"';
  const Timestamp modified{info.entry.modified_at.seconds() * 1'000'000};
  const Timestamp before = modified - std::chrono::seconds{1};
  const std::vector<Preconditions> failing{
      {.if_unmodified_since = before},
      {.if_none_match = kAny()},
      {.if_none_match = condition(tag)},
      {.if_none_match = condition("W/" + tag)},
      {.if_none_match = condition(tag), .if_unmodified_since = modified},
      {.if_match = condition("\"other\""), .if_unmodified_since = modified},
      {.if_match = condition(tag), .if_none_match = condition(tag)},
  };
  for (const auto& conditions : failing) {
    CHECK(
        error_of(world.put(anna, "/anna/a", "x", {.overwrite = true, .conditions = conditions})) ==
        Errc::precondition_failed);
    CHECK(error_of(world.files.remove(anna, path("/anna/a"), Recursive::no, conditions)) ==
          Errc::precondition_failed);
    const CreateUpload request{
        .target = path("/anna/a"), .length = 5, .overwrite = true, .conditions = conditions};
    CHECK(error_of(world.uploads.create(anna, request)) == Errc::precondition_failed);
  }
  CHECK(world.get(anna, "/anna/a").value() == "one");

  // What is not there has no date (section 13.1.4), and If-Match alone makes a date not count.
  CHECK(world.put(anna, "/anna/new", "x", {.conditions = {.if_unmodified_since = before}}));
  CHECK(world.put(anna, "/anna/new2", "x", {.conditions = {.if_none_match = condition(tag)}}));
  const std::vector<Preconditions> holding{
      {.if_unmodified_since = modified},
      {.if_none_match = condition("\"other\"")},
      {.if_match = condition(tag), .if_unmodified_since = before},
  };
  for (const auto& conditions : holding) {
    CHECK(world.put(anna, "/anna/a", "one", {.overwrite = true, .conditions = conditions}));
    const CreateUpload request{
        .target = path("/anna/a"), .length = 5, .overwrite = true, .conditions = conditions};
    CHECK(world.uploads.create(anna, request));
  }
  const CreateUpload careless{
      .target = path("/anna/a"), .length = 5, .conditions = {.if_match = condition(tag)}};
  CHECK(error_of(world.uploads.create(anna, careless)) ==
        Errc::already_exists); // it would overwrite at the end unasked
  CHECK(
      world.files.remove(anna, path("/anna/a"), Recursive::no, {.if_unmodified_since = modified}));
}

TEST_CASE("preconditions come before everything but rights") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "one");
  world.have_directory(anna, "/anna/d");
  CHECK(error_of(world.put(anna, "/anna/a", "x",
                           {.conditions = {.if_match = condition("\"other\"")}})) ==
        Errc::precondition_failed);
  CHECK(error_of(
            world.put(anna, "/anna/a", "x",
                      {.conditions = {.if_match = condition("W/\"" + world.hex("one") + '"')}})) ==
        Errc::precondition_failed);
  CHECK(error_of(world.put(anna, "/anna/none", "x", {.conditions = {.if_match = kAny()}})) ==
        Errc::precondition_failed);
  CHECK(error_of(world.put(anna, "/anna/a", "x",
                           {.overwrite = true, .conditions = {.if_none_match = kAny()}})) ==
        Errc::precondition_failed);
  CHECK(error_of(world.put(anna, "/anna/d", "x", {.conditions = {.if_none_match = kAny()}})) ==
        Errc::precondition_failed);
  CHECK(world.events().size() == 5);
  CHECK(world.put(anna, "/anna/new", "x", {.conditions = {.if_none_match = kAny()}}));
}

TEST_CASE("what is in the way of an upload is a conflict, what is missing is not found") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/file", "one");
  world.have_directory(anna, "/anna/d");
  CHECK(error_of(world.put(anna, "/anna/d", "x", {.overwrite = true})) == Errc::conflict);
  CHECK(error_of(world.put(anna, "/anna", "x", {.overwrite = true})) == Errc::conflict);
  CHECK(error_of(world.put(anna, "/anna/file/below", "x", {.parents = true})) == Errc::conflict);
  CHECK(error_of(world.put(anna, "/anna/x/y", "x")) == Errc::not_found);
  CHECK(error_of(world.put(world.operator_, "/nobody/x", "x", {.parents = true})) ==
        Errc::not_found);
  CHECK(world.events().size() == 5);
}

TEST_CASE("missing parents are made where asked for, each with its event before the file's") {
  World world;
  const auto anna = world.enter("anna");
  REQUIRE(world.put(anna, "/anna/x/y/z", kHello, {.parents = true}));
  const auto lines = world.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "create_directory /anna/x {}");
  CHECK(lines[1] == "create_directory /anna/x/y {}");
  CHECK(lines[2].starts_with("upload /anna/x/y/z {"));
}

TEST_CASE("an announced digest is verified before anything is stored") {
  World world;
  const auto anna = world.enter("anna");
  CHECK(world.put(anna, "/anna/good", kHello, {.expected = digest(kHelloHex)}));
  world.events();
  CHECK(error_of(world.put(anna, "/anna/bad", kHello, {.expected = digest(kEmptyHex)})) ==
        Errc::digest_mismatch);
  CHECK(
      world.lines() ==
      Lines{
          R"(upload /anna/bad {"attempted_size":5,"mime_type":"application/octet-stream","duration_ms":0,"sha256":")" +
          kHelloHex + R"("} failed: digest_mismatch)"});
  CHECK(world.blob_count() == 1);

  auto upload =
      world.files.begin_upload(anna, path("/anna/trailer"), {.expected = digest(kHelloHex)});
  REQUIRE(upload->write(kHello));
  upload->expect(digest(kEmptyHex));
  CHECK(error_of(upload->commit()) == Errc::digest_mismatch);
  CHECK(world.blob_count() == 1);
}

TEST_CASE("sizes that were announced or are allowed are not exceeded") {
  World world({.files = {.max_upload_bytes = 8}});
  const auto anna = world.enter("anna");
  CHECK(error_of(world.files.begin_upload(anna, path("/anna/a"), {.size = 9})) ==
        Errc::payload_too_large);
  auto chunked = world.files.begin_upload(anna, path("/anna/a"), {});
  REQUIRE(chunked->write("12345678"));
  CHECK(error_of(chunked->write("9")) == Errc::payload_too_large);
  CHECK_FALSE(chunked->commit());
  auto longer = world.files.begin_upload(anna, path("/anna/a"), {.size = 2});
  CHECK(error_of(longer->write("123")) == Errc::payload_too_large);
  auto shorter = world.files.begin_upload(anna, path("/anna/a"), {.size = 2});
  REQUIRE(shorter->write("1"));
  CHECK(error_of(shorter->commit()) == Errc::client_disconnected);
  CHECK(world.events().size() == 4);
  CHECK(world.blob_count() == 0);
  CHECK(world.put(anna, "/anna/a", "12345678"));
}

TEST_CASE("an upload that is dropped or abandoned leaves nothing but its event", "[spec-67]") {
  World world;
  const auto anna = world.enter("anna", 1000);
  for (int i = 0; i < 20; ++i) {
    auto upload =
        world.files.begin_upload(anna, path("/anna/f" + std::to_string(i)), {.size = 900});
    REQUIRE(upload);
    REQUIRE(upload->write("some"));
  }
  const auto lines = world.lines();
  REQUIRE(lines.size() == 20);
  CHECK(
      lines[7] ==
      R"(upload /anna/f7 {"attempted_size":900,"mime_type":"application/octet-stream","duration_ms":0} failed: client_disconnected)");
  CHECK(world.blob_count() == 0);
  CHECK(world.user("anna").used_bytes == 0);
  CHECK(world.user("anna").file_count == 0);
  CHECK(world.files.list(anna, path("/anna"), {})->items.empty());

  auto upload = world.files.begin_upload(anna, path("/anna/last"), {.size = 1000});
  REQUIRE(upload);
  CHECK(upload->abandon(Error{Errc::invalid_request, "a bad chunk"}).recorded);
  CHECK(world.event().error_message == "invalid_request");
  upload = world.files.begin_upload(anna, path("/anna/last"), {.size = 1000});
  CHECK(upload);
}

TEST_CASE("rights and the place are checked again at the end") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have_directory(anna, "/anna/d");
  world.grant("/anna/d", "bert", Right::write);
  auto upload = world.files.begin_upload(bert, path("/anna/d/a"), {.size = 5});
  REQUIRE(upload);
  REQUIRE(upload->write(kHello));

  SECTION("a grant that is gone") {
    REQUIRE(world.grants.remove(world.operator_, path("/anna/d"), Username::parse("bert").value()));
    world.events();
    CHECK(error_of(upload->commit()) == Errc::not_found);
    CHECK(
        world.lines() ==
        Lines{
            R"(access_denied /anna/d/a {"required_permission":"write","operation":"upload"} failed: not_found)"});
  }
  SECTION("a name that was taken") {
    world.have(anna, "/anna/d/a", "first");
    CHECK(error_of(upload->commit()) == Errc::already_exists);
    CHECK(world.get(anna, "/anna/d/a").value() == "first");
  }
  SECTION("a parent that is gone") {
    REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::no, {}));
    CHECK(error_of(upload->commit()) == Errc::not_found);
  }
  REQUIRE(sweep_doomed(*world.database, *world.blobs));
  const auto files = world.user("anna").file_count;
  CHECK(world.blob_count() == static_cast<std::size_t>(files));
}

} // namespace
} // namespace baluhost::files_test
