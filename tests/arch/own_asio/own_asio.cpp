#include "baluhost/http/server.hpp"

#include <boost/asio.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>

// Timers, threads, signals and sockets of an Asio compiled here, in one program with BaluHost's.
int main() {
  namespace asio = boost::asio;
  using asio::ip::tcp;
  asio::io_context context;

  asio::steady_timer timer{context, std::chrono::milliseconds{5}};
  bool rang = false;
  timer.async_wait([&](boost::system::error_code error) { rang = !error; });

  asio::signal_set signals{context, SIGUSR1};
  bool signalled = false;
  signals.async_wait([&](boost::system::error_code error, int number) {
    signalled = !error && number == SIGUSR1;
  });
  std::raise(SIGUSR1);

  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  std::string received;
  acceptor.async_accept([&](boost::system::error_code error, tcp::socket socket) {
    boost::system::error_code end;
    if (!error) asio::read(socket, asio::dynamic_buffer(received), end);
  });
  asio::thread_pool pool{2};
  asio::post(pool, [&] {
    asio::io_context other;
    tcp::socket socket{other};
    socket.connect(acceptor.local_endpoint());
    asio::write(socket, asio::buffer("hello", 5));
  });
  context.run();
  pool.join();

  baluhost::HttpOptions options;
  options.listen = {"*:8080"};
  const bool refused = !baluhost::check_http_options(options);
  options.listen = {"127.0.0.1:0"};
  const bool accepted = baluhost::check_http_options(options).has_value();
  std::printf("timer %d signal %d socket %s refused %d accepted %d\n", rang, signalled,
              received.c_str(), refused, accepted);
  return rang && signalled && received == "hello" && refused && accepted ? 0 : 1;
}
