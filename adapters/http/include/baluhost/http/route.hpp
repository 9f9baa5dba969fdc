#pragma once

#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/core/access/principal.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/result.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Routes of the program that embeds BaluHost, on the same listener and behind the same checks as
/// the API's.
namespace baluhost {

/// The methods that a route of one's own may have; `remove` is DELETE.
enum class HttpMethod { get, post, put, patch, remove };

/// A request to such a route; all of it is valid while its handler runs.
struct HttpRequest {
  /// Of the target, still encoded.
  std::string_view path;

  /// The values of the pattern's placeholders, decoded; of a `{path}` its segments.
  std::span<const std::string> parameters;

  /// The value of a parameter of the query, decoded; none where it is left out.
  FunctionRef<std::optional<std::string>(std::string_view name)> query;

  /// The value of a field by its name in lower case; empty where there is none.
  FunctionRef<std::string_view(std::string_view name)> field;

  std::string_view body;

  /// Who asks; null only where the route's right is `Permission::anyone`.
  const Principal* caller;
  const Client& client;

  /// As in the header field X-Request-Id and in the log.
  std::string_view request_id;
};

/// An answer. Each gets the header fields that every response of the server has.
struct HttpResponse {
  /// 200 to 599.
  int status{200};

  /// Empty: there is no body.
  std::string content_type{};
  std::string body{};

  /// Further fields: a name is a token, a value printable ASCII (RFC 9110 section 5.5). None that
  /// the server writes itself.
  std::vector<std::pair<std::string, std::string>> fields{};
};

/// Called on a thread of the server's, for many requests at once. An error is answered as problem
/// details, as those of the API, and recorded as a failure of the route's action, unless it was
/// recorded already. What is thrown is answered as an internal error.
using HttpHandler = std::function<Result<HttpResponse>(const HttpRequest&)>;

/// What a route asks of its caller beyond a role.
struct HttpRight {
  /// As `access_denied` names it.
  std::string name;

  /// Called on a thread of the server's, before the handler. False: 403, on record.
  std::function<bool(const Principal&, const HttpRequest&)> holds;
};

/// What a route needs or allows beyond the rest of them.
struct HttpRouteTraits {
  /// Known parameters of the query, separated by blanks; each other one is refused.
  std::string query{};

  /// Of a body, bytes, which is in memory when the handler runs; 64 MiB at most. 0: none is taken.
  std::int64_t max_body{64 * 1024};

  /// What a key needs for it; nothing in it: any key will do; none: no key will.
  std::optional<Scopes> key_scopes{};

  /// Only where a login is needed.
  std::optional<HttpRight> right{};
};

/// One route. Its right is named in so many words: without one, or with `{}` for one, it does not
/// compile.
struct HttpRoute {
  HttpMethod method;

  /// "/acme/reports/{name}": `{name}` stands for one segment, `{path}` at the end for one or more.
  /// Below neither "/api" nor "/dav", which are the server's.
  std::string pattern;
  Permission permission;

  /// What failures are recorded as, and what a refusal names. That it was done is recorded by the
  /// handler, with `AuditLog::record`.
  Action action;
  HttpHandler handler;
  HttpRouteTraits traits;

  /// As the members are called; a `Permission` by its own type alone.
  HttpRoute(HttpMethod m, std::string p, std::same_as<Permission> auto right, Action a,
            HttpHandler h, HttpRouteTraits t = {})
      : method(m),
        pattern(std::move(p)),
        permission(right),
        action(a),
        handler(std::move(h)),
        traits(std::move(t)) {}
};

} // namespace baluhost
