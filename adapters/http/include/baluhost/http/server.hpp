#pragma once

#include "baluhost/core/access/grant_service.hpp"
#include "baluhost/core/access/share_service.hpp"
#include "baluhost/core/archives/archive_service.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/identity/auth_service.hpp"
#include "baluhost/core/identity/session_service.hpp"
#include "baluhost/core/identity/user_service.hpp"
#include "baluhost/core/keys/key_service.hpp"
#include "baluhost/core/operations/periodic_task.hpp"
#include "baluhost/core/second_factor/second_factor_service.hpp"
#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/core/versions/version_service.hpp"
#include "baluhost/http/asset.hpp"
#include "baluhost/http/metrics.hpp"
#include "baluhost/http/route.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// Of `make_http_server`: the keys of the configuration below `server`, by the same names.
struct HttpOptions {
  /// `address:port`, `[v6]:port` or `localhost:port`; port 0 lets the system choose. With a
  /// certificate each speaks TLS; one with `http://` in front of it then is a plain listener that
  /// redirects pages (308) and refuses the API (403). Without a certificate each speaks plain HTTP,
  /// and `https://` in front is refused.
  std::vector<std::string> listen{"127.0.0.1:8080"};

  /// `address:port` of the listener for /metrics; empty: none.
  std::string metrics_listen{};

  /// PEM, the whole chain; empty: plain HTTP.
  std::string tls_cert_file{};

  /// PEM.
  std::string tls_key_file{};

  /// Where clients find the server, as an origin, https where a listener redirects; empty: what a
  /// request's Host says.
  std::string public_url{};

  /// Addresses or CIDRs.
  std::vector<std::string> trusted_proxies{};

  std::vector<std::string> cors_allowed_origins{};

  /// For connections; 0: as many as cores.
  int threads{0};

  /// For what blocks: they wait for commits together, so that many share one.
  int worker_threads{32};

  /// For what grows with the trail; fewer than the database reads at once. 0: cores, two at least.
  int query_threads{0};

  /// For password hashes; 0: cores + 2.
  int hashing_threads{0};

  int max_connections{10000};

  /// Trusted proxies are exempt; 0: half of `max_connections`.
  int max_connections_per_address{0};

  /// For a head; window of the least body rate (1 KiB/s); longest stall of a reader.
  std::chrono::milliseconds request_timeout{std::chrono::seconds{30}};

  /// Between two requests of a connection.
  std::chrono::milliseconds idle_timeout{std::chrono::seconds{75}};

  /// 0: no limit; announced as Tus-Max-Size.
  std::int64_t max_upload_bytes{0};

  /// Of the web application, sorted by path; empty: none is served.
  std::span<const WebAsset> assets{};

  /// Of the program's own, beside the API's.
  std::vector<HttpRoute> routes{};
};

/// How much a line of the log matters.
enum class LogLevel { debug, info, warning, error };

/// One answered request: `client` is an address, `user` is empty where nobody is logged in, `bytes`
/// are of the body sent. The text is printable, without query string or secrets, and lives as long
/// as the call.
struct AccessEntry {
  std::string_view client;
  std::string_view user;
  std::string_view method;
  std::string_view path;
  int status{};
  std::int64_t bytes{};
  std::chrono::microseconds duration{};
  std::string_view request_id;
};

/// Where the server's log goes. Safe from many threads; must return quickly and throw nothing.
class HttpLog {
 public:
  virtual ~HttpLog() = default;

  /// One line, printable, without secrets.
  virtual void message(LogLevel level, std::string_view text) = 0;

  /// An answered request.
  virtual void access(const AccessEntry& entry) = 0;
};

/// One line of /readyz.
struct ReadinessCheck {
  /// "database", "blob_store", "disk_space", "audit".
  std::string name;

  /// What is wrong, in words fit for strangers; none: it is ready. Called on a worker thread; must
  /// not take long.
  std::function<std::optional<std::string>()> problem;
};

/// What the program tells an administrator of itself.
struct SystemFacts {
  /// One that is in force: its name, its value as JSON with secrets redacted, and where it was set;
  /// empty: nowhere, it is as it comes.
  struct Setting {
    std::string name;
    std::string value;
    std::string source;
  };

  std::string version;
  Timestamp started_at;

  /// "sqlite", "postgresql".
  std::string database;

  /// Below it uploads are refused.
  std::int64_t min_free_bytes{0};

  /// Where contents lie, now. Called on a worker thread; may be empty.
  std::function<Result<StorageSpace>()> space;

  /// How all that it does unasked went last; may be empty.
  std::function<std::vector<TaskRun>()> runs;
  std::vector<Setting> settings;
};

/// What the server serves; borrowed for its lifetime.
struct HttpServices {
  AuthService& auth;
  SessionService& sessions;
  UserService& users;
  SecondFactorService& second_factors;
  KeyService& keys;
  GrantService& grants;
  ShareService& shares;
  FileService& files;
  TrashService& trash;
  VersionService& versions;
  UploadService& uploads;
  ArchiveService& archives;
  AuditQueries& audit_queries;
  AuditLog& audit_log;
  Digester& digester;
  const Clock& clock;
  Metrics& metrics;
  HttpLog& log;
  std::vector<ReadinessCheck> readiness;
  SystemFacts system{};
  /// Requests have work for a worker thread (hashing a password is none): for what computes in the
  /// background and can wait. Called for each piece of it, from any thread; must return at once and
  /// throw nothing. May be empty.
  std::function<void()> on_work{};

  /// Those of a `Host`, which must outlive the server, without readiness checks and what only the
  /// program knows of the system. `metrics`, which must outlive the host, counts what it records
  /// from now on. Once for each host.
  template <class Host>
  static HttpServices of(Host& host, Metrics& metrics, HttpLog& log) {
    host.database().on_commit(
        [&metrics](std::span<const AuditEvent> events) { metrics.on_events(events); });
    metrics.watch_unsealed_events([&host] { return host.sealer().unsealed(); });
    metrics.watch_audit_write_failures([&host] { return host.audit_log().write_failures(); });
    return {.auth = host.auth(),
            .sessions = host.sessions(),
            .users = host.users(),
            .second_factors = host.second_factors(),
            .keys = host.user_keys(),
            .grants = host.grants(),
            .shares = host.shares(),
            .files = host.files(),
            .trash = host.trash(),
            .versions = host.versions(),
            .uploads = host.uploads(),
            .archives = host.archives(),
            .audit_queries = host.audit_queries(),
            .audit_log = host.audit_log(),
            .digester = host.digester(),
            .clock = host.clock(),
            .metrics = metrics,
            .log = log,
            .readiness = {},
            .system = {.started_at = host.clock().now(),
                       .space = [&host] { return host.blobs().space(); },
                       .runs = [&host] { return host.runs(); }},
            .on_work = [&host] { host.yield_to_others(); }};
  }
};

/// The HTTP API, listening. Safe from many threads.
class HttpServer {
 public:
  /// Stops with no grace, if it still runs.
  virtual ~HttpServer() = default;

  /// Starts to accept. Once.
  virtual void start() = 0;

  /// What it listens on, as configured but with real ports: "http://127.0.0.1:8080". Metrics are
  /// not among them.
  [[nodiscard]] virtual std::vector<std::string> urls() const = 0;

  /// Empty: none.
  [[nodiscard]] virtual std::string metrics_url() const = 0;

  /// Reads certificate and key again; new connections use them, open ones go on. On an error the
  /// old ones stay in use.
  [[nodiscard]] virtual Result<void> reload_tls() = 0;

  /// Wakes the event streams: call it after commits, from any thread (for `Database::on_commit`).
  /// Never blocks.
  virtual void notify_events() noexcept = 0;

  /// Stops accepting, lets running requests end within `grace`, cuts the rest and waits until no
  /// request uses a service any more.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

/// Looks at all that `make_http_server` refuses, but at what only binding shows; nothing is opened
/// for good. invalid_request: `fields` holds the key of the configuration ("tls.cert_file") and
/// what is wrong with it.
[[nodiscard]] Result<void> check_http_options(const HttpOptions& options);

/// Binds and listens, but serves nothing before `start`. invalid_request with an operator's
/// sentence in `detail` where an option is wrong (bad address, bad or mismatched certificate: file
/// and reason); unavailable where a port is taken.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> make_http_server(const HttpOptions& options,
                                                                   const HttpServices& services);

} // namespace baluhost
