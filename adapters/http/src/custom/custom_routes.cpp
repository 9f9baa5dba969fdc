#include "custom/custom_routes.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/text.hpp"
#include "fields/http_names.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>

namespace baluhost::http {
namespace {

constexpr std::int64_t kMaxBody = std::int64_t{64} << 20;

/// What belongs to the server, whatever is served below it today.
constexpr auto kReserved =
    std::to_array<std::string_view>({"api", "dav", "assets", "livez", "readyz", "healthz"});

/// What the server writes itself, in lower case.
constexpr auto kOwnFields = std::to_array<std::string_view>(
    {"connection", "content-length", "content-type", "date", "keep-alive", "cache-control",
     "x-request-id", "transfer-encoding", "set-cookie"});

Method method_of(HttpMethod method) noexcept {
  switch (method) {
    case HttpMethod::get:
      return Method::get;
    case HttpMethod::post:
      return Method::post;
    case HttpMethod::put:
      return Method::put;
    case HttpMethod::patch:
      return Method::patch;
    case HttpMethod::remove:
      return Method::remove;
  }
  return Method::options;
}

bool is_segment(std::string_view segment, bool is_last) {
  if (segment == "{path}") return is_last;
  if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
    segment.remove_prefix(1);
    segment.remove_suffix(1);
  }
  return !segment.empty() && std::ranges::all_of(segment, [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '~';
  });
}

bool is_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.front() != '/') return false;
  pattern.remove_prefix(1);
  if (std::ranges::find(kReserved, pattern.substr(0, pattern.find('/'))) != kReserved.end() ||
      pattern.starts_with('{'))
    return false;
  for (;;) {
    const bool is_last = pattern.find('/') == std::string_view::npos;
    if (!is_segment(take_until(pattern, '/'), is_last)) return false;
    if (is_last) return true;
  }
}

Error wrong(const HttpRoute& route, std::string_view what) {
  const std::string name =
      std::string{to_string(method_of(route.method))} + " " + printable(route.pattern);
  return Error{.code = Errc::invalid_request,
               .detail = "the route " + name + " " + std::string{what},
               .fields = {{"routes", name + " " + std::string{what}}}};
}

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_own_field(std::string_view name) {
  return std::ranges::any_of(kOwnFields,
                             [&](std::string_view own) { return equals_ignoring_case(name, own); });
}

/// What a program wrote is held against the protocol, as a mistake would split the answer.
Result<Response> to_response(HttpResponse given) {
  if (given.status < 200 || given.status > 599)
    return Error{Errc::internal,
                 "a route answered with the status " + std::to_string(given.status)};
  Response response;
  response.status = given.status;
  for (const auto& [name, value] : given.fields) {
    if (!is_token(name) || !is_printable_ascii(value) || is_own_field(name))
      return Error{Errc::internal, "a route answered with the field " + printable(name)};
    response.add(name, value);
  }
  if (given.content_type.empty()) return response;
  if (!is_printable_ascii(given.content_type))
    return Error{Errc::internal, "a route answered with a content type that is none"};
  response.content_type = std::move(given.content_type);
  response.body = std::move(given.body);
  return response;
}

/// The handler of all custom routes.
Outcome serve(Call& call) {
  const HttpRoute& route = *call.route->traits.custom;
  call.resource = printable(call.raw_path);
  const auto query = [&](std::string_view name) { return call.query.text(name); };
  const auto field = [&](std::string_view name) {
    const auto value = call.head.field(name);
    return value.data() == nullptr ? std::string_view{""} : value;
  };
  const HttpRequest request{.path = call.raw_path,
                            .parameters = call.parameters,
                            .query = query,
                            .field = field,
                            .body = call.body,
                            .caller = call.caller ? &*call.caller : nullptr,
                            .client = call.client,
                            .request_id = call.request_id};
  if (const auto& right = route.traits.right; right && !right->holds(call.principal(), request))
    return call.services.audit_log.denied(call.principal(), printable(call.raw_path),
                                          route.action.name(), right->name,
                                          Error{.code = Errc::forbidden});
  BALUHOST_TRY(auto answer, route.handler(request));
  BALUHOST_TRY(auto response, to_response(std::move(answer)));
  return response;
}

Route to_route(const HttpRoute& custom) {
  RouteTraits traits{.action = custom.action,
                     .body = custom.traits.max_body > 0 ? BodyRule::whole : BodyRule::ignored,
                     .query = custom.traits.query,
                     .scope = custom.traits.key_scopes,
                     .custom = &custom};
  if (custom.traits.max_body > 0) traits.max_body = custom.traits.max_body;
  return Route{method_of(custom.method), custom.pattern, custom.permission, serve, traits};
}

} // namespace

Result<void> check_custom_routes(std::span<const HttpRoute> routes) {
  std::set<std::pair<HttpMethod, std::string>> seen;
  for (const HttpRoute& route : routes) {
    if (!is_pattern(route.pattern)) return wrong(route, "is no pattern, or is the server's");
    if (!seen.emplace(route.method, route.pattern).second) return wrong(route, "is there twice");
    if (route.action.built_in()) return wrong(route, "needs an action of your own");
    if (!route.handler) return wrong(route, "has no handler");
    if (route.traits.max_body < 0 || route.traits.max_body > kMaxBody)
      return wrong(route, "takes bodies of 0 to 64 MiB");
    if (const auto& right = route.traits.right;
        right && (!right->holds || route.permission == Permission::anyone))
      return wrong(route, "has a right that needs a login and a function");
  }
  return {};
}

RouteTable with_custom_routes(RouteTable table, std::vector<HttpRoute> routes) {
  auto owned = std::make_shared<const std::vector<HttpRoute>>(std::move(routes));
  for (const HttpRoute& route : *owned) table.routes.push_back(to_route(route));
  table.custom = std::move(owned);
  return table;
}

} // namespace baluhost::http
