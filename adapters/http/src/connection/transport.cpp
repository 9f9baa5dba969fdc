#include "connection/transport.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

// Each operation is tried at once and only then waited for: an answer mostly fits into the socket's
// buffer, and then costs no trip through the event loop. OpenSSL works on the socket itself, so
// records are not copied through a second pair of buffers as in Asio's stream.
namespace baluhost::http {

void Transport::cut() noexcept {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Transport::abort() noexcept {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  cut();
}

Task<bool> Transport::wait(Socket::wait_type what) {
  const auto [error] = co_await socket_.async_wait(what, as_result);
  co_return !error && socket_.is_open();
}

Task<std::size_t> Transport::write_some(std::span<const char> bytes, Flush flush) {
  for (;;) {
    const auto sent = try_write(bytes, flush);
    if (!sent) co_return 0;
    if (*sent > 0) co_return *sent;
    if (!co_await writable()) co_return 0;
  }
}

Transport::Written Transport::write_at_once(ByteBuffer& piece) {
  Written written;
  while (!piece.empty()) {
    const auto taken = try_write(std::span{piece.view().data(), piece.size()}, Flush::now);
    written.is_open = taken.has_value();
    if (taken.value_or(0) == 0) break;
    piece.consume(*taken);
    written.bytes += static_cast<std::int64_t>(*taken);
  }
  return written;
}

namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : Transport(std::move(socket)) {}

  Task<bool> handshake() override { co_return true; }

  Task<std::size_t> read_some(std::span<char> buffer) override {
    for (;;) {
      if (!socket_.is_open()) co_return 0;
      const auto got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got >= 0) co_return static_cast<std::size_t>(got);
      if (errno == EINTR) continue;
      if (errno != EAGAIN || !co_await wait(Socket::wait_read)) co_return 0;
    }
  }

  std::optional<std::size_t> try_write(std::span<const char> bytes, Flush flush) override {
    const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (flush == Flush::later ? MSG_MORE : 0);
    while (socket_.is_open()) {
      const auto sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), flags);
      if (sent >= 0) return static_cast<std::size_t>(sent);
      if (errno == EAGAIN) return 0;
      if (errno != EINTR) break;
    }
    return std::nullopt;
  }

  Task<bool> writable() override { return wait(Socket::wait_write); }

  void end_sending() noexcept override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  bool is_tls() const noexcept override { return false; }
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, std::unique_ptr<SSL, void (*)(SSL*)> tls)
      : Transport(std::move(socket)), tls_(std::move(tls)) {
    SSL_set_fd(tls_.get(), socket_.native_handle());
    SSL_set_accept_state(tls_.get());
  }

  Task<bool> handshake() override {
    while (socket_.is_open()) {
      ERR_clear_error();
      const int done = SSL_do_handshake(tls_.get());
      if (done == 1) co_return true;
      if (!co_await wait_for(done)) co_return false;
    }
    co_return false;
  }

  Task<std::size_t> read_some(std::span<char> buffer) override {
    while (socket_.is_open()) {
      ERR_clear_error();
      const int got = SSL_read(tls_.get(), buffer.data(), size_of(buffer.size()));
      if (got > 0) co_return static_cast<std::size_t>(got);
      if (!co_await wait_for(got)) co_return 0;
    }
    co_return 0;
  }

  // OpenSSL has the record already that it could not send; it wants its bytes again,
  // wherever they lie then.
  std::optional<std::size_t> try_write(std::span<const char> bytes, Flush) override {
    if (!socket_.is_open()) return std::nullopt;
    ERR_clear_error();
    const int sent = SSL_write(tls_.get(), bytes.data(), size_of(bytes.size()));
    if (sent > 0) return static_cast<std::size_t>(sent);
    const auto lack = lack_of(sent);
    if (!lack) return std::nullopt;
    write_lacks_ = *lack;
    return 0;
  }

  Task<bool> writable() override { return wait(write_lacks_); }

  void end_sending() noexcept override {
    if (!broken_ && socket_.is_open() && SSL_is_init_finished(tls_.get())) SSL_shutdown(tls_.get());
    ERR_clear_error();
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  bool is_tls() const noexcept override { return true; }

 private:
  static int size_of(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
  }

  /// What an operation waits for. Null: the connection ended or broke.
  std::optional<Socket::wait_type> lack_of(int result) {
    switch (SSL_get_error(tls_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Socket::wait_read;
      case SSL_ERROR_WANT_WRITE:
        return Socket::wait_write;
      case SSL_ERROR_ZERO_RETURN:
        return std::nullopt;
      default:
        broken_ = true;
        return std::nullopt; // RFC 8446 and SSL_get_error(3): no close_notify after a fatal error
    }
  }

  Task<bool> wait_for(int result) {
    const auto lack = lack_of(result);
    if (!lack) co_return false;
    const bool ready = co_await wait(*lack);
    co_return ready;
  }

  std::unique_ptr<SSL, void (*)(SSL*)> tls_;
  Socket::wait_type write_lacks_{Socket::wait_write};
  bool broken_{false};
};

} // namespace

std::unique_ptr<Transport> make_plain_transport(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(Socket socket, const TlsContext& context) {
  std::unique_ptr<SSL, void (*)(SSL*)> tls{SSL_new(context.get()), SSL_free};
  if (!tls) return nullptr;
  return std::make_unique<TlsTransport>(std::move(socket), std::move(tls));
}

} // namespace baluhost::http
