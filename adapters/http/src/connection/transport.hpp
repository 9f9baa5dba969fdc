#pragma once

#include "connection/byte_buffer.hpp"
#include "runtime/asio.hpp"
#include "runtime/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace baluhost::http {

/// Whether bytes are to leave at once, or more is about to follow.
enum class Flush { now, later };

/// The bytes of one connection, plain or over TLS. Nothing throws; a connection that broke reads as
/// ended.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual Task<bool> handshake() = 0;

  /// At least one byte; 0: the end.
  [[nodiscard]] virtual Task<std::size_t> read_some(std::span<char> buffer) = 0;

  /// What is taken at once. 0: nothing now; wait for `writable`, then offer bytes that begin with
  /// these. Null: the connection broke.
  [[nodiscard]] virtual std::optional<std::size_t> try_write(std::span<const char> bytes,
                                                             Flush flush) = 0;

  struct Written {
    std::int64_t bytes{0};
    bool is_open{true}; ///< the connection, afterwards
  };
  /// Writes and takes from `piece` what is taken at once.
  [[nodiscard]] Written write_at_once(ByteBuffer& piece);

  /// Waits for what the last `try_write` lacked. False: the connection broke.
  [[nodiscard]] virtual Task<bool> writable() = 0;

  /// Tells the other side that nothing more comes.
  virtual void end_sending() noexcept = 0;

  [[nodiscard]] virtual bool is_tls() const noexcept = 0;

  /// At least one byte; 0: the connection broke.
  [[nodiscard]] Task<std::size_t> write_some(std::span<const char> bytes, Flush flush);

  [[nodiscard]] Socket& socket() noexcept { return socket_; }

  /// From now on every operation fails, those under way too.
  void cut() noexcept;

  /// As `cut`, and what the other side has not taken yet is dropped with it: a stalled reader holds
  /// no memory.
  void abort() noexcept;

 protected:
  explicit Transport(Socket socket) : socket_(std::move(socket)) {}
  [[nodiscard]] Task<bool> wait(Socket::wait_type what);
  Socket socket_;
};

std::unique_ptr<Transport> make_plain_transport(Socket socket);
/// Null if OpenSSL has no memory.
std::unique_ptr<Transport> make_tls_transport(Socket socket, const TlsContext& context);

} // namespace baluhost::http
