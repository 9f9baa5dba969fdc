#pragma once

#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/operation.hpp"
#include "baluhost/http/route.hpp"
#include "dispatch/call.hpp"
#include "dispatch/problem.hpp"
#include "dispatch/response.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a server serves is a table of routes: nothing here knows which.
namespace baluhost::http {

enum class Method { get, head, post, put, patch, remove, options };

/// None for what is not known: 501.
std::optional<Method> parse_method(std::string_view name) noexcept;
std::string_view to_string(Method method) noexcept;

/// `ignored`: none is expected, and a small one is skipped. `json`: application/json, at most 64
/// KiB. `optional_json`: as `json`, or nothing. `whole`: of any type, read before the handler runs.
/// `content`: taken piece by piece by the handler's sink.
enum class BodyRule { ignored, json, optional_json, whole, content };

/// `query` is for what grows with the trail: one of an account at a time, see `QueryPlaces`.
enum class PoolChoice { worker, hashing, query };

/// authenticate → parse → one call into the core → its result. Runs on a worker thread, after the
/// checks that the route names.
using Handler = Outcome (*)(Call&);

/// The limit of a body that is read before its handler runs, unless its route says otherwise.
inline constexpr std::int64_t kMaxPlainBody = 64 * 1024;

/// What else the checks before a handler need to know.
struct RouteTraits {
  /// What a failure is recorded as.
  std::optional<Action> action{};

  /// For `access_denied`, where it needs a login.
  std::optional<Operation> operation{};
  BodyRule body{BodyRule::ignored};

  /// Known parameters, separated by blanks.
  std::string_view query{};
  PoolChoice pool{PoolChoice::worker};

  /// Of one user only so many a minute.
  bool expensive{false};

  /// What lasts takes one of few slots.
  Slots Settings::*slots{nullptr};
  Protocol protocol{Protocol::http};

  /// Its first parameter is a user's name. To whoever lacks the right, another's looks as if it
  /// were not there.
  bool hides_others{false};

  /// Of a JSON body, bytes.
  std::int64_t max_body{kMaxPlainBody};

  /// GET and HEAD may come with the read cookie instead of an access token, so that links, images
  /// and videos work.
  bool read_cookie{false};

  /// Who comes by a share may use it, or becomes such a caller by it.
  bool shares{false};
  /// It is open to an account that has to have a second factor and has none yet.
  bool before_second_factor{false};

  /// What a key needs for it, all of it; `{}` set: any key will do; none: no key will.
  std::optional<Scopes> scope{};

  /// The route of the embedding program's that this one is; null for one of the server's.
  const HttpRoute* custom{nullptr};
};

/// One line of the contract. `{name}` in its pattern stands for one segment, `{path}` at the end,
/// or before one last segment, for one or more. Its right is named in so many words: a route
/// without one, or with `{}` for one, does not compile; nor does one that needs a login, without an
/// operation.
struct Route {
  Method method;
  std::string_view pattern;
  Permission permission;
  Handler handler;
  RouteTraits traits;

  constexpr Route(Method m, std::string_view p, std::same_as<Permission> auto right, Handler h,
                  RouteTraits t = {})
      : method(m), pattern(p), permission(right), handler(h), traits(t) {
    if (right != Permission::anyone && !t.operation && t.custom == nullptr)
      throw "does not compile: names no operation";
  }
};

/// What one server serves.
struct RouteTable {
  /// The index names a route in metrics.
  std::vector<Route> routes;

  /// The first segment of all paths that are for programs: they are not redirected to https.
  std::string_view root{};

  /// The first segments of paths below which there are no pages of a web application.
  std::span<const std::string_view> pageless{};

  /// The first segments of paths where a field may name the method, see `method_of`; empty:
  /// nowhere.
  std::span<const std::string_view> method_override_below{};

  /// What the custom routes among them are views of.
  std::shared_ptr<const std::vector<HttpRoute>> custom{};
};

/// Where a request goes: `route` with its `index`, and the values of its placeholders. Where there
/// is no route, `allowed` is for Allow; empty, if the path is not known.
struct RouteMatch {
  const Route* route{nullptr};
  std::size_t index{Metrics::kNoRoute};
  std::vector<std::string> parameters;
  std::string allowed;
};

/// `segments` of the path, decoded. HEAD finds the route of GET; no method finds none, but what is
/// allowed.
RouteMatch find_route(std::span<const Route> routes, std::optional<Method> method,
                      std::span<const std::string> segments);

/// Splits a path that begins with a slash and decodes each segment; none for a broken encoding.
std::optional<std::vector<std::string>> split_path(std::string_view raw_path);

} // namespace baluhost::http
