// What a program could not write it does not pass over with exit 0.

#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

using namespace baluhost::test;

namespace {

const std::string kBin = BALUHOST_TEST_BIN_DIR;

/// Runs a command of the shell's with its stdout at a full device, and again with none.
void check_fails_without_output(const std::string& command, const std::string& input = {}) {
  for (const char* stdout_is : {">/dev/full", ">&-"}) {
    INFO(command << " " << stdout_is);
    const auto ran = run({"sh", "-c", command + " " + stdout_is}, {}, input);
    INFO(ran.err);
    CHECK(ran.exit_code == 1);
    CHECK(ran.err.find("stdout") != std::string::npos);
  }
}

} // namespace

TEST_CASE("Every verb fails where its result cannot be written", "[output][fault-32]") {
  Server server;
  Api root = admin(server);
  make_user(server);
  REQUIRE(root.put("/api/v1/files/admin/a", "content").status == 201);
  const TempDirectory directory;
  int fresh = 0;
  const std::string ctl = kBin + "/baluhostctl --config " + server.config_file() + " ";
  for (const char* verb : {"user list",
                           "user show admin",
                           "user role admin admin",
                           "user enable admin",
                           "session list admin",
                           "grant list",
                           "audit list",
                           "audit stats",
                           "audit verify",
                           "audit seals",
                           "audit export",
                           "audit prove 1",
                           "audit prune --keep-days 9999",
                           "db status",
                           "db check",
                           "keys list",
                           "keys rotate",
                           "files scrub",
                           "files gc",
                           "--json user list",
                           "--json db status"}) {
    REQUIRE(server.ctl({"audit", "verify"}).exit_code == 0);
    check_fails_without_output(ctl + verb);
  }
  for (const char* end : {">/dev/full", ">&-"}) {
    const std::string name = directory.path() + "/" + std::to_string(++fresh);
    CHECK(run({"sh", "-c", ctl + "db backup " + name + " " + end}).exit_code == 1);
    CHECK(run({"sh", "-c", ctl + "files export /admin " + name + "-out " + end}).exit_code == 1);
    CHECK(run({"sh", "-c",
               ctl + "files import " + name + "-out /admin/in" + std::to_string(fresh) + " " + end})
              .exit_code == 1);
    CHECK(
        run({"sh", "-c", ctl + "user add new" + std::to_string(fresh) + " --password-stdin " + end},
            {}, "a fine pass phrase\n")
            .exit_code == 1);
  }
  check_fails_without_output(kBin + "/baluhostd --check-config");
  check_fails_without_output(
      kBin + "/baluhost-migrate --yes --from sqlite:/none --to postgresql://u@127.0.0.1:1/db");
  // What was printed where there is no stdout went nowhere else.
  CHECK(server.ctl({"db", "check"}).exit_code == 0);
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
}

TEST_CASE("Help and version fail where they cannot be written", "[output][fault-44]") {
  for (const char* program : {"/baluhostd", "/baluhostctl", "/baluhost-migrate"}) {
    for (const char* flag : {" --help", " --version"}) {
      CHECK(run({"sh", "-c", kBin + program + flag}).exit_code == 0);
      check_fails_without_output(kBin + program + flag);
    }
  }
}
