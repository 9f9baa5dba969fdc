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

Result<void> serve(const std::string& directory, bool once) {
  Log log;
  Metrics metrics{"example"};
  BALUHOST_TRY(const auto host, Host::open({.data_dir = directory}));
  const HttpServices services{.auth = host->auth(),
                              .sessions = host->sessions(),
                              .users = host->users(),
                              .second_factors = host->second_factors(),
                              .keys = host->user_keys(),
                              .grants = host->grants(),
                              .shares = host->shares(),
                              .files = host->files(),
                              .trash = host->trash(),
                              .versions = host->versions(),
                              .uploads = host->uploads(),
                              .archives = host->archives(),
                              .audit_queries = host->audit(),
                              .audit_log = host->audit_log(),
                              .digester = host->digester(),
                              .clock = host->clock(),
                              .metrics = metrics,
                              .log = log,
                              .readiness = {}};
  BALUHOST_TRY(const auto server, make_http_server({.listen = {"127.0.0.1:0"}}, services));
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
