#pragma once

#include "baluhost/http/server.hpp"
#include "dispatch/call.hpp"
#include "dispatch/route.hpp"
#include "runtime/asio.hpp"
#include "runtime/client_address.hpp"
#include "runtime/query_places.hpp"
#include "runtime/tls_context.hpp"
#include "runtime/worker_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::http {

class Connection;

struct Listener {
  enum class Kind { main, redirect, metrics };
  Kind kind{Kind::main};
  bool tls{false};
  Tcp::endpoint endpoint;

  /// The endpoint has its real port.
  bool bound{false};
  [[nodiscard]] std::string url() const;
};

/// One event loop, on one thread, with the connections that it accepted. Only its thread touches
/// it, but for `context` and `generation`.
struct IoLoop {
  asio::io_context context{1};
  asio::executor_work_guard<Executor> keep_running{context.get_executor()};
  std::list<Connection*> connections;

  /// Of event streams that wait for news.
  std::list<Timer*> sleepers;
  std::vector<Acceptor> acceptors;

  /// An index for each acceptor.
  std::vector<std::size_t> listener_of;
};

/// What the connections of one server share.
struct ServerState {
  ServerState(const HttpOptions& chosen, const HttpServices& given, const RouteTable& table,
              TrustedProxies trusted, Cors cors);

  HttpOptions options;
  HttpServices services;
  RouteTable routes;
  Settings settings;
  TrustedProxies proxies;
  std::vector<Listener> listeners;
  int https_port{0};
  WorkerPool workers;
  WorkerPool hashers;
  QueryPlaces query_places;

  /// A thread for each place.
  WorkerPool queries;

  std::atomic<bool> draining{false};
  std::atomic<bool> warned_of_forwarding{false};

  /// Grows with every commit; `streams` follow it.
  std::atomic<std::uint64_t> news{0};
  std::atomic<int> streams{0};

  [[nodiscard]] TlsContext tls() const;
  void set_tls(TlsContext context);

  /// Where a redirect of a request for `host` leads; empty: nowhere. Never to a name that only the
  /// request knows, or a stranger's link would lead anywhere.
  [[nodiscard]] std::string https_origin(std::string_view host) const;

  /// Counts a new connection; false: one too many, in all or of its address.
  [[nodiscard]] bool admit(const IpAddress& peer);
  void release(const IpAddress& peer);

  /// True once no connection is left; false after `patience`.
  [[nodiscard]] bool wait_until_empty(std::chrono::milliseconds patience);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  TlsContext tls_;
  int connections_{0};
  std::map<IpAddress, int> by_address_;
};

} // namespace baluhost::http
