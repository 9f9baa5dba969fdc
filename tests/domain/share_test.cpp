#include "baluhost/domain/identity/share.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

namespace {

std::string parsed(const std::vector<std::string>& texts) {
  const auto rights = ShareRights::parse(texts);
  return rights ? rights->to_text()
                : std::string{code_of(rights.error().code)} + rights.error().fields.at(0).pointer;
}

} // namespace

TEST_CASE("a share's rights are read, create or both, each once") {
  CHECK(parsed({"read"}) == "read");
  CHECK(parsed({"create"}) == "create");
  CHECK(parsed({"create", "read"}) == "read,create");
  CHECK(parsed({}) == "invalid_request");
  CHECK(parsed({"read", "read"}) == "invalid_request/1");
  CHECK(parsed({"read", "write"}) == "invalid_request/1");
  CHECK(parsed({"READ"}) == "invalid_request/0");
}

TEST_CASE("a drop box lets add and nothing else, and needs to write only") {
  const ShareRights box{.create = true};
  CHECK(box.is_drop_box());
  CHECK(box.needed() == Rights{Right::write});
  CHECK(box.list() == std::vector<std::string>{"create"});
  const ShareRights both{.read = true, .create = true};
  CHECK_FALSE(both.is_drop_box());
  CHECK(both.needed() == (Rights{Right::read} | Right::write));
  CHECK(both.list() == std::vector<std::string>{"read", "create"});
}

TEST_CASE("a path of a share begins with a tilde, which is no user's name") {
  CHECK(FilePath::parse("/~").value().is_shared());
  CHECK(FilePath::parse("/~/a/b").value().is_shared());
  const std::vector<std::string> segments{"~", "a"};
  CHECK(FilePath::from_segments(segments).value().str() == "/~/a");
  CHECK_FALSE(FilePath::parse("/anna/~").value().is_shared());
  for (const auto* other : {"/~root", "/~~", "/a~", "~"}) CHECK_FALSE(FilePath::parse(other));
  CHECK_FALSE(Username::parse("~"));
}

TEST_CASE("a share is over when it ended or its time has come, and used up at its last use") {
  const Timestamp now{1'000'000};
  Share share;
  CHECK_FALSE(share.is_over(now));
  share.expires_at = now + std::chrono::microseconds{1};
  CHECK_FALSE(share.is_over(now));
  share.expires_at = now;
  CHECK(share.is_over(now));
  share.expires_at.reset();
  share.ended_at = now;
  CHECK(share.is_over(now));
  CHECK_FALSE(share.is_used_up());
  share.max_uses = 2;
  share.uses = 1;
  CHECK_FALSE(share.is_used_up());
  share.uses = 2;
  CHECK(share.is_used_up());
}
