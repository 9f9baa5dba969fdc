#pragma once

#include "routes.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// What a test needs that asks each route for something and looks for the event.
namespace baluhost::test {

struct Request {
  Api* who;
  std::string target;
  std::string body{};
  Headers headers{};
};

/// What may be asked of a route, and the action that its event then has; none for what the
/// catalogue leaves out.
struct Row {
  Request success;
  std::string done;                 ///< "": succeeding leaves no event
  std::optional<Request> failure{}; ///< of who may do it
  std::string failed{};
  std::optional<Request> refusal{}; ///< of who may not: access_denied
  bool open{false};                 ///< needs no login
};

inline const Headers kTus{{"Tus-Resumable", "1.0.0"}};

inline Headers tus(Headers more) {
  more.insert(more.end(), kTus.begin(), kTus.end());
  return more;
}

class Walk {
 public:
  Walk() {
    REQUIRE(anna.put(files(home + "/dir/file.txt") + "?parents=true", "hello").status == 201);
    for (const char* name : {"/gone", "/moved", "/copied"})
      REQUIRE(anna.put(files(home + name), "hello").status == 201);
    event = std::to_string(anna.events("limit=1&user=" + anna.username)[0]["id"].integer());
    wait_until_sealed(server, std::stoll(event));
  }

  /// The events of one request, which comes from an address of its own. `least`: waits for so many,
  /// since some come after the answer.
  std::vector<Json> send(const std::string& method, const Request& request, bool with_token,
                         std::size_t least, int& status) {
    const std::string address =
        "2001:db8:" + std::to_string(++addresses_) + "::1"; // a network of its own
    HttpClient client = server.client();
    client.connect();
    std::string head = method + " " + request.target +
                       " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: " + address +
                       "\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n";
    if (with_token && request.who)
      head += "Authorization: Bearer " + request.who->access_token + "\r\n";
    if (request.body.starts_with('{')) head += "Content-Type: application/json\r\n";
    for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
    client.send(head + "\r\n" + request.body);
    status = client.read_response(request.target.ends_with("/stream") || method == "HEAD").status;
    std::vector<Json> events = root.events("limit=10&ip_address=" + address);
    for (int i = 0; i < 1000 && events.size() < least; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{3});
      events = root.events("limit=10&ip_address=" + address);
    }
    return events;
  }

  std::string upload_of(Api& who) {
    const Response made = who.send(
        "POST", kApi + "/uploads",
        tus({{"Upload-Length", "5"},
             {"Upload-Metadata", "path " + base64(home + "/up" + std::to_string(++uploads_))}}),
        "");
    REQUIRE(made.status == 201);
    const std::string location = made.header("Location").value_or("");
    return location.substr(location.find("/api/"));
  }

  Server server{
      {.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\nauth.max_attempts = 100000\n"}};
  Api root{admin(server)};
  Api anna{new_user(server)};
  Api bob{new_user(server)};
  std::string home{"/" + anna.username};
  std::string event;

 private:
  int addresses_{0};
  int uploads_{0};
};

} // namespace baluhost::test
