#pragma once

#include "baluhost/test/contract_catalogue.hpp"
#include "wire.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// What the tests of the catalogue of events share: they send a request and look for its event.
namespace baluhost::test::catalogue {

/// Sorted.
using Keys = std::vector<std::string>;

inline constexpr auto kUserAgent = "catalogue/1";

struct Expected {
  std::string action;
  std::optional<std::string> resource;
  Keys details;

  /// Empty: it succeeded.
  std::string error;
};

/// The type of an action; empty where the contract has no such action.
inline std::string type_of(const std::string& action) {
  for (const auto& [type, actions] : catalogue_of_the_contract()) {
    if (actions.contains(action)) return std::string{type};
  }
  return {};
}

inline Server& server() {
  // Strangers' events are few per address; each request here comes from an address of its own.
  static Server started{{.extra_toml =
                             "server.trusted_proxies = [\"127.0.0.1\"]\nauth.max_attempts = "
                             "100000\nfiles.sha1 = true\n"}};
  return started;
}

inline std::string next_address() {
  static int next = 0;
  ++next;
  return "198.51." + std::to_string(next / 250) + "." + std::to_string(next % 250 + 1);
}

inline Headers from(const std::string& address, Headers headers = {}) {
  headers.emplace_back("User-Agent", kUserAgent);
  headers.emplace_back("X-Forwarded-For", address);
  return headers;
}

inline Headers json(Headers headers) {
  headers.emplace_back("Content-Type", "application/json");
  return headers;
}

/// Sends a request and finds the event that it left: exactly one of that action, with everything as
/// expected.
inline Json check(Api& who, const std::string& method, const std::string& target,
                  const std::string& body, int status, const Expected& expected,
                  const std::optional<std::string>& user, Headers headers = {}) {
  INFO(method << " " << target << " " << body << " -> " << expected.action);
  const std::string address = next_address();
  const bool is_json =
      !body.empty() && body.front() == '{' && target.find("/files/") == std::string::npos;
  headers = from(address, std::move(headers));
  const Response response = who.send(method, target, is_json ? json(headers) : headers, body);
  INFO(response.body);
  REQUIRE(response.status == status);
  std::vector<Json> events;
  for (int i = 0; i < 1000 && events.empty(); ++i) {
    if (i > 0)
      std::this_thread::sleep_for(
          std::chrono::milliseconds{3}); // downloads are recorded after their answer
    events = who.events("limit=10&action=" + expected.action + "&ip_address=" + address);
  }
  REQUIRE(events.size() == 1);
  const Json& event = events.front();
  INFO(event.dump());
  CHECK(event["event_type"].text() == type_of(expected.action));
  CHECK(event["action"].text() == expected.action);
  CHECK((event["resource"].is_null() ? std::nullopt : std::optional{event["resource"].text()}) ==
        expected.resource);
  CHECK((event["user"].is_null() ? std::nullopt : std::optional{event["user"].text()}) == user);
  CHECK(event["success"].flag() == expected.error.empty());
  CHECK((event["error_message"].is_null() ? "" : event["error_message"].text()) == expected.error);
  CHECK(event["ip_address"].text() == address);
  CHECK(event["user_agent"].text() == kUserAgent);
  Keys details = event["details"].keys();
  std::erase(details, "peer_address"); // of the proxy that we claim to be
  CHECK(details == expected.details);
  // An operation that is refused or fails leaves no second event.
  if (!expected.error.empty()) CHECK(who.events("limit=10&ip_address=" + address).size() == 1);
  return event;
}

inline Json check(Api& who, const std::string& method, const std::string& target,
                  const std::string& body, int status, const Expected& expected) {
  return check(who, method, target, body, status, expected, who.username);
}

/// Who has no right on it, or no token, is refused: access_denied, or invalid_token.
inline void check_refused(Api& who, const std::string& method, const std::string& target,
                          const std::string& body, int status, const std::string& resource,
                          const std::string& operation, const std::string& permission) {
  const Json event = check(who, method, target, body, status,
                           {"access_denied",
                            resource,
                            {"operation", "required_permission"},
                            status == 404 ? "not_found" : "forbidden"});
  CHECK(event["details"]["operation"].text() == operation);
  CHECK(event["details"]["required_permission"].text() == permission);
}

inline void check_without_token(const std::string& method, const std::string& target,
                                const std::string& body) {
  Api stranger{server()};
  const Json event =
      check(stranger, method, target, body, 401,
            {"invalid_token", std::nullopt, {"reason"}, "unauthenticated"}, std::nullopt);
  CHECK(event["details"]["reason"].text() == "missing");
}

inline std::string credentials(const std::string& name, const std::string& password) {
  return object({{"username", q(name)}, {"password", q(password)}});
}

inline void alter(const Server& of, const std::string& sql) {
  const auto done =
      database_kind() == "sqlite"
          ? run({"sqlite3", "-cmd", ".timeout 5000", of.data_dir() + "/baluhost.db", sql})
          : run({"psql", "-q", "-d", of.database_url(), "-c", sql});
  REQUIRE(done.exit_code == 0);
}

} // namespace baluhost::test::catalogue
