// A unit test of code that uses BaluHost: `archive` is the code, and the world is all that it
// needs. Catch2 here, but the world knows no test framework.
#define CATCH_CONFIG_MAIN
#include <baluhost/testing/world.hpp>

#include <catch2/catch.hpp>

using namespace baluhost;
using testing::Call;

namespace {

/// The code under test: keeps a copy of a note before it is written over.
Result<void> archive(testing::World& host, const Principal& who, const std::string& text) {
  BALUHOST_TRY(const auto from, FilePath::parse("/anna/note"));
  BALUHOST_TRY(const auto to, FilePath::parse("/anna/note.old"));
  BALUHOST_CHECK(host.files.copy(who, from, to, Overwrite::yes));
  BALUHOST_CHECK(host.put(who, "/anna/note", text));
  return {};
}

} // namespace

TEST_CASE("the text of before is kept") {
  testing::World host;
  const auto anna = host.enter("anna");
  REQUIRE(host.put(anna, "/anna/note", "one"));
  REQUIRE(archive(host, anna, "two"));
  CHECK(host.get(anna, "/anna/note").value() == "two");
  CHECK(host.get(anna, "/anna/note.old").value() == "one");
}

TEST_CASE("a disk that fills up in between loses nothing") {
  testing::World host;
  const auto anna = host.enter("anna");
  REQUIRE(host.put(anna, "/anna/note", "one"));
  host.faults.plan(Call::blob_publish, {.code = Errc::insufficient_storage});
  CHECK(archive(host, anna, "two").error().code == Errc::insufficient_storage);
  CHECK(host.get(anna, "/anna/note").value() == "one");
  const auto events = host.events();
  CHECK(std::count_if(events.begin(), events.end(),
                      [](const AuditEvent& event) { return !event.success; }) == 1);
}
