// Filters of the trail: a value is found in every spelling of it, over the wire and by the program.

#include "wire.hpp"

#include <algorithm>

using namespace baluhost::test;

TEST_CASE("Filters of events find a value in every spelling of it", "[filters][fault-27]") {
  Server server{{.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\n"}};
  Api root = admin(server);
  Api anna = new_user(server);
  const std::string composed = "/" + anna.username + "/caf\xC3\xA9",
                    decomposed = "/" + anna.username + "/cafe\xCC\x81";
  std::string loud = anna.username;
  for (char& c : loud) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  REQUIRE(loud != anna.username);
  REQUIRE(anna.send("PUT", files(composed), {{"X-Forwarded-For", "2001:db8::1"}}, "x").status ==
          201);
  REQUIRE(anna.send("PUT", files(composed + "2"), {{"X-Forwarded-For", "192.0.2.9"}}, "x").status ==
          201);

  const auto uploads = [&](Api& who, const std::string& filter) {
    return who.events("action=upload&" + filter).size();
  };
  const auto everywhere = [&](const std::string& filter, std::size_t count) {
    INFO(filter);
    CHECK(uploads(root, filter) == count);
    const auto lines = root.get(kApi + "/audit/export?format=ndjson&action=upload&" + filter).body;
    CHECK(static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')) == count);
  };
  everywhere("resource=" + percent_encode(composed), 1);
  everywhere("resource=" + percent_encode(decomposed), 1);
  everywhere("resource_prefix=" + percent_encode(decomposed), 2);
  everywhere("user=" + loud, 2);
  for (const char* address :
       {"2001:db8::1", "2001:DB8::1", "2001:0db8:0:0:0:0:0:1", "2001:db8:0::0.0.0.1"})
    everywhere("ip_address=" + percent_encode(address), 1);
  for (const char* address : {"192.0.2.9", "::ffff:192.0.2.9", "::FFFF:C000:209"})
    everywhere("ip_address=" + percent_encode(address), 1);
  CHECK(root.events("action=user_created&resource=" + loud).size() == 1);
  CHECK(uploads(anna, "user=" + loud) == 2); // her own
  const auto total = [&](const std::string& name) {
    return Json::parse(root.get(kApi + "/audit/stats?user=" + name)
                           .body)["by_action"]["upload"]["succeeded"]
        .integer();
  };
  CHECK(total(loud) == 2);
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--user", loud},
                                                {"--ip", "2001:DB8:0::1"},
                                                {"--resource", decomposed}}) {
    std::vector<std::string> arguments{"audit", "list", "--action", "upload", "--json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const auto listed = server.ctl(arguments);
    INFO(listed.out << listed.err);
    CHECK(listed.exit_code == 0);
    CHECK(listed.out.find(composed) != std::string::npos);
  }
}

TEST_CASE("A filter with a value that no event can have is refused, not empty",
          "[filters][fault-27]") {
  Api root = admin(shared_server());
  const auto refused = [&](const std::string& member, const std::string& value) {
    for (const std::string route : {"/audit/events?", "/audit/export?format=ndjson&"}) {
      INFO(route << member << "=" << value);
      const Response answer = root.get(kApi + route + member + "=" + percent_encode(value));
      check_invalid(answer, "/" + member);
    }
  };
  for (const char* address : {"nonsense", "192.0.2", "192.0.2.1:80", "[::1]", "fe80::1%eth0", ""})
    refused("ip_address", address);
  for (const char* action : {"UPLOAD", "uploads", "up", "acme", "acme.Report", "acme report.x", ""})
    refused("action", action);
  for (const char* action : {"delete", "login_failed", "acme.report_made", "acme.a.b_2"}) {
    INFO(action);
    CHECK(root.get(kApi + "/audit/events?action=" + action).status == 200);
  }
  const auto by_program = [](const std::vector<std::string>& flags) {
    std::vector<std::string> arguments{"audit", "list"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return shared_server().ctl(arguments);
  };
  CHECK(by_program({"--action", "UPLOAD"}).exit_code == 2);
  CHECK(by_program({"--action", "UPLOAD"}).err.find("--action must be ") != std::string::npos);
  CHECK(by_program({"--ip", "nonsense"}).exit_code == 2);
  CHECK(by_program({"--ip", "nonsense"}).err.find("--ip must be ") != std::string::npos);
  CHECK(by_program({"--action", "acme.report_made"}).exit_code == 0);
}
