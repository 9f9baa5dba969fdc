#include "dispatch/routeless.hpp"

#include "dispatch/problem.hpp"
#include "fields/accept.hpp"
#include "fields/conditional.hpp"
#include "fields/content_types.hpp"
#include "fields/http_names.hpp"

#include <algorithm>

namespace baluhost::http {
namespace {

bool wants_page(const RequestHead& head) { return head.method == "GET" || head.method == "HEAD"; }

Response text_page(std::string_view content_type, std::string text) {
  Response response;
  response.content_type = content_type;
  response.body = std::move(text);
  return response;
}

constexpr std::string_view kPage = "/index.html";

/// A name that holds the hash of what it names never names anything else.
constexpr std::string_view kHashed = "/assets/";

const WebAsset* find_asset(std::span<const WebAsset> assets, std::string_view path) {
  const auto found = std::ranges::lower_bound(assets, path, {}, &WebAsset::path);
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

/// An asset as one client gets it.
struct Coded {
  std::string_view coding;
  std::string_view content;
};

Coded code_for(const WebAsset& asset, const RequestHead& head) {
  const auto accepted = head.list("accept-encoding").value_or("");
  if (!asset.brotli.empty() && accepts_coding(accepted, "br")) return {"br", asset.brotli};
  if (!asset.gzip.empty() && accepts_coding(accepted, "gzip")) return {"gzip", asset.gzip};
  return {{}, asset.content};
}

/// Compared weakly, as If-None-Match is (RFC 9110 section 13.1.2). One that is malformed matches
/// nothing.
bool is_known(const RequestHead& head, std::string_view etag) {
  const auto known = parse_condition(head.list("if-none-match"));
  if (!known || !known->present) return false;
  return known->any || std::ranges::any_of(known->etags, [&](std::string_view tag) {
           return tag.starts_with("W/") ? tag.substr(2) == etag : tag == etag;
         });
}

Response send_asset(const WebAsset& asset, const RequestHead& head) {
  const Coded coded = code_for(asset, head);
  const bool hashed = asset.path.starts_with(kHashed);
  auto etag = "\"" + std::string{asset.hash} + "\"";
  if (!coded.coding.empty()) etag.insert(etag.size() - 1, "-" + std::string{coded.coding});
  Response response;
  response.cache_control = hashed ? "public, max-age=31536000, immutable" : "no-cache";
  response.add(field_names::kETag, etag);
  response.add("Vary", asset.path == kPage ? "Accept, Accept-Encoding" : "Accept-Encoding");
  if (is_known(head, etag)) {
    response.status = 304;
    return response;
  }
  if (!coded.coding.empty()) response.add("Content-Encoding", coded.coding);
  response.content_type = asset.content_type;
  response.body = coded.content;
  return response;
}

} // namespace

std::optional<Response> asset_response(std::span<const WebAsset> assets, const RequestHead& head,
                                       Pages pages) {
  if (assets.empty() || !wants_page(head)) return std::nullopt;
  const WebAsset* asset = find_asset(assets, head.path);
  if (asset == nullptr && pages == Pages::here &&
      accepts_type(head.list("accept").value_or(""), "text/html"))
    asset = find_asset(assets, kPage);
  if (asset == nullptr) return std::nullopt;
  return send_asset(*asset, head);
}

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
