#include "dispatch/route.hpp"

#include "baluhost/domain/names.hpp"
#include "baluhost/domain/percent.hpp"
#include "fields/http_names.hpp"

namespace baluhost::http {
namespace {

/// None where the pattern does not fit; else the placeholders' values.
bool fits(std::string_view pattern, std::span<const std::string> segments,
          std::vector<std::string>* parameters) {
  pattern.remove_prefix(1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto end = pattern.find('/');
    const bool last = end == std::string_view::npos;
    const auto part = pattern.substr(0, end);
    pattern.remove_prefix(last ? pattern.size() : end + 1);
    if (part == "{path}") {
      auto path = segments.subspan(i);
      if (!last) { // what is done with the path stands after it
        if (path.size() < 2 || path.back() != pattern) return false;
        path = path.first(path.size() - 1);
      }
      if (parameters != nullptr) parameters->assign(path.begin(), path.end());
      return true;
    }
    if (!part.empty() && part.front() == '{') {
      if (segments[i].empty()) return false;
      if (parameters != nullptr) parameters->push_back(segments[i]);
    } else if (part != segments[i]) {
      return false;
    }
    if (last) return i + 1 == segments.size();
  }
  return false;
}

void allow(std::string& allowed, std::string_view method) {
  if (list_has(allowed, method)) return;
  if (!allowed.empty()) allowed += ", ";
  allowed += method;
}

constexpr auto kMethods = names<Method>({{Method::get, "GET"},
                                         {Method::head, "HEAD"},
                                         {Method::post, "POST"},
                                         {Method::put, "PUT"},
                                         {Method::patch, "PATCH"},
                                         {Method::remove, "DELETE"},
                                         {Method::options, "OPTIONS"}});

} // namespace

std::optional<Method> parse_method(std::string_view name) noexcept {
  for (const auto& [method, known] : kMethods)
    if (known == name) return method;
  return std::nullopt;
}

std::string_view to_string(Method method) noexcept { return name_of(kMethods, method); }

RouteMatch find_route(std::span<const Route> routes, std::optional<Method> method,
                      std::span<const std::string> segments) {
  RouteMatch match;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Route& route = routes[i];
    const bool wanted =
        route.method == method || (method == Method::head && route.method == Method::get);
    if (!wanted || !fits(route.pattern, segments, nullptr)) continue;
    fits(route.pattern, segments, &match.parameters);
    match.route = &route;
    match.index = i;
    return match;
  }
  for (const Route& route : routes) {
    if (!fits(route.pattern, segments, nullptr)) continue;
    allow(match.allowed, to_string(route.method));
    if (route.method == Method::get) allow(match.allowed, "HEAD");
  }
  if (!match.allowed.empty()) allow(match.allowed, "OPTIONS");
  return match;
}

std::optional<std::vector<std::string>> split_path(std::string_view raw_path) {
  std::vector<std::string> segments;
  raw_path.remove_prefix(1);
  for (;;) {
    const auto slash = raw_path.find('/');
    auto segment = percent_decode(raw_path.substr(0, slash));
    if (!segment) return std::nullopt;
    segments.push_back(*std::move(segment));
    if (slash == std::string_view::npos) return segments;
    raw_path.remove_prefix(slash + 1);
  }
}

} // namespace baluhost::http
