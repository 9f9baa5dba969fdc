#include "transfers/transfer_group.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace baluhost;

namespace {

NewAuditEvent full() {
  NewAuditEvent event{.timestamp = Timestamp{5}, .action = Action::download};
  event.user = "anna";
  event.resource = "/anna/\"a\" \xF0\x9F\x98\x80\n";
  event.details = R"({"file_size":9223372036854775807,"sha256":"\u00e9"})";
  event.ip_address = "192.0.2.7";
  event.user_agent = "test/1.0";
  event.account = UserId{9007199254740993};
  return event;
}

std::string described(const NewAuditEvent& event) {
  return std::to_string(event.timestamp.microseconds) + '|' + std::string{to_string(event.action)} +
         '|' + event.user.value_or("-") + '|' + event.resource.value_or("-") + '|' +
         (event.success ? "" : event.error_message.value_or("-")) + '|' + event.details + '|' +
         event.ip_address.value_or("-") + '|' + event.user_agent.value_or("-") + '|' +
         (event.account ? std::to_string(event.account->value) : "-");
}

bool is_group(const std::string& text) { return bool{read_group_text(text)}; }

} // namespace

TEST_CASE("the events of a group come back from its text, as those of interrupted downloads") {
  std::vector<NewAuditEvent> events{full(),
                                    {.timestamp = Timestamp{-7}, .action = Action::download}};
  const auto read = read_group_text(group_text(events));
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  for (auto& event : events) mark_interrupted(event);
  CHECK(described(read->at(0)) == described(events[0]));
  CHECK(described(read->at(1)) == described(events[1]));
  CHECK(read_group_text("[]")->empty());
}

TEST_CASE("a group's text is cut to what an event holds, whatever a client sends") {
  auto event = full();
  event.user_agent = std::string(100'000, 'x');
  event.resource = std::string(100'000, 'y');
  const auto text = group_text({&event, 1});
  CHECK(text.size() < 2000);
  CHECK(read_group_text(text)->front().user_agent->size() == AuditLimits::user_agent);
}

TEST_CASE("what an upgrade made of older rows is read as well") {
  for (const std::string text :
       {R"([{"timestamp":5,"action":"download","user":"anna","resource":"/anna/\"a\"",)"
        R"("details":"{\"file_size\":10}","ip_address":"192.0.2.1","user_agent":"x",)"
        R"("account_id":3}])",
        R"([{"timestamp" : 5, "action" : "download", "user" : "anna", "resource" : "/anna/\"a\"", )"
        R"("details" : "{\"file_size\":10}", "ip_address" : "192.0.2.1", "user_agent" : "x", )"
        R"("account_id" : 3}])"}) {
    const auto events = read_group_text(text);
    REQUIRE(events);
    CHECK(described(events->at(0)) ==
          R"(5|download|anna|/anna/"a"|interrupted|{"file_size":10}|192.0.2.1|x|3)");
  }
}

TEST_CASE("a text that is no group's is refused") {
  const auto event = full();
  const auto good = group_text({&event, 1});
  REQUIRE(is_group(good));
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const auto& text :
       {std::string{}, std::string{"["}, std::string{"[1]"}, std::string{"[{}]"}, good + "x",
        changed("\"user\"", "\"users\""), changed("\"download\"", "\"no_such\""),
        changed(":5,", ":\"5\","), changed(":9007199254740993", ":true"),
        changed("\"user_agent\"", "\"x\"")})
    CHECK_FALSE(is_group(text));
}
