#include "server/listen_address.hpp"

#include "fields/http_names.hpp"

#include <boost/asio/ip/address.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace baluhost::http {
namespace {

/// Whether "[::]" takes IPv4's connections too, as the system has it unless told otherwise.
bool is_dual_stack() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  int only_v6 = 1;
  socklen_t size = sizeof only_v6;
  ::getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, &size);
  ::close(fd);
  return only_v6 == 0;
}

/// Whether `any` is all addresses of the machine, `address` among them.
bool covers(const asio::ip::address& any, const asio::ip::address& address) {
  if (!any.is_unspecified()) return false;
  return any.is_v6() == address.is_v6() || (any.is_v6() && is_dual_stack());
}

} // namespace

Result<Listener> parse_listener(const std::string& text, Scheme scheme) {
  const bool tls = scheme == Scheme::https;
  const auto wrong = [&](const std::string& why) {
    return invalid("\"" + text + "\" cannot be listened on: " + why);
  };
  Listener listener;
  listener.tls = tls;
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    listener.tls = false;
    if (tls) listener.kind = Listener::Kind::redirect;
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    if (!tls) return wrong("https needs tls.cert_file and tls.key_file");
  }
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) return wrong("it has the form address:port");
  auto host = rest.substr(0, colon);
  const auto port_text = rest.substr(colon + 1);
  int port = 0;
  for (const char c : port_text)
    port = is_digit(c) && port <= 65535 ? port * 10 + (c - '0') : 65536;
  if (port_text.empty() || port > 65535) return wrong("the port is a number up to 65535");
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return wrong("an IPv6 address stands in brackets");
  boost::system::error_code error;
  const auto address =
      asio::ip::make_address(host == "localhost" ? "127.0.0.1" : std::string{host}, error);
  if (error) return wrong("the address is an IP address or localhost");
  listener.endpoint = {address, static_cast<unsigned short>(port)};
  return listener;
}

bool collide(const Listener& one, const Listener& other) {
  const auto port = one.endpoint.port();
  if (port == 0 || port != other.endpoint.port()) return false;
  const auto first = one.endpoint.address(), second = other.endpoint.address();
  return first == second || covers(first, second) || covers(second, first);
}

} // namespace baluhost::http
