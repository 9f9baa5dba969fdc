#include "dispatch/routeless.hpp"

#include "dispatch/problem.hpp"
#include "fields/content_types.hpp"
#include "fields/http_names.hpp"

namespace baluhost::http {
namespace {

bool wants_page(const RequestHead& head) { return head.method == "GET" || head.method == "HEAD"; }

Response text_page(std::string_view content_type, std::string text) {
  Response response;
  response.content_type = content_type;
  response.body = std::move(text);
  return response;
}

} // namespace

Response options_of_server() {
  auto response = no_content();
  response.add(field_names::kAllow, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  return response;
}

Response options_of_path(std::string_view allowed, const RequestHead& head, const Cors& cors) {
  auto response = no_content();
  response.add(field_names::kAllow, allowed);
  if (head.has(field_names::kRequestedMethod))
    cors.add_preflight(response.headers, head.field(field_names::kOrigin), allowed);
  return response;
}

Response no_route(std::string_view allowed, std::string_view request_id) {
  if (allowed.empty())
    return problem(Refusal{.status = 404, .code = "not_found", .detail = "There is nothing here."},
                   request_id);
  return problem(Refusal{.status = 405,
                         .code = "method_not_allowed",
                         .detail = "The method is not allowed here.",
                         .headers = "Allow: " + std::string{allowed} + "\r\n"},
                 request_id);
}

Response redirect_to(std::string_view origin, const RequestHead& head,
                     std::string_view request_id) {
  if (!wants_page(head) || head.host.empty() || origin.empty()) return needs_https(request_id);
  auto response = text_page(content_types::kText, "This is served over https.\n");
  response.status = 308;
  const auto query = head.query.empty() ? std::string{} : "?" + std::string{head.query};
  response.add(field_names::kLocation, std::string{origin} + std::string{head.path} + query);
  return response;
}

Response needs_https(std::string_view request_id) {
  return problem(Refusal{.status = 403, .code = "forbidden", .detail = "This needs https."},
                 request_id);
}

Response metrics_page(const Metrics& metrics, const RequestHead& head,
                      std::string_view request_id) {
  if (head.path != "/metrics" || !wants_page(head))
    return problem(Refusal{.status = 404, .code = "not_found", .detail = "Here are only metrics."},
                   request_id);
  return text_page(content_types::kMetrics, metrics.text());
}

} // namespace baluhost::http
