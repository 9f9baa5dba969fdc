#include "baluhost/test/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <stdexcept>

namespace baluhost::test {
namespace {

bool equal_names(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

SSL_CTX* client_context() {
  static SSL_CTX* context = [] {
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_options(made, SSL_OP_IGNORE_UNEXPECTED_EOF);
    return made;
  }();
  return context;
}

} // namespace

std::optional<std::string> Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_names(key, name)) return value;
  }
  return std::nullopt;
}

std::size_t Response::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      headers, [&](const auto& header) { return equal_names(header.first, name); }));
}

struct HttpClient::State {
  std::string host;
  std::string address;
  int port{};
  bool tls{false};
  int fd{-1};
  SSL* ssl{nullptr};
  std::string buffer;
  std::chrono::milliseconds timeout;

  /// Appends to `buffer`; false at the end of the stream or when time is up.
  bool fill() {
    if (fd < 0) return false;
    char chunk[65536];
    if (!ssl || SSL_pending(ssl) == 0) {
      pollfd waiting{fd, POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return false;
    }
    const auto got = ssl ? static_cast<ssize_t>(SSL_read(ssl, chunk, sizeof chunk))
                         : ::recv(fd, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    buffer.append(chunk, static_cast<std::size_t>(got));
    return true;
  }

  std::optional<std::string> line() {
    for (std::size_t searched = 0;;) {
      const auto end = buffer.find("\r\n", searched);
      if (end != std::string::npos) {
        std::string text = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        return text;
      }
      searched = buffer.empty() ? 0 : buffer.size() - 1;
      if (!fill()) return std::nullopt;
    }
  }

  bool exactly(std::size_t count, std::string& out) {
    while (buffer.size() < count) {
      out += buffer;
      count -= buffer.size();
      buffer.clear();
      if (!fill()) return false;
    }
    out.append(buffer, 0, count);
    buffer.erase(0, count);
    return true;
  }

  void close() {
    if (ssl) SSL_free(ssl);
    ssl = nullptr;
    if (fd >= 0) ::close(fd);
    fd = -1;
    buffer.clear();
  }
};

HttpClient::HttpClient(const std::string& url, std::chrono::milliseconds timeout)
    : state_(std::make_unique<State>()) {
  std::signal(SIGPIPE, SIG_IGN);
  state_->timeout = timeout;
  state_->tls = url.starts_with("https://");
  state_->host = url.substr(url.find("://") + 3);
  const auto colon = state_->host.rfind(':');
  state_->address = state_->host.substr(0, colon);
  state_->port = std::stoi(state_->host.substr(colon + 1));
}

HttpClient::~HttpClient() {
  if (state_) state_->close();
}
HttpClient::HttpClient(HttpClient&&) noexcept = default;

void HttpClient::connect() {
  state_->close();
  state_->fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(state_->port));
  ::inet_pton(AF_INET, state_->address.c_str(), &where.sin_addr);
  const int on = 1;
  ::setsockopt(state_->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(state_->fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    state_->close();
    throw std::runtime_error{"cannot connect to " + state_->host};
  }
  if (state_->tls) {
    state_->ssl = SSL_new(client_context());
    SSL_set_fd(state_->ssl, state_->fd);
    SSL_set_tlsext_host_name(state_->ssl, "localhost");
    if (SSL_connect(state_->ssl) != 1) {
      state_->close();
      throw std::runtime_error{"no TLS with " + state_->host};
    }
  }
}

bool HttpClient::send(std::string_view bytes) {
  if (state_->fd < 0) connect();
  while (!bytes.empty()) {
    const auto sent = state_->ssl
                          ? static_cast<ssize_t>(SSL_write(
                                state_->ssl, bytes.data(),
                                static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20))))
                          : ::send(state_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void HttpClient::end_sending() { ::shutdown(state_->fd, SHUT_WR); }

Response HttpClient::read_response(bool head) {
  Response response;
  const auto status_line = state_->line();
  if (!status_line || !status_line->starts_with("HTTP/1.") || status_line->size() < 12) {
    state_->close();
    return response;
  }
  response.status = std::stoi(status_line->substr(9, 3));
  while (const auto line = state_->line()) {
    if (line->empty()) break;
    const auto colon = line->find(':');
    std::string value = line->substr(std::min(colon + 1, line->size()));
    value.erase(0, value.find_first_not_of(' '));
    response.headers.emplace_back(line->substr(0, colon), std::move(value));
  }
  const bool empty =
      head || response.status == 204 || response.status == 304 || response.status / 100 == 1;
  if (!empty) {
    if (response.header("Transfer-Encoding") == "chunked") {
      while (const auto size_line = state_->line()) {
        const std::size_t size = std::stoul(*size_line, nullptr, 16);
        if (size == 0) break;
        if (!state_->exactly(size, response.body)) break;
        state_->line();
      }
      while (const auto trailer = state_->line()) {
        if (trailer->empty()) break;
      }
    } else if (const auto length = response.header("Content-Length")) {
      state_->exactly(std::stoull(*length), response.body);
    } else {
      response.body = read_until_closed();
    }
  }
  if (response.header("Connection") == "close" && response.status / 100 != 1) state_->close();
  return response;
}

Response HttpClient::request(std::string_view method, std::string_view target,
                             const Headers& headers, std::string_view body) {
  std::string head = std::string{method} + " " + std::string{target} + " HTTP/1.1\r\n";
  const auto given = [&](std::string_view name) {
    return std::ranges::any_of(headers,
                               [&](const auto& header) { return equal_names(header.first, name); });
  };
  if (!given("Host")) head += "Host: " + state_->host + "\r\n";
  for (const auto& [key, value] : headers) head += key + ": " + value + "\r\n";
  const bool bodiless =
      method == "GET" || method == "HEAD" || method == "DELETE" || method == "OPTIONS";
  if (!given("Content-Length") && !given("Transfer-Encoding") && (!body.empty() || !bodiless)) {
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  head += "\r\n";
  for (int attempt = 0;; ++attempt) {
    const bool fresh = state_->fd < 0;
    if (fresh) connect();
    send(head);
    if (!body.empty())
      send(body); // a server that refuses early may close before it has read all: its answer counts
    Response response = read_response(method == "HEAD");
    while (response.status == 100) response = read_response(method == "HEAD");
    // A kept connection may have been closed by the server between two requests: try once more on a
    // fresh one.
    if (response.status == 0 && !fresh && attempt == 0) continue;
    return response;
  }
}

std::string HttpClient::read_until_closed() {
  while (state_->fill()) {
  }
  return std::exchange(state_->buffer, {});
}

bool HttpClient::closed_by_server() {
  if (state_->fd < 0) return true;
  const auto deadline = std::chrono::steady_clock::now() + state_->timeout;
  while (state_->fill()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  pollfd waiting{state_->fd, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

std::string HttpClient::read_some(std::size_t limit) {
  if (state_->buffer.empty()) state_->fill();
  std::string out = state_->buffer.substr(0, limit);
  state_->buffer.erase(0, out.size());
  return out;
}

void HttpClient::close() { state_->close(); }

} // namespace baluhost::test
