// The HTTP API inside another program: its own host, its own port, its own log. Without `--once` it
// serves until a line comes in.
#include <baluhost/host/host.hpp>
#include <baluhost/http/server.hpp>

#include <iostream>
#include <string>

using namespace baluhost;

namespace {

class Log final : public HttpLog {
 public:
  void message(LogLevel, std::string_view text) override { std::clog << text << '\n'; }
  void access(const AccessEntry& entry) override { std::clog << entry.path << '\n'; }
};

/// A route beside the API's: who asks is known, and what the checks refuse is on record.
Result<HttpResponse> greet(const HttpRequest& request) {
  return HttpResponse{.content_type = "text/plain; charset=utf-8",
                      .body = request.caller->name() + " greets " + request.parameters[0] + "\n"};
}

Result<void> serve(const std::string& directory, bool once) {
  Log log;
  Metrics metrics{"example"};
  BALUHOST_TRY(const auto host, Host::open({.data_dir = directory}));
  const HttpRoute greeting{HttpMethod::get, "/acme/greeting/{name}", Permission::authenticated,
                           Action::custom("acme.greeted", EventType::file_access), greet};
  BALUHOST_TRY(const auto server,
               make_http_server({.listen = {"127.0.0.1:0"}, .routes = {greeting}},
                                HttpServices::of(*host, metrics, log)));
  BALUHOST_CHECK(host->start());
  server->start();
  std::cout << "listening on " << server->urls().front() << std::endl;
  std::string line;
  if (!once) std::getline(std::cin, line);
  server->stop(std::chrono::seconds{5});
  return host->close();
}

} // namespace

int main(int argc, char** argv) {
  const bool once = argc > 2 && std::string{argv[2]} == "--once";
  const auto done = serve(argc > 1 ? argv[1] : "data", once);
  if (!done) std::cerr << done.error().detail << '\n';
  return done ? 0 : 1;
}
