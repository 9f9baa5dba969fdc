#include "fields/head_check.hpp"

#include "fields/http_names.hpp"

#include <algorithm>
#include <limits>

// Two programs that read one byte stream differently are how requests are smuggled. So nothing here
// repairs or guesses: line ends are CRLF, lengths are given once and in digits, the only transfer
// coding is chunked, and what is left over is an error. The one host of a request is its target's,
// where that is absolute; Host has to be there all the same, once and well-formed (RFC 9112
// section 3.2).
namespace baluhost::http {
namespace {

/// Fields that mean nothing sensible twice.
constexpr std::string_view kSingle[] = {"authorization",
                                        "content-type",
                                        "expect",
                                        "origin",
                                        "range",
                                        "if-range",
                                        "if-modified-since",
                                        "content-range",
                                        "content-encoding",
                                        "upload-offset",
                                        "upload-length",
                                        "tus-resumable",
                                        "upload-checksum",
                                        "if-unmodified-since",
                                        "upload-metadata",
                                        "x-requested-with",
                                        "last-event-id",
                                        "user-agent",
                                        "cookie",
                                        "sec-fetch-site",
                                        "upload-defer-length",
                                        "x-request-id",
                                        "access-control-request-method",
                                        "content-digest",
                                        "repr-digest",
                                        "x-http-method-override"};

Refusal bad(std::string_view detail) { return {.detail = detail}; }

constexpr bool is_target_char(char c) noexcept {
  return c > 0x20 && c < 0x7f && std::string_view{"\"#<>\\^`{|}"}.find(c) == std::string_view::npos;
}

constexpr bool is_value_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  for (const char c : text)
    if (!predicate(c)) return false;
  return true;
}

/// Takes scheme and authority off the front of an absolute target (RFC 9112 section 3.2.2); false
/// where it is none.
bool take_authority(std::string_view& target, std::string_view& authority) {
  const auto colon = target.find("://");
  const auto scheme = target.substr(0, std::min(colon, target.size()));
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return false;
  target.remove_prefix(scheme.size() + 3);
  authority = target.substr(0, target.find_first_of("/?"));
  target.remove_prefix(authority.size());
  return is_valid_host(authority);
}

std::optional<Refusal> read_target(std::string_view target, RequestHead& head,
                                   std::string_view& authority) {
  if (target.size() > HeadLimits::target)
    return Refusal{
        .status = 414, .code = "uri_too_long", .detail = "the target has more than 8 KiB"};
  if (target == "*" && head.method != "OPTIONS") return bad("only OPTIONS has the target *");
  if (!all(target, is_target_char))
    return bad("a character of the target is to be percent-encoded");
  const bool is_relative = target == "*" || target.starts_with('/');
  if (!is_relative && !take_authority(target, authority))
    return bad("the target is a path or an http URL");
  head.path = take_until(target, '?');
  head.query = target;
  // An absolute target for OPTIONS without a path is about the server itself (section 3.2.4).
  if (head.path.empty()) head.path = head.method == "OPTIONS" && head.query.empty() ? "*" : "/";
  return std::nullopt;
}

std::optional<Refusal> read_request_line(std::string_view line, RequestHead& head,
                                         std::string_view& authority) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("the request line has three parts");
  head.method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(head.method)) return bad("the method is no token");
  if (head.method.size() > HeadLimits::method)
    return Refusal{.status = 501, .code = "not_implemented", .detail = "the method is not known"};
  if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7]))
    return bad("the version is malformed");
  if (version[5] != '1' || version[7] > '1')
    return Refusal{
        .status = 505, .code = "http_version_not_supported", .detail = "this is HTTP/1.1"};
  head.minor_version = version[7] - '0';
  return read_target(target, head, authority);
}

std::optional<Refusal> read_length(std::string_view value, RequestHead& head) {
  if (head.content_length) return bad("Content-Length is there twice");
  if (value.empty() || value.size() > 19 || !all(value, is_digit))
    return bad("Content-Length is a number");
  std::uint64_t length = 0;
  for (const char c : value) length = length * 10 + static_cast<std::uint64_t>(c - '0');
  if (length > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return bad("Content-Length is too large");
  head.content_length = static_cast<std::int64_t>(length);
  return std::nullopt;
}

std::optional<Refusal> read_coding(std::string_view value, RequestHead& head) {
  if (head.chunked) return bad("Transfer-Encoding is there twice");
  if (head.minor_version == 0) return bad("HTTP/1.0 has no Transfer-Encoding");
  if (equals_ignoring_case(value, "chunked")) {
    head.chunked = true;
    return std::nullopt;
  }
  if (value.empty()) return bad("Transfer-Encoding is empty");
  auto rest = value;
  std::size_t chunked = 0;
  while (!rest.empty()) {
    const auto coding = trimmed(take_until(rest, ','));
    if (!is_token(coding)) return bad("Transfer-Encoding is malformed");
    if (equals_ignoring_case(coding, "chunked")) ++chunked;
  }
  if (chunked > 1) return bad("chunked is applied once");
  return Refusal{
      .status = 501, .code = "not_implemented", .detail = "the only transfer coding is chunked"};
}

std::optional<Refusal> read_field(const HeaderField& field, RequestHead& head, bool& closes,
                                  bool& persists) {
  if (equals_ignoring_case(field.name, "content-length")) return read_length(field.value, head);
  if (equals_ignoring_case(field.name, "transfer-encoding")) return read_coding(field.value, head);
  if (equals_ignoring_case(field.name, "host")) {
    if (head.host.data() != nullptr) return bad("Host is there twice");
    if (!is_valid_host(field.value)) return bad("Host is malformed");
    head.host = field.value;
    return std::nullopt;
  }
  if (equals_ignoring_case(field.name, "connection")) {
    closes = closes || list_has(field.value, "close");
    persists = persists || list_has(field.value, "keep-alive");
    return std::nullopt;
  }
  for (const auto single : kSingle)
    if (equals_ignoring_case(field.name, single) && head.has(single))
      return bad("a field that is given once is there twice");
  return std::nullopt;
}

std::optional<Refusal> read_line(std::string_view line, HeaderField& field) {
  if (line.front() == ' ' || line.front() == '\t')
    return bad("a field is not continued on the next line");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return bad("a field has a colon");
  field.name = line.substr(0, colon);
  field.value = trimmed(line.substr(colon + 1));
  if (!is_token(field.name)) return bad("a field's name is a token, right before the colon");
  if (!all(field.value, is_value_char)) return bad("a field holds a control character");
  return std::nullopt;
}

std::optional<Refusal> check_meaning(RequestHead& head, bool closes, bool persists) {
  if (head.chunked && head.content_length)
    return bad("Content-Length and Transfer-Encoding exclude each other");
  if (head.host.data() == nullptr && head.minor_version == 1) return bad("HTTP/1.1 has a Host");
  head.keep_alive = head.minor_version == 1 ? !closes : persists && !closes;
  const auto expect = head.field("expect");
  if (expect.data() != nullptr && head.minor_version == 1) {
    if (!equals_ignoring_case(expect, "100-continue"))
      return Refusal{.status = 417,
                     .code = "expectation_failed",
                     .detail = "the only expectation is 100-continue"};
    head.expects_continue = head.has_body();
  }
  return std::nullopt;
}

} // namespace

std::string_view RequestHead::field(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < count_; ++i)
    if (equals_ignoring_case(fields_[i].name, name)) return fields_[i].value;
  return {};
}

std::optional<std::string> RequestHead::list(std::string_view name) const {
  std::optional<std::string> joined;
  for (std::size_t i = 0; i < count_; ++i) {
    if (!equals_ignoring_case(fields_[i].name, name)) continue;
    if (joined)
      joined->append(", ").append(fields_[i].value);
    else
      joined = fields_[i].value;
  }
  return joined;
}

std::size_t HeadScan::skip(std::string_view received) {
  if (skipped || !received.starts_with("\r\n")) return 0;
  skipped = true;
  return 2;
}

void HeadScan::look(std::string_view received) {
  if (received.empty() || end || refusal) return;
  if (received == "\r" && !skipped) return;
  if (!is_token_char(received.front())) {
    refusal = bad("this is no request");
    return;
  }
  for (;;) {
    const auto feed = received.find('\n', scanned);
    if (feed == std::string_view::npos) break;
    if (feed == 0 || received[feed - 1] != '\r') {
      refusal = bad("a line ends with CRLF");
      return;
    }
    scanned = feed + 1;
    if (feed >= 3 && received[feed - 2] == '\n') {
      end = scanned;
      break;
    }
  }
  if (end && *end <= HeadLimits::head) return;
  const auto first_line = received.find('\n');
  if (first_line == std::string_view::npos &&
      received.size() > HeadLimits::target + HeadLimits::method + 16)
    refusal =
        Refusal{.status = 414, .code = "uri_too_long", .detail = "the target has more than 8 KiB"};
  else if (end || received.size() > HeadLimits::head)
    refusal = Refusal{
        .status = 431, .code = "header_too_large", .detail = "the head has more than 16 KiB"};
  if (refusal) end.reset();
}

std::optional<Refusal> check_head(std::string_view raw, RequestHead& head) {
  head = RequestHead{};
  const auto take_line = [&raw](std::string_view& line) {
    const auto at = raw.find("\r\n");
    if (at == std::string_view::npos) return false;
    line = raw.substr(0, at);
    raw.remove_prefix(at + 2);
    return true;
  };
  std::string_view line;
  if (!take_line(line)) return bad("a line ends with CRLF");
  std::string_view authority;
  if (auto refusal = read_request_line(line, head, authority)) return refusal;
  bool closes = false;
  bool persists = false;
  for (;;) {
    if (!take_line(line)) return bad("the head ends with an empty line");
    if (line.empty()) break;
    if (head.count_ == HeadLimits::fields)
      return Refusal{
          .status = 431, .code = "header_too_large", .detail = "there are more than 100 fields"};
    HeaderField field;
    if (auto refusal = read_line(line, field)) return refusal;
    if (auto refusal = read_field(field, head, closes, persists)) return refusal;
    head.fields_[head.count_++] = field;
  }
  if (!raw.empty()) return bad("the head ends with an empty line");
  if (auto refusal = check_meaning(head, closes, persists)) return refusal;
  if (!authority.empty()) head.host = authority;
  return std::nullopt;
}

bool is_valid_host(std::string_view host) noexcept {
  std::string_view port;
  if (!host.empty() && host.front() == '[') {
    const auto bracket = host.find(']');
    if (bracket == std::string_view::npos || bracket < 3) return false;
    for (const char c : host.substr(1, bracket - 1))
      if (!is_alphanumeric(c) && c != ':' && c != '.') return false;
    port = host.substr(bracket + 1);
  } else {
    const auto colon = host.find(':');
    const auto name = host.substr(0, colon);
    if (name.empty() || name.size() > 255) return false;
    for (const char c : name)
      if (!is_alphanumeric(c) && c != '-' && c != '.' && c != '_') return false;
    port = colon == std::string_view::npos ? std::string_view{} : host.substr(colon);
  }
  if (port.empty()) return true;
  if (port.front() != ':' || port.size() < 2 || port.size() > 6) return false;
  int number = 0;
  for (const char c : port.substr(1)) {
    if (!is_digit(c)) return false;
    number = number * 10 + (c - '0');
  }
  return number <= 65535;
}

} // namespace baluhost::http
