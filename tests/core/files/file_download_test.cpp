#include "fixtures/files_fixture.hpp"

#include "baluhost/core/operations/sweep.hpp"

#include <utility>

namespace baluhost::files_test {
namespace {

const std::string kHello = "hello";
const std::string kHelloHex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const std::string kHelloTag = '"' + kHelloHex + '"';

Condition condition(const std::string& etag) {
  return {.present = true, .any = false, .etags = {"\"other\"", etag}};
}
constexpr auto kAny = [] { return Condition{.present = true, .any = true, .etags = {}}; };
constexpr std::chrono::seconds kSecond{1};

TEST_CASE("a download is on record before its first byte leaves, and its event says how it went",
          "[spec-64][spec-72]") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a.txt", kHello);
  auto download = world.files.open(anna, path("/anna/a.txt"), {});
  REQUIRE(download);
  CHECK(world.transfer_count() == 1);
  CHECK(world.events().empty());
  REQUIRE(download->reader() != nullptr);
  CHECK(download->info().entry.content->size == 5);
  world.clock.advance(std::chrono::milliseconds{2});

  SECTION("complete") {
    download->finish(5, true);
    const auto event = world.event();
    CHECK(event.action == "download");
    CHECK(event.user == "anna");
    CHECK(event.resource == "/anna/a.txt");
    CHECK(event.success);
    CHECK(event.ip_address == "192.0.2.7");
    CHECK(event.timestamp == world.clock.now());
    CHECK(
        event.details ==
        R"({"file_size":5,"bytes_sent":5,"download_time_ms":2,"duration_ms":2,"transfer_rate_mbps":0.02,"sha256":")" +
            kHelloHex + R"(","complete":true})");
  }
  SECTION("cut short by the client", "[spec-67]") {
    download->finish(3, false);
    const auto event = world.event();
    CHECK_FALSE(event.success);
    CHECK(event.error_message == "client_disconnected");
    CHECK(
        event.details ==
        R"({"file_size":5,"bytes_sent":3,"download_time_ms":2,"duration_ms":2,"transfer_rate_mbps":0.012,"sha256":")" +
            kHelloHex + R"(","complete":false})");
  }
  SECTION("dropped") {
    download = Error{Errc::internal};
    const auto event = world.event();
    CHECK_FALSE(event.success);
    CHECK(event.error_message == "interrupted");
    CHECK(event.details.find(R"("complete":false)") != std::string::npos);
  }
  CHECK(world.transfer_count() == 0);
}

TEST_CASE("with recording after the fact there is only the event at the end") {
  World world({.recording = DownloadRecording::after});
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", kHello);
  auto download = world.files.open(anna, path("/anna/a"), {});
  CHECK(world.transfer_count() == 0);
  download->finish(5, true);
  CHECK(world.event().action == "download");
}

TEST_CASE("what cannot be recorded is not sent") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", kHello);
  world.database->fail_writes(1);
  CHECK(error_of(world.files.open(anna, path("/anna/a"), {})) == Errc::unavailable);
  CHECK(world.lines() == Lines{R"(download /anna/a {"file_size":5,"sha256":")" + kHelloHex +
                               R"("} failed: unavailable)"});
}

TEST_CASE("what cannot be downloaded is recorded as failed, but not a HEAD", "[spec-67]") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have(anna, "/anna/a", kHello);
  CHECK(error_of(world.files.open(anna, path("/anna/none"), {})) == Errc::not_found);
  CHECK(error_of(world.files.open(anna, path("/anna"), {})) == Errc::conflict);
  const auto beyond = world.files.open(anna, path("/anna/a"), {.range = "bytes=5-"});
  CHECK(error_of(beyond) == Errc::range_not_satisfiable);
  CHECK(beyond.error().content_size == 5);
  CHECK(error_of(world.files.open(bert, path("/anna/a"), {})) == Errc::not_found);
  CHECK(
      world.lines() ==
      Lines{
          "download /anna/none {} failed: not_found", "download /anna {} failed: conflict",
          R"(download /anna/a {"file_size":5,"sha256":")" + kHelloHex +
              R"("} failed: range_not_satisfiable)",
          R"(access_denied /anna/a {"required_permission":"read","operation":"download"} failed: not_found)"});

  const auto head =
      world.files.open(anna, path("/anna/a"), {.content = false, .range = "bytes=1-2"});
  REQUIRE(head);
  CHECK(head->reader() == nullptr);
  CHECK_FALSE(head->range());
  CHECK(head->info().etag() == kHelloTag);
  CHECK(world.files.open(anna, path("/anna/none"), {.content = false}).error().code ==
        Errc::not_found);
  CHECK(world.transfer_count() == 0);
  CHECK(world.events().empty());
}

TEST_CASE("conditions are evaluated in the order of RFC 9110 section 13.2.2") {
  World world;
  const auto anna = world.enter("anna");
  const auto info = world.have(anna, "/anna/a", kHello);
  const Timestamp modified{info.entry.modified_at.seconds() * 1'000'000};
  const auto ask = [&](Preconditions conditions, std::optional<std::string> range = {}) {
    return world.files.open(anna, path("/anna/a"),
                            {.range = std::move(range), .conditions = std::move(conditions)});
  };
  const auto code = [&](Preconditions conditions) { return error_of(ask(std::move(conditions))); };
  const auto not_modified = [&](Preconditions conditions) {
    return ask(std::move(conditions))->not_modified();
  };

  CHECK(ask({.if_match = condition(kHelloTag)}));
  CHECK(ask({.if_match = kAny()}));
  CHECK(code({.if_match = condition("\"x\"")}) == Errc::precondition_failed);
  CHECK(code({.if_match = condition("W/" + kHelloTag)}) == Errc::precondition_failed);
  CHECK(ask({.if_match = condition(kHelloTag), .if_unmodified_since = modified - kSecond}));
  CHECK(code({.if_unmodified_since = modified - kSecond}) == Errc::precondition_failed);
  CHECK(ask({.if_unmodified_since = modified}));

  CHECK(not_modified({.if_none_match = condition(kHelloTag)}));
  CHECK(not_modified({.if_none_match = condition("W/" + kHelloTag)}));
  CHECK(not_modified({.if_none_match = kAny()}));
  CHECK_FALSE(not_modified({.if_none_match = condition("\"x\""), .if_modified_since = modified}));
  CHECK(not_modified({.if_modified_since = modified}));
  CHECK_FALSE(not_modified({.if_modified_since = modified - kSecond}));
  CHECK(code({.if_match = condition("\"x\""), .if_none_match = condition(kHelloTag)}) ==
        Errc::precondition_failed);
  CHECK(ask({.if_none_match = condition(kHelloTag)}, "bytes=9-")->not_modified());

  for (const auto& event : world.events())
    CHECK(event.details.find("\"file_size\":5") != std::string::npos);
}

TEST_CASE("a 304 carries nothing and is not recorded") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", kHello);
  const auto download = world.files.open(anna, path("/anna/a"),
                                         {.conditions = {.if_none_match = condition(kHelloTag)}});
  REQUIRE(download);
  CHECK(download->reader() == nullptr);
  CHECK(world.transfer_count() == 0);
  CHECK(world.events().empty());
}

TEST_CASE("a range is sent if If-Range holds strongly, and is in the event") {
  World world;
  const auto anna = world.enter("anna");
  const auto info = world.have(anna, "/anna/a", kHello);
  const Timestamp modified{info.entry.modified_at.seconds() * 1'000'000};
  const auto range = [&](DownloadRequest request) {
    request.range = "bytes=1-3";
    return world.files.open(anna, path("/anna/a"), request)->range();
  };
  CHECK(range({}) == ByteRange{1, 3});
  CHECK(range({.if_range_etag = kHelloTag}) == ByteRange{1, 3});
  CHECK_FALSE(range({.if_range_etag = "W/" + kHelloTag}));
  CHECK_FALSE(range({.if_range_etag = "\"x\""}));
  CHECK_FALSE(range({.if_range_date = modified}));
  world.clock.advance(kSecond);
  CHECK(range({.if_range_date = modified}) == ByteRange{1, 3});
  CHECK_FALSE(range({.if_range_date = modified - kSecond}));
  CHECK_FALSE(range({.if_range_date = modified + kSecond}));
  world.events();

  CHECK(world.get(anna, "/anna/a", {.range = "bytes=-2"}).value() == "lo");
  CHECK(world.event().details.find(R"("range":"3-4","complete":true)") != std::string::npos);
}

TEST_CASE("a reader that has opened a file finishes, whatever becomes of it") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", kHello);
  auto download = world.files.open(anna, path("/anna/a"), {});
  world.have(anna, "/anna/a", "other");
  REQUIRE(world.files.remove(anna, path("/anna/a"), Recursive::no, {}));
  CHECK(sweep_doomed(*world.database, *world.blobs)->blobs == 2);
  std::string content(5, '\0');
  REQUIRE(download->reader()->read_at(0, content));
  CHECK(content == kHello);
}

TEST_CASE(
    "a file that gets new content between the look at its row and the look at its blob is given "
    "whole") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "old");
  HookedStore store(*world.blobs);
  auto deps = world.deps;
  FileService files({deps.database, store, deps.audit_log, deps.transfers, deps.quotas, deps.clock},
                    {});
  bool replaced = false;
  store.before_open = [&] {
    if (std::exchange(replaced, true)) return;
    world.have(anna, "/anna/a", "hello");
    REQUIRE(sweep_doomed(*world.database, *world.blobs)->blobs == 1);
  };
  const auto download = files.open(anna, path("/anna/a"), {});
  REQUIRE(download);
  CHECK(download->info().etag() == kHelloTag);
  CHECK(download->reader()->size() == 5);
}

TEST_CASE("a row whose blob is gone is our mistake, not the client's") {
  World world;
  const auto anna = world.enter("anna");
  const auto info = world.have(anna, "/anna/a", kHello);
  REQUIRE(world.blobs->remove(info.entry.content->blob));
  CHECK(error_of(world.files.open(anna, path("/anna/a"), {})) == Errc::internal);
  CHECK(world.event().error_message == "internal");
}

} // namespace
} // namespace baluhost::files_test
