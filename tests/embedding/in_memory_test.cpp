#include "baluhost/host/host.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

using namespace baluhost;

TEST_CASE("a host in memory serves every use case and leaves nothing on a disk") {
  const auto before = std::filesystem::exists("data");
  auto opened = Host::in_memory({.auth = {.argon2_memory_kib = 7168, .argon2_iterations = 1}});
  REQUIRE(opened);
  Host& host = **opened;
  REQUIRE(host.start());
  const auto admin = Principal::local_operator("test");
  REQUIRE(host.users().create(
      admin, {.username = Username::parse("anna").value(), .password = Secret{"tangerine kites"}}));
  const auto anna = host.auth().act_as(Username::parse("anna").value(), {}, "sso");
  REQUIRE(anna);
  REQUIRE(host.files().make_directory(*anna, FilePath::parse("/anna/a").value(), false));
  CHECK(host.keys().list().size() == 5);
  CHECK(host.keys().rotate().error().code == Errc::invalid_request);
  REQUIRE(host.close());
  CHECK(std::filesystem::exists("data") == before);
}

TEST_CASE("a host in memory refuses hashes that are too cheap") {
  const auto opened = Host::in_memory({.auth = {.argon2_memory_kib = 8}});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::invalid_request);
}
