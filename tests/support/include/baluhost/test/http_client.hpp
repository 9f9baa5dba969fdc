#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Response {
  int status{0}; ///< 0: the connection ended without an answer
  Headers headers;
  std::string body;

  [[nodiscard]] std::optional<std::string> header(
      std::string_view name) const; ///< the first one, by name without case
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

/// A blocking connection, plain or TLS (certificates are not checked), made at the first use and
/// again when the server closed it. It sends exactly what it is told: no header is added but Host
/// and Content-Length where they are missing.
class HttpClient {
 public:
  explicit HttpClient(const std::string& url,
                      std::chrono::milliseconds timeout = std::chrono::seconds{30});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  Response request(std::string_view method, std::string_view target, const Headers& headers = {},
                   std::string_view body = {});

  // For tests of the wire itself.
  void connect();                    ///< a fresh connection
  bool send(std::string_view bytes); ///< false if the server has closed
  void end_sending(); ///< nothing more comes; answers are still read (plain connections)
  Response read_response(bool head = false); ///< the next one; `head`: it has no body
  std::string read_until_closed();           ///< everything up to the end, or up to the time-out
  [[nodiscard]] bool closed_by_server();     ///< waits for it, up to the time-out
  std::string read_some(std::size_t limit);  ///< at least one byte, unless it ended
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace baluhost::test
