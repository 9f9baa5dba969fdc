#pragma once

#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
#include "dispatch/call.hpp"
#include "dispatch/response.hpp"

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::http {

enum class Method { get, head, post, put, patch, remove, options };

std::optional<Method> parse_method(
    std::string_view name) noexcept; ///< none for what is not known: 501
std::string_view to_string(Method method) noexcept;

enum class BodyRule {
  ignored,       ///< none is expected; a small one is skipped
  json,          ///< application/json, at most 64 KiB
  optional_json, ///< as `json`, or nothing
  content,       ///< taken piece by piece by the handler's sink
};

enum class PoolChoice {
  worker,
  hashing,
  query, ///< what grows with the trail: one of an account at a time, see `QueryPlaces`
};

/// authenticate → parse → one call into the core → its result. Runs on a worker thread, after the
/// checks that the route names.
using Handler = Outcome (*)(Call&);

/// What else the checks before a handler need to know.
struct RouteTraits {
  std::optional<Action> action{}; ///< what a failure is recorded as
  std::string_view operation{};   ///< for `access_denied`, where there is no action
  BodyRule body{BodyRule::ignored};
  std::string_view query{}; ///< known parameters, separated by blanks
  PoolChoice pool{PoolChoice::worker};
  bool expensive{false};           ///< of one user only so many a minute
  Slots Settings::*slots{nullptr}; ///< what lasts, and so takes one of few slots
  bool tus{false};
};

/// One line of the contract. Its right is named in so many words: a route without one, or with `{}`
/// for one, does not compile.
struct Route {
  Method method;
  std::string_view
      pattern; ///< `{name}` stands for one segment, `{path}` at the end for one or more
  Permission permission;
  Handler handler;
  RouteTraits traits;

  constexpr Route(Method m, std::string_view p, std::same_as<Permission> auto right, Handler h,
                  RouteTraits t = {})
      : method(m), pattern(p), permission(right), handler(h), traits(t) {}
};

/// Every route there is; its index names it in metrics.
std::span<const Route> route_table() noexcept;

/// Where a request goes.
struct RouteMatch {
  const Route* route{nullptr};
  std::size_t index{Metrics::kNoRoute};
  std::vector<std::string> parameters;
  std::string allowed; ///< for Allow, where the path is known; empty: not found
};
/// `segments` of the path, decoded. HEAD finds the route of GET; no method finds none, but what is
/// allowed.
RouteMatch find_route(std::optional<Method> method, std::span<const std::string> segments);

/// Splits a path that begins with a slash and decodes each segment; none for a broken encoding.
std::optional<std::vector<std::string>> split_path(std::string_view raw_path);

} // namespace baluhost::http
