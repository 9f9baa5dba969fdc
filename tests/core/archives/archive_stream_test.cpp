#include "baluhost/core/archives/archive_service.hpp"
#include "baluhost/ports/transactions.hpp"
#include "fixtures/files_fixture.hpp"

#include <algorithm>

using namespace baluhost;
using namespace baluhost::files_test;

namespace {

struct Archives {
  explicit Archives(World& the_world, ArchiveLimits limits = {})
      : world(the_world),
        service({*world.database, *world.blobs, world.audit_log, *world.journal, *world.digester,
                 *world.random, world.clock, limits}) {}

  Archive make(const Principal& who, const std::vector<std::string>& paths) {
    ArchiveRequest request;
    for (const auto& text : paths) request.paths.push_back(path(text));
    auto made = service.create(who, request);
    REQUIRE(made);
    return *made;
  }

  /// What arrives of a range before the end or an error; an error's code follows in brackets.
  std::string get(const Principal& who, const Archive& archive, const std::string& range = {}) {
    DownloadRequest request;
    if (!range.empty()) request.range = range;
    auto opened = service.open(who, archive.id, request);
    REQUIRE(opened);
    std::string bytes;
    for (;;) {
      const auto piece = opened->stream->next(who);
      if (!piece) {
        opened->stream->end(0);
        return bytes + "[" + std::string{code_of(piece.error().code)} + "]";
      }
      bytes += piece->bytes;
      largest = std::max(largest, piece->bytes.size());
      if (!piece->is_last) continue;
      opened->stream->end(static_cast<std::int64_t>(piece->bytes.size()));
      return bytes;
    }
  }

  World& world;
  ArchiveService service;
  std::size_t largest{0};
};

std::string some_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 7;
  for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

} // namespace

TEST_CASE("Every part of an archive is the same bytes as in the whole") {
  World world;
  Archives archives{world};
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/d/a", "hello");
  world.have(anna, "/anna/d/empty", "");
  world.have(anna, "/anna/d/in/b", some_bytes(200));
  const auto archive = archives.make(anna, {"/anna/d", "/anna/d/a"});
  const auto whole = archives.get(anna, archive);
  const auto size = static_cast<std::size_t>(archive.size);
  REQUIRE(whole.size() == size);
  for (std::size_t first = 0; first < size; ++first) {
    for (const std::size_t last : {first, std::min(first + 37, size - 1), size - 1}) {
      const auto part = archives.get(anna, archive,
                                     "bytes=" + std::to_string(first) + "-" + std::to_string(last));
      if (part != whole.substr(first, last - first + 1)) FAIL(first << " to " << last);
    }
  }
}

TEST_CASE("Large contents come in pieces, and resume anywhere") {
  World world;
  Archives archives{world};
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/d/a", "hello");
  world.have(anna, "/anna/d/b", some_bytes(1'000'000));
  world.have(anna, "/anna/d/c", some_bytes(262'144));
  world.have(anna, "/anna/d/d", some_bytes(262'145));
  const auto archive = archives.make(anna, {"/anna/d"});
  const auto whole = archives.get(anna, archive);
  REQUIRE(whole.size() == static_cast<std::size_t>(archive.size));
  CHECK(archives.largest < 600'000);
  for (std::size_t first = 1; first < whole.size(); first += 90'001) {
    const auto part = archives.get(anna, archive, "bytes=" + std::to_string(first) + "-");
    if (part != whole.substr(first)) FAIL("from " << first);
  }
}

TEST_CASE("A range that holds some of a file is that file's download, with what went of it") {
  World world;
  Archives archives{world};
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/d/a", some_bytes(1000));
  world.have(anna, "/anna/d/b", some_bytes(1000));
  const auto archive = archives.make(anna, {"/anna/d/a", "/anna/d/b"});
  world.events();
  const auto whole = archives.get(anna, archive);
  CHECK(world.events().size() == 2);
  CHECK(archives.get(anna, archive, "bytes=0-9").size() == 10);
  CHECK(world.events().empty());
  CHECK(archives.get(anna, archive, "bytes=-20").size() == 20);
  CHECK(world.events().empty());
  CHECK(archives.get(anna, archive, "bytes=100-199").size() == 100);
  const auto event = world.event();
  CHECK(event.resource == "/anna/d/a");
  CHECK(event.success);
  CHECK(event.details.find("\"bytes_sent\":100,") != std::string::npos);
  CHECK(event.details.find("\"range\":\"") != std::string::npos);
  CHECK(event.details.find("\"archive\":\"" + archive.id.value + "\"") != std::string::npos);
}

TEST_CASE("A client that goes away leaves one event for each file that was on its way") {
  World world;
  Archives archives{world};
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/d/a", some_bytes(1000));
  world.have(anna, "/anna/d/b", some_bytes(1000));
  world.have(anna, "/anna/e", some_bytes(900'000));
  const auto archive = archives.make(anna, {"/anna/d/a", "/anna/d/b", "/anna/e"});
  world.events();
  {
    auto opened = archives.service.open(anna, archive.id, {});
    REQUIRE(opened);
    const auto piece = opened->stream->next(anna);
    REQUIRE(piece);
    // All of the first file, and half of the second.
    opened->stream->end(40 + 1000 + 40 + 500);
  }
  auto events = world.events();
  std::ranges::sort(events, {}, [](const AuditEvent& e) { return e.resource; });
  REQUIRE(events.size() >= 2);
  CHECK(events[0].resource == "/anna/d/a");
  CHECK(events[0].success);
  CHECK(events[1].resource == "/anna/d/b");
  CHECK_FALSE(events[1].success);
  CHECK(events[1].error_message == "client_disconnected");
  for (std::size_t i = 2; i < events.size(); ++i) CHECK_FALSE(events[i].success);
}

TEST_CASE("An archive lives as long as somebody reads it, however slowly, and an hour more") {
  World world;
  Archives archives{world};
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", some_bytes(2'000'000));
  const auto archive = archives.make(anna, {"/anna/a"});
  auto opened = archives.service.open(anna, archive.id, {});
  REQUIRE(opened);
  std::string bytes;
  for (bool more = true; more;) {
    const auto piece = opened->stream->next(anna);
    REQUIRE(piece);
    bytes += piece->bytes;
    more = !piece->is_last;
    world.clock.advance(std::chrono::minutes{50});
    REQUIRE(clear_archives(*world.database, world.clock, [] { return true; }));
  }
  CHECK(bytes.size() == static_cast<std::size_t>(archive.size));
  world.clock.advance(std::chrono::minutes{61});
  const auto over = archives.service.open(anna, archive.id, {});
  REQUIRE_FALSE(over);
  CHECK(over.error().code == Errc::not_found);
}

TEST_CASE("A tree of many levels and a directory of many files are taken down whole") {
  World world;
  Archives archives{world};
  const auto anna = world.enter("anna");
  std::string deep = "/anna/deep";
  for (int level = 0; level < 40; ++level) deep += "/l";
  world.have(anna, deep + "/file", "x");
  for (int i = 0; i < 2500; ++i) world.have(anna, "/anna/wide/" + std::to_string(i), "y");
  const auto archive = archives.make(anna, {"/anna/deep", "/anna/wide"});
  CHECK(archive.files == 2501);
  CHECK(archive.entries == 2501 + 41 + 1);
  CHECK(archives.get(anna, archive).size() == static_cast<std::size_t>(archive.size));
}

TEST_CASE("An archive that grows beyond what it may have leaves nothing after the sweep") {
  World world;
  Archives archives{world, {.archives = 5, .entries = 100}};
  const auto anna = world.enter("anna");
  for (int i = 0; i < 101; ++i) world.have(anna, "/anna/d/" + std::to_string(i), "x");
  ArchiveRequest request;
  request.paths.push_back(path("/anna/d"));
  const auto made = archives.service.create(anna, request);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::quota_exceeded);
  REQUIRE(clear_archives(*world.database, world.clock, [] { return true; }));
  const auto use = query(*world.database,
                         [&](ReadTransaction& tx) { return tx.archives().use_of(*anna.user()); });
  REQUIRE(use);
  CHECK(use->archives == 0);
}
