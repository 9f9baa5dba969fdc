#include "runtime/server_state.hpp"

#include <algorithm>
#include <limits>
#include <thread>

namespace baluhost::http {
namespace {

constexpr std::size_t kWorkerQueue = 4096;
constexpr std::size_t kHashingQueue = 512;

/// What queries leave to those who read and write files, where there are not enough cores for both.
constexpr int kQueryNiceness = 5;

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

int query_threads(const HttpOptions& options) {
  return options.query_threads > 0 ? options.query_threads : std::max(2, cores());
}

} // namespace

std::string Listener::url() const {
  const auto address = endpoint.address();
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(endpoint.port());
}

ServerState::ServerState(const HttpOptions& chosen, const HttpServices& given,
                         const RouteTable& table, TrustedProxies trusted, Cors cors)
    : options(chosen),
      services(given),
      routes(table),
      settings{.cors = std::move(cors),
               .public_url = Origin::parse(chosen.public_url),
               .max_upload_bytes = chosen.max_upload_bytes},
      proxies(std::move(trusted)),
      workers(std::max(1, chosen.worker_threads), kWorkerQueue, given.on_work),
      hashers(chosen.hashing_threads > 0 ? chosen.hashing_threads : cores() + 2, kHashingQueue),
      query_places(query_threads(chosen)),
      queries(query_threads(chosen), kWorkerQueue, given.on_work, kQueryNiceness) {
  if (options.threads <= 0) options.threads = cores();
  if (options.max_connections <= 0) options.max_connections = std::numeric_limits<int>::max();
  if (options.max_connections_per_address <= 0)
    options.max_connections_per_address = std::max(1, options.max_connections / 2);
  std::vector<std::string> patterns;
  for (const Route& route : routes.routes) patterns.emplace_back(route.pattern);
  services.metrics.label_routes(std::move(patterns));
  services.metrics.watch_worker_queue("worker", [this] { return workers.queued(); });
  services.metrics.watch_worker_queue("hashing", [this] { return hashers.queued(); });
  services.metrics.watch_worker_queue("query", [this] { return queries.queued(); });
}

TlsContext ServerState::tls() const {
  const std::lock_guard lock{mutex_};
  return tls_;
}

void ServerState::set_tls(TlsContext context) {
  const std::lock_guard lock{mutex_};
  tls_ = std::move(context);
}

std::string ServerState::https_origin(std::string_view host) const {
  if (settings.public_url) return settings.public_url->str();
  const auto requested = Origin::of(Scheme::https, host);
  const auto name = requested ? named_host(tls(), requested->host) : std::nullopt;
  if (!name) return {};
  return Origin{.scheme = Scheme::https, .host = *name, .port = https_port}.str();
}

bool ServerState::admit(const IpAddress& peer) {
  const bool exempt = proxies.trusts(peer);
  const std::lock_guard lock{mutex_};
  if (connections_ >= options.max_connections) return false;
  int& of_address = by_address_[peer];
  if (of_address >= options.max_connections_per_address && !exempt) return false;
  ++of_address;
  ++connections_;
  return true;
}

void ServerState::release(const IpAddress& peer) {
  const std::lock_guard lock{mutex_};
  --connections_;
  if (const auto at = by_address_.find(peer); --at->second == 0) by_address_.erase(at);
  if (connections_ == 0) changed_.notify_all();
}

bool ServerState::wait_until_empty(std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, [this] { return connections_ == 0; });
}

} // namespace baluhost::http
