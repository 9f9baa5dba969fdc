#include "server/server.hpp"

#include "connection/connection.hpp"
#include "connection/transport.hpp"
#include "custom/custom_routes.hpp"
#include "runtime/server_state.hpp"
#include "server/listen_address.hpp"

#include "baluhost/domain/concat.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <csignal>
#include <thread>
#include <utility>

// One event loop per core, each with its own acceptor on the same port (SO_REUSEPORT): the kernel
// spreads connections, and a connection never changes its thread, so nothing on its way is locked.
// A loop looks over its connections ten times a second and cuts those past their deadline.
namespace baluhost {
namespace http {
namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kOutOfFiles{50};
constexpr int kBacklog = 4096;

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

Error cannot_listen(const Listener& listener, const boost::system::error_code& error) {
  return Error{.code = Errc::unavailable,
               .detail = "cannot listen on " + listener.url() + ": " + error.message()};
}

enum class Sharing { none, port };

/// Binds, without SO_REUSEPORT first: with it a second server on the same port would go unnoticed
/// and share the requests.
Result<void> open_acceptor(IoLoop& loop, std::size_t index, Listener& listener) {
  boost::system::error_code error;
  const auto open = [&](Acceptor& acceptor, Sharing sharing) {
    if (!error) acceptor.open(listener.endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && sharing == Sharing::port) acceptor.set_option(ReusePort(true), error);
    if (!error) acceptor.bind(listener.endpoint, error);
  };
  if (!listener.bound) {
    Acceptor probe{loop.context};
    open(probe, Sharing::none);
    if (error) return cannot_listen(listener, error);
    listener.endpoint = probe.local_endpoint(error);
    listener.bound = true;
  }
  Acceptor acceptor{loop.context};
  open(acceptor, Sharing::port);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) return cannot_listen(listener, error);
  loop.acceptors.push_back(std::move(acceptor));
  loop.listener_of.push_back(index);
  return {};
}

/// What its listeners speak, unless they say otherwise.
Scheme scheme_of(const HttpOptions& options) {
  const bool tls = !options.tls_cert_file.empty() || !options.tls_key_file.empty();
  return tls ? Scheme::https : Scheme::http;
}

bool is_shortage(const boost::system::error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system ||
         error == boost::system::errc::no_buffer_space ||
         error == boost::system::errc::not_enough_memory;
}

class BeastServer final : public HttpServer {
 public:
  BeastServer(const HttpOptions& options, const HttpServices& services, const RouteTable& routes,
              TrustedProxies proxies, Cors cors)
      : state_(options, services, routes, std::move(proxies), std::move(cors)) {}

  ~BeastServer() override {
    stop(std::chrono::milliseconds{0});
    state_.services.metrics.watch_worker_queue("worker", nullptr);
    state_.services.metrics.watch_worker_queue("hashing", nullptr);
  }

  Result<void> open(const HttpOptions& options) {
    const auto scheme = scheme_of(options);
    if (scheme == Scheme::https) BALUHOST_CHECK(reload_tls());
    for (const std::string& text : options.listen) {
      BALUHOST_TRY(auto listener, parse_listener(text, scheme));
      state_.listeners.push_back(listener);
    }
    if (state_.listeners.empty())
      return Error{.code = Errc::invalid_request, .detail = "server.listen is empty"};
    if (!options.metrics_listen.empty()) {
      BALUHOST_TRY(auto listener, parse_listener(options.metrics_listen, Scheme::http));
      listener.kind = Listener::Kind::metrics;
      state_.listeners.push_back(listener);
    }
    loops_ = std::vector<std::unique_ptr<IoLoop>>(static_cast<std::size_t>(state_.options.threads));
    for (auto& loop : loops_) loop = std::make_unique<IoLoop>();
    for (std::size_t i = 0; i < state_.listeners.size(); ++i)
      for (auto& loop : loops_) BALUHOST_CHECK(open_acceptor(*loop, i, state_.listeners[i]));
    for (const Listener& listener : state_.listeners)
      if (listener.tls && state_.https_port == 0) state_.https_port = listener.endpoint.port();
    return {};
  }

  void start() override {
    for (auto& loop : loops_) {
      asio::co_spawn(loop->context, watch(*loop), asio::detached);
      for (std::size_t i = 0; i < loop->acceptors.size(); ++i)
        asio::co_spawn(loop->context,
                       accept(*loop, loop->acceptors[i], state_.listeners[loop->listener_of[i]]),
                       asio::detached);
      threads_.emplace_back([this, &context = loop->context] { run(context); });
    }
  }

  std::vector<std::string> urls() const override {
    std::vector<std::string> urls;
    for (const Listener& listener : state_.listeners)
      if (listener.kind != Listener::Kind::metrics) urls.push_back(listener.url());
    return urls;
  }

  std::string metrics_url() const override {
    for (const Listener& listener : state_.listeners)
      if (listener.kind == Listener::Kind::metrics) return listener.url();
    return {};
  }

  Result<void> reload_tls() override {
    if (state_.options.tls_cert_file.empty() && state_.options.tls_key_file.empty()) return {};
    if (state_.options.tls_cert_file.empty() || state_.options.tls_key_file.empty())
      return Error{
          .code = Errc::invalid_request,
          .detail = "tls.cert_file and tls.key_file belong together: one of them is not set"};
    BALUHOST_TRY(auto context,
                 make_tls_context(state_.options.tls_cert_file, state_.options.tls_key_file));
    state_.set_tls(std::move(context));
    return {};
  }

  void notify_events() noexcept override {
    ++state_.news;
    if (state_.streams.load() == 0 || waking_.exchange(true)) return;
    for (auto& loop : loops_)
      asio::post(loop->context, [this, &sleepers = loop->sleepers] {
        waking_ = false;
        for (Timer* timer : sleepers) timer->cancel();
      });
  }

  void stop(std::chrono::milliseconds grace) override {
    if (stopped_) return;
    stopped_ = true;
    state_.draining = true;
    for (auto& loop : loops_)
      asio::post(loop->context, [&open = *loop] {
        for (Acceptor& acceptor : open.acceptors) acceptor.close();
        for (Timer* timer : open.sleepers) timer->cancel();
        for (Connection* connection : open.connections)
          if (connection->idle()) connection->cut();
      });
    if (!threads_.empty() && !state_.wait_until_empty(grace)) {
      // What blocks in a service now ends by itself: no call of the database waits for ever. Until
      // then nothing may go away under it.
      do {
        for (auto& loop : loops_)
          asio::post(loop->context, [&cut = *loop] {
            for (Connection* connection : cut.connections) connection->cut();
          });
      } while (!state_.wait_until_empty(kTick));
    }
    for (auto& loop : loops_) {
      loop->keep_running.reset();
      loop->context.stop();
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void run(asio::io_context& context) noexcept {
    for (;;) {
      try {
        context.run();
        return;
      } catch (const std::exception& exception) {
        state_.services.log.message(
            LogLevel::error,
            std::string{"an exception reached an event loop: "} + exception.what());
      }
    }
  }

  Task<void> watch(IoLoop& loop) {
    Timer timer{loop.context};
    for (;;) {
      timer.expires_after(kTick);
      const auto [error] = co_await timer.async_wait(as_result);
      if (error) co_return;
      const auto now = SteadyClock::now();
      for (Connection* connection : loop.connections)
        if (connection->deadline() < now) connection->cut();
    }
  }

  Task<void> accept(IoLoop& loop, Acceptor& acceptor, const Listener& listener) {
    for (;;) {
      auto [error, socket] = co_await acceptor.async_accept(as_result);
      if (!acceptor.is_open()) co_return;
      if (error) {
        if (is_shortage(error)) {
          Timer pause{loop.context};
          pause.expires_after(kOutOfFiles);
          (void)co_await pause.async_wait(as_result);
        }
        continue;
      }
      begin(loop, std::move(socket), listener);
    }
  }

  void begin(IoLoop& loop, Socket socket, const Listener& listener) {
    boost::system::error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;
    const auto peer = IpAddress::parse(remote.address().to_string());
    if (!peer || !state_.admit(*peer)) return;
    socket.set_option(Tcp::no_delay(true), error);
    socket.native_non_blocking(true, error);
    auto transport = listener.tls ? make_tls_transport(std::move(socket), state_.tls())
                                  : make_plain_transport(std::move(socket));
    if (!transport) {
      state_.release(*peer);
      return;
    }
    auto connection =
        std::make_unique<Connection>(state_, loop, listener, std::move(transport), *peer);
    asio::co_spawn(loop.context, Connection::serve(std::move(connection)), asio::detached);
  }

  ServerState state_;
  std::vector<std::unique_ptr<IoLoop>> loops_;
  std::vector<std::thread> threads_;
  std::atomic<bool> waking_{false};
  bool stopped_{false};
};

Result<void> check_public_url(const HttpOptions& options) {
  if (options.public_url.empty()) return {};
  const auto origin = Origin::parse(options.public_url);
  const auto wrong = [&](std::string why) {
    return invalid("\"" + options.public_url + "\" " + std::move(why));
  };
  if (!origin) return wrong("is not of the form https://host[:port]");
  const bool has_tls = !options.tls_cert_file.empty();
  if (has_tls && origin->scheme == Scheme::http)
    return wrong("must begin with https://, since the server speaks TLS");
  return {};
}

/// Every address can be read, and each can be listened on beside those before it.
Result<void> check_listeners(const HttpOptions& options) {
  std::vector<std::pair<std::string, Listener>> seen;
  const auto check = [&](const char* key, const std::string& text, Scheme scheme) -> Result<void> {
    auto listener = parse_listener(text, scheme);
    std::string why = listener ? "" : listener.error().detail;
    for (const auto& [other, taken] : seen) {
      if (listener && why.empty() && collide(taken, *listener))
        why =
            concat("\"", text, "\" cannot be listened on: ", other, " takes the same connections");
    }
    if (!why.empty())
      return Error{Errc::invalid_request, std::string{key} + ": " + why, {{key, why}}};
    seen.emplace_back(std::string{key} + " \"" + text + "\"", *listener);
    return {};
  };
  for (const std::string& text : options.listen)
    BALUHOST_CHECK(check("server.listen", text, scheme_of(options)));
  if (options.metrics_listen.empty()) return {};
  return check("metrics.listen", options.metrics_listen, Scheme::http);
}

} // namespace
} // namespace http

Result<void> check_http_options(const HttpOptions& options) {
  const auto scheme = http::scheme_of(options);
  if (scheme == http::Scheme::https)
    BALUHOST_CHECK(http::make_tls_context(options.tls_cert_file, options.tls_key_file));
  const auto about = [](const char* key, const auto& parsed) -> Result<void> {
    if (parsed) return {};
    Error error = Error{parsed.error()}.at(key);
    error.detail = std::string{key} + ": " + error.detail;
    return error;
  };
  BALUHOST_CHECK(http::check_custom_routes(options.routes));
  BALUHOST_CHECK(http::check_listeners(options));
  BALUHOST_CHECK(about("server.public_url", http::check_public_url(options)));
  BALUHOST_CHECK(
      about("server.trusted_proxies", http::TrustedProxies::parse(options.trusted_proxies)));
  return about("cors.allowed_origins", http::Cors::parse(options.cors_allowed_origins));
}

namespace http {

Result<std::unique_ptr<HttpServer>> make_server(const HttpOptions& options,
                                                const HttpServices& services,
                                                const RouteTable& routes) {
  std::signal(SIGPIPE, SIG_IGN); // sendfile has no flag against it
  BALUHOST_CHECK(check_http_options(options));
  BALUHOST_TRY(auto proxies, TrustedProxies::parse(options.trusted_proxies));
  BALUHOST_TRY(auto cors, Cors::parse(options.cors_allowed_origins));
  auto server =
      std::make_unique<BeastServer>(options, services, routes, std::move(proxies), std::move(cors));
  BALUHOST_CHECK(server->open(options));
  return std::unique_ptr<HttpServer>{std::move(server)};
}

} // namespace http
} // namespace baluhost
