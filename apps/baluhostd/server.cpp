// The server's life, in order: lock and open the host, bind, put on record that it runs, serve, and
// the same backwards. Nothing is written before the addresses are bound, so that a start that fails
// leaves no trace of a run.

#include "server.hpp"

#include "http_log.hpp"
#include "http_options.hpp"
#include "log.hpp"
#include "readiness.hpp"
#include "settings.hpp"
#include "standard_streams.hpp"

#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/host.hpp"
#include "baluhost/http/server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <limits>
#include <span>

namespace baluhost {
namespace {

/// The signals that `serve` waits for, blocked in every thread that starts while this lives.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // SIGUSR1 and SIGUSR2 mean nothing here, and by default they kill.
    for (const int signal : {SIGPIPE, SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
  }
  int wait() {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }

 private:
  sigset_t set_{};
};

/// Raises the limit of open files as far as the system lets us, and returns how many connections
/// there may be: some files are kept for the database, the trail and the blobs, so that strangers
/// who merely connect cannot take them.
std::int64_t connections_to_allow(std::int64_t wanted) {
  constexpr std::int64_t kOurOwn = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const auto most = static_cast<std::int64_t>(
      std::min<rlim_t>(limit.rlim_max, std::numeric_limits<std::int64_t>::max()));
  const auto possible = most - std::min(kOurOwn, most / 2);
  const std::string text = "the system allows " + std::to_string(most) + " open files";
  if (possible >= wanted) {
    log_line(Severity::debug, text);
    return wanted;
  }
  log_line(Severity::warn, text + ": too few for server.max_connections (" +
                               std::to_string(wanted) + "), " + std::to_string(possible) +
                               " are admitted");
  return possible;
}

void log_refused(std::span<const AuditEvent> events) {
  for (const AuditEvent& event : events) {
    if (event.action != to_string(Action::event_refused)) continue;
    log_line(Severity::error,
             fmt::format("the database refused an event; event {} holds it in its details",
                         event.id.value));
  }
}

HostHooks hooks_for(Metrics& metrics) {
  HostHooks hooks;
  hooks.database.on_group = [&metrics](std::size_t size) { metrics.on_commit_group(size); };
  hooks.database.on_retry = [&metrics] { metrics.on_database_retry(); };
  hooks.on_message = [](const HostMessage& message) {
    log_line(message.severity, message.text, message.fields);
  };
  return hooks;
}

/// What the edge uses of the host.
HttpServices services_of(Host& host, const Configuration& configuration, Metrics& metrics,
                         HttpLog& log) {
  auto services = HttpServices::of(host, metrics, log);
  services.readiness = readiness_checks(host);
  SystemFacts& system = services.system;
  system.version = BALUHOST_VERSION;
  if (const DatabaseKind* kind = find_database_kind(configuration.database_url))
    system.database = kind->name;
  system.min_free_bytes = configuration.files.min_free_bytes;
  for (const Setting& setting : settings()) {
    const auto place = configuration.places.find(setting.name);
    system.settings.push_back({.name = setting.name,
                               .value = setting.show(configuration),
                               .source = place == configuration.places.end() ? "" : place->second});
  }
  return services;
}

void reload_certificate(HttpServer& server) {
  if (auto reloaded = server.reload_tls(); !reloaded) {
    log_line(Severity::error, "the certificate was not reloaded, the old one stays in use: " +
                                  reloaded.error().detail);
  } else {
    log_line(Severity::info, "the certificate was reloaded");
  }
}

/// Serves until a signal that ends.
void serve_until_stopped(HttpServer& server, Signals& signals, const Configuration& configuration) {
  server.start();
  fmt::print("baluhostd {} listening on {}\n", BALUHOST_VERSION, fmt::join(server.urls(), ", "));
  if (const auto told = flush_stdout(); !told) log_line(Severity::warn, told.error().detail);
  if (!server.metrics_url().empty()) log_line(Severity::info, "metrics on " + server.metrics_url());
  while (signals.wait() == SIGHUP) {
    if (!configuration.tls.cert_file.empty()) reload_certificate(server);
  }
  log_line(Severity::info, "stopping");
  server.stop(configuration.server.shutdown_grace);
}

} // namespace

Result<void> serve(const Configuration& configuration) {
  umask(077);
  BALUHOST_CHECK(check_start(configuration));
  const auto connections = connections_to_allow(configuration.server.max_connections);
  Signals signals; // before the first thread, which inherits what is blocked
  Metrics metrics{BALUHOST_VERSION};
  std::atomic<HttpServer*> listener{nullptr};
  BALUHOST_TRY(const auto host, Host::open(configuration, HostRole::server, hooks_for(metrics)));
  host->database().on_commit([&](std::span<const AuditEvent> events) {
    log_refused(events);
    if (HttpServer* server = listener.load()) server->notify_events();
  });

  HttpOptions options = http_options(configuration);
  options.max_connections = static_cast<int>(connections);
  LogToSpdlog log;
  BALUHOST_TRY(auto server,
               make_http_server(options, services_of(*host, configuration, metrics, log)));
  BALUHOST_CHECK(host->start());
  listener = server.get();
  serve_until_stopped(*server, signals, configuration);
  listener = nullptr;
  return host->close();
}

} // namespace baluhost
