#include "connection/response_head.hpp"

#include "dispatch/problem.hpp"
#include "dispatch/security_headers.hpp"
#include "fields/http_names.hpp"

#include <charconv>

namespace baluhost::http {
namespace {

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

std::string_view cache_control_of(const Response& response) noexcept {
  if (!response.cache_control.empty()) return response.cache_control;
  return response.author == Author::user ? "private, no-cache" : "no-store";
}

/// The Date of this second (RFC 9110 section 6.6.1), made once a second and thread.
const std::string& http_date(const Clock& clock) {
  thread_local std::int64_t second = -1;
  thread_local std::string text;
  const Timestamp now = clock.now();
  if (now.seconds() != second) {
    second = now.seconds();
    text = now.to_http_date();
  }
  return text;
}

} // namespace

void render_head(std::string& out, const HeadContext& context, const Request& request,
                 const Response& response, const Call* call, Framing framing) {
  out = "HTTP/1.1 ";
  append_number(out, response.status);
  out.append(" ")
      .append(reason_phrase(response.status))
      .append("\r\nDate: ")
      .append(http_date(context.clock))
      .append("\r\n");
  out += security_headers(response.author, context.scheme);
  out.append("Cache-Control: ").append(cache_control_of(response)).append("\r\n");
  out.append("X-Request-Id: ").append(request.id).append("\r\n");
  if (!response.content_type.empty())
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  if (framing.length) {
    out += "Content-Length: ";
    append_number(out, *framing.length);
    out += "\r\n";
  }
  if (framing.chunked) out += "Transfer-Encoding: chunked\r\n";
  if (!request.keep)
    out += "Connection: close\r\n";
  else if (request.head.minor_version == 0)
    out += "Connection: keep-alive\r\n";
  context.cors.add_headers(out, request.head.field(field_names::kOrigin));
  if (call != nullptr && call->route->traits.protocol == Protocol::tus)
    out += "Tus-Resumable: 1.0.0\r\n";
  out.append(response.headers).append("\r\n");
}

} // namespace baluhost::http
