#pragma once

#include "baluhost/http/server.hpp"
#include "connection/client_address.hpp"
#include "dispatch/call.hpp"
#include "fields/query_places.hpp"
#include "server/asio.hpp"
#include "server/tls_context.hpp"
#include "server/worker_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace baluhost::http {

class Connection;

struct Listener {
  enum class Kind { main, redirect, metrics };
  Kind kind{Kind::main};
  bool tls{false};
  Tcp::endpoint endpoint;
  [[nodiscard]] std::string url() const;
};

/// One event loop, on one thread, with the connections that it accepted. Only its thread touches
/// it, but for `context` and `generation`.
struct IoLoop {
  asio::io_context context{1};
  asio::executor_work_guard<Executor> keep_running{context.get_executor()};
  std::list<Connection*> connections;
  std::list<Timer*> sleepers; ///< event streams that wait for news
  std::vector<Acceptor> acceptors;
  std::vector<std::size_t> listener_of; ///< index by acceptor
};

/// What the connections of one server share.
struct ServerState {
  ServerState(const HttpOptions& chosen, const HttpServices& given, TrustedProxies trusted,
              Cors cors);

  HttpOptions options;
  HttpServices services;
  Settings settings;
  TrustedProxies proxies;
  std::vector<Listener> listeners;
  int https_port{0};
  WorkerPool workers;
  WorkerPool hashers;
  QueryPlaces query_places;
  WorkerPool queries; ///< a thread for each place

  std::atomic<bool> draining{false};
  std::atomic<bool> warned_of_forwarding{false};
  std::atomic<std::uint64_t> news{0}; ///< grows with every commit
  std::atomic<int> streams{0};        ///< that follow them

  [[nodiscard]] TlsContext tls() const;
  void set_tls(TlsContext context);

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
