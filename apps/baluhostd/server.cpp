// The server's life, in order: lock, open, bind, put on record that it runs, serve, and the same
// backwards. Nothing is written before the addresses are bound, so that a start that fails leaves
// no trace of a run.

#include "server.hpp"

#include "backend.hpp"
#include "housekeeping.hpp"
#include "http_log.hpp"
#include "log.hpp"
#include "readiness.hpp"
#include "services.hpp"
#include "standard_streams.hpp"
#include "start_check.hpp"

#include "baluhost/core/operations/maintenance.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/http/server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <limits>
#include <optional>
#include <string_view>

namespace baluhost {
namespace {

/// Where there is no administrator: the user admin, with the password of
/// BALUHOST_ADMIN_PASSWORD_FILE or a random one.
Result<void> ensure_first_admin(const Configuration& configuration, Backend& backend,
                                Services& services) {
  BALUHOST_TRY(const bool settled, services.users.has_admin());
  if (settled) return {};
  BALUHOST_TRY(const auto name, Username::parse("admin"));
  BALUHOST_TRY(const bool taken, services.users.exists(name));
  if (taken) {
    log_line(Severity::warn,
             "there is no enabled administrator, and the user admin is none: run baluhostctl user "
             "role NAME "
             "admin, or baluhostctl user enable NAME");
    return {};
  }
  const auto environment = baluhost_environment();
  if (const auto given = environment.find("BALUHOST_ADMIN_PASSWORD_FILE");
      given != environment.end()) {
    BALUHOST_TRY(const Secret raw, read_secret_file(given->second));
    std::string_view text = raw.reveal();
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    if (auto created = services.users.create_first_admin(name, Secret{std::string{text}});
        !created) {
      Error error = std::move(created).error();
      if (!error.fields.empty())
        error.detail = "the password in " + given->second + " " + error.fields.front().detail;
      return error;
    }
    log_line(Severity::info,
             "the user admin was made with the password of BALUHOST_ADMIN_PASSWORD_FILE");
    return {};
  }
  BALUHOST_TRY(const std::string random, backend.random->bytes(18));
  const Secret password{to_base64url(random)};
  const std::string path = configuration.server.data_dir + "/initial-admin-password";
  // The file first: a crash in between makes another user and another file, never a user whose
  // password nobody knows.
  BALUHOST_CHECK(write_private_file(path, std::string{password.reveal()} + "\n"));
  BALUHOST_CHECK(services.users.create_first_admin(name, password));
  log_line(Severity::info, "the user admin was made; its password is in " + path);
  return {};
}

Result<void> record_schema_change(const SchemaChange& change, AuditLog& audit) {
  if (!change.changed()) return {};
  NewAuditEvent event = audit.draft(Action::schema_migrated);
  event.details = JsonObject{}.add("from_version", change.from).add("to_version", change.to).str();
  return audit.record(std::move(event));
}

std::int64_t to_version_of(const AuditEvent& event) {
  constexpr std::string_view kMember = "\"to_version\":";
  const auto begin = event.details.find(kMember);
  std::int64_t version = 0;
  if (begin != std::string::npos) {
    const char* text = event.details.data() + begin + kMember.size();
    std::from_chars(text, event.details.data() + event.details.size(), version);
  }
  return version;
}

/// What a crash left before this upgrade has no tags yet. That is believed once: a trail that tells
/// of an earlier upgrade, or of having been made with tags, was put back by hand.
Result<Untagged> what_to_think_of_untagged(Backend& backend) {
  if (backend.schema.from == 0 || backend.schema.from >= kSchemaWithTags) return Untagged::refuse;
  bool had_tags = false;
  BALUHOST_CHECK(backend.database->read([&](ReadTransaction& tx) -> Result<void> {
    const AuditFilter upgrades{.action = std::string{to_string(Action::schema_migrated)}};
    BALUHOST_TRY(const auto events,
                 tx.audit().query(upgrades, SortOrder::descending, std::nullopt, 1000));
    had_tags = std::ranges::any_of(
        events, [](const AuditEvent& event) { return to_version_of(event) >= kSchemaWithTags; });
    return {};
  }));
  return had_tags ? Untagged::refuse : Untagged::accept;
}

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

/// Raises the limit of open files as far as the system lets us, and gives how many connections
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

} // namespace

Result<void> serve(const Configuration& configuration) {
  umask(077);
  BALUHOST_CHECK(check_start(configuration));
  const auto connections = connections_to_allow(configuration.server.max_connections);
  Signals signals;
  BALUHOST_CHECK(make_private_directory(configuration.server.data_dir));
  std::optional<DirectoryLock> lock;
  if (is_sqlite(configuration)) {
    auto acquired = DirectoryLock::acquire(configuration.server.data_dir);
    if (!acquired) {
      return Error{acquired.error().code,
                   acquired.error().code == Errc::conflict
                       ? configuration.server.data_dir +
                             " is in use by another server; on SQLite there can be one only"
                       : acquired.error().detail};
    }
    lock.emplace(std::move(*acquired));
  }

  Metrics metrics{BALUHOST_VERSION};
  DatabaseHooks hooks;
  hooks.on_group = [&metrics](std::size_t size) { metrics.on_commit_group(size); };
  hooks.on_retry = [&metrics] { metrics.on_database_retry(); };
  hooks.on_listener_failure = [](std::string_view what) {
    log_line(Severity::error,
             fmt::format("events were written, and who is told of them failed: {}", what));
  };
  BALUHOST_TRY(auto backend, open_backend(configuration, OpenMode::create, hooks));
  std::atomic<HttpServer*> listener{nullptr};
  backend->database->on_commit([&](std::span<const AuditEvent> events) {
    metrics.on_events(events);
    log_refused(events);
    if (HttpServer* server = listener.load()) server->notify_events();
  });
  BALUHOST_TRY(auto instance, make_instance_id(*backend->random));
  Services services{*backend, configuration, std::move(instance)};
  metrics.watch_unsealed_events([&services] { return services.sealer.unsealed(); });
  metrics.watch_audit_write_failures([&services] { return services.audit_log.write_failures(); });

  HttpOptions options = http_options(configuration);
  options.max_connections = static_cast<int>(connections);
  SpaceMonitor space{*backend->blobs, *backend->database, services.audit_log,
                     configuration.files.min_free_bytes};
  LogToSpdlog log;
  BALUHOST_TRY(auto server,
               make_http_server(options, {services.auth, services.users, services.grants,
                                          services.files, services.uploads, services.audit_queries,
                                          services.audit_log, *backend->digester, *backend->clock,
                                          metrics, log, readiness_checks(*backend, services, space),
                                          [&hasher = *backend->hasher] { hasher.give_way(); }}));

  services.sealer.start();
  BALUHOST_TRY(const auto untagged, what_to_think_of_untagged(*backend));
  BALUHOST_CHECK(record_schema_change(backend->schema, services.audit_log));
  BALUHOST_CHECK(ensure_first_admin(configuration, *backend, services));
  BALUHOST_CHECK(services.lifecycle.started(is_sqlite(configuration), BALUHOST_VERSION, untagged));
  log_findings(services.lifecycle);
  {
    const auto chores = start_housekeeping(configuration, *backend, services, space);
    listener = server.get();
    server->start();
    fmt::print("baluhostd {} listening on {}\n", BALUHOST_VERSION, fmt::join(server->urls(), ", "));
    if (const auto told = flush_stdout(); !told) log_line(Severity::warn, told.error().detail);
    if (!server->metrics_url().empty())
      log_line(Severity::info, "metrics on " + server->metrics_url());

    while (signals.wait() == SIGHUP) {
      if (configuration.tls.cert_file.empty()) continue;
      if (auto reloaded = server->reload_tls(); !reloaded) {
        log_line(Severity::error, "the certificate was not reloaded, the old one stays in use: " +
                                      reloaded.error().detail);
      } else {
        log_line(Severity::info, "the certificate was reloaded");
      }
    }
    log_line(Severity::info, "stopping");
    server->stop(configuration.server.shutdown_grace);
    listener = nullptr;
  }
  BALUHOST_CHECK(services.transfers.close());
  BALUHOST_CHECK(services.lifecycle.stopped());
  return services.sealer.seal_now();
}

} // namespace baluhost
