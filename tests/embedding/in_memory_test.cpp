#include "baluhost/host/host.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <mutex>
#include <stdexcept>

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
  REQUIRE(host.files().make_directory(*anna, FilePath::parse("/anna/a").value(),
                                      MissingParents::refuse));
  CHECK(host.keys().list().size() == 5);
  CHECK(host.keys().rotate().error().code == Errc::invalid_request);
  REQUIRE(host.close());
  CHECK(std::filesystem::exists("data") == before);
}

TEST_CASE("what a commit listener throws is a message of the host") {
  const bool in_memory = GENERATE(true, false);
  const test::TemporaryDirectory directory;
  std::mutex mutex;
  std::string errors;
  HostHooks hooks;
  hooks.on_message = [&](const HostMessage& message) {
    const std::lock_guard lock{mutex};
    if (message.severity == Severity::error) errors += message.text + "\n";
  };
  HostOptions options{.data_dir = directory / "data"};
  options.auth.argon2_memory_kib = 7168;
  auto host =
      in_memory ? Host::in_memory(options, hooks) : Host::open(options, HostRole::server, hooks);
  REQUIRE(host);
  (*host)->database().on_commit(
      [](std::span<const AuditEvent>) { throw std::runtime_error{"mine is out of order"}; });
  REQUIRE((*host)->start());
  REQUIRE((*host)->close());
  host->reset();
  CHECK(errors.find("who is told of them failed: mine is out of order\n") != std::string::npos);
}

TEST_CASE("a host in memory refuses hashes that are too cheap") {
  const auto opened = Host::in_memory({.auth = {.argon2_memory_kib = 8}});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::invalid_request);
}
