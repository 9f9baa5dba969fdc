#pragma once

#include "connection/byte_buffer.hpp"
#include "connection/request.hpp"
#include "connection/transport.hpp"
#include "runtime/client_address.hpp"
#include "runtime/server_state.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace baluhost::http {

/// The bytes of a connection in both directions, and the deadline of the wait that it is in: a mere
/// number that the loop's clock looks at. Lives on one loop.
struct Link {
  std::unique_ptr<Transport> transport;

  /// Of one step; see `HttpOptions::request_timeout`.
  std::chrono::milliseconds timeout;

  SteadyClock::time_point deadline{};

  /// What has arrived and is not used yet.
  ByteBuffer in{};

  bool sending{false};

  /// Of a request that waits for its place among queries.
  Timer* waiting{nullptr};

  void allow(std::chrono::milliseconds time) { deadline = SteadyClock::now() + time; }
  void allow_step() { allow(timeout); }
  void no_deadline() { deadline = SteadyClock::time_point::max(); }

  void cut() noexcept {
    if (waiting != nullptr) waiting->cancel();
    sending ? transport->abort() : transport->cut();
  }

  /// False: the connection broke.
  [[nodiscard]] Task<bool> write_all(std::string_view bytes, Flush flush = Flush::now) {
    while (!bytes.empty()) {
      allow_step();
      const auto sent =
          co_await transport->write_some(std::span{bytes.data(), bytes.size()}, flush);
      if (sent == 0) co_return false;
      bytes.remove_prefix(sent);
    }
    co_return true;
  }
};

/// Who is on the other side of the socket.
struct Peer {
  IpAddress address;
  bool is_proxy{false};
};

/// What the jobs of one connection share.
struct ConnectionState {
  ServerState& server;
  IoLoop& loop;
  const Listener& listener;
  Peer peer;
  Link link;
  Request request{};
};

} // namespace baluhost::http
