#include "dispatch/route_table.hpp"

#include "fields/http_names.hpp"
#include "fields/percent.hpp"
#include "routes/routes.hpp"

namespace baluhost::http {
namespace {

using enum BodyRule;
constexpr auto kAnyone = Permission::anyone;
constexpr auto kUser = Permission::authenticated;
constexpr auto kAudit = Permission::audit;
constexpr auto kAdmin = Permission::administer;

constexpr std::string_view kEventQuery =
    "event_type action user resource resource_prefix success ip_address from to order limit cursor";
constexpr std::string_view kExportQuery =
    "format event_type action user resource resource_prefix success ip_address from to order "
    "cursor seals first_seal last_seal";

constexpr Route kRoutes[] = {
    {Method::post,
     "/api/v1/auth/login",
     kAnyone,
     auth_routes::login,
     {.action = Action::login_failed, .body = json, .pool = PoolChoice::hashing}},
    {Method::post,
     "/api/v1/auth/refresh",
     kAnyone,
     auth_routes::refresh,
     {.action = Action::token_refresh, .body = optional_json}},
    {Method::post, "/api/v1/auth/logout", kUser, auth_routes::logout, {.action = Action::logout}},
    {Method::post,
     "/api/v1/auth/logout-all",
     kUser,
     auth_routes::logout_all,
     {.action = Action::logout_all}},
    {Method::get, "/api/v1/auth/me", kUser, auth_routes::me, {.operation = "read_user"}},
    {Method::post,
     "/api/v1/auth/password",
     kUser,
     auth_routes::change_password,
     {.action = Action::password_change_failed, .body = json, .pool = PoolChoice::hashing}},
    {Method::get,
     "/api/v1/auth/sessions",
     kUser,
     auth_routes::list_sessions,
     {.operation = "list_sessions", .query = "limit cursor"}},
    {Method::remove,
     "/api/v1/auth/sessions/{id}",
     kUser,
     auth_routes::revoke_session,
     {.action = Action::session_revoked}},

    {Method::get,
     "/api/v1/users",
     kAdmin,
     user_routes::list,
     {.operation = "list_users", .query = "limit cursor"}},
    {Method::post,
     "/api/v1/users",
     kAdmin,
     user_routes::create,
     {.action = Action::user_created, .body = json, .pool = PoolChoice::hashing}},
    {Method::get, "/api/v1/users/{username}", kUser, user_routes::get, {.operation = "read_user"}},
    {Method::patch,
     "/api/v1/users/{username}",
     kAdmin,
     user_routes::update,
     {.action = Action::user_updated, .body = json, .pool = PoolChoice::hashing}},
    {Method::remove,
     "/api/v1/users/{username}",
     kAdmin,
     user_routes::remove,
     {.action = Action::user_deleted, .query = "purge"}},
    {Method::remove,
     "/api/v1/users/{username}/sessions",
     kAdmin,
     user_routes::end_sessions,
     {.action = Action::session_revoked}},

    {Method::put,
     "/api/v1/grants",
     kUser,
     grant_routes::put,
     {.action = Action::permission_granted, .body = json}},
    {Method::get,
     "/api/v1/grants",
     kUser,
     grant_routes::list,
     {.operation = "list_grants", .query = "path grantee limit cursor"}},
    {Method::remove,
     "/api/v1/grants",
     kUser,
     grant_routes::remove,
     {.action = Action::permission_revoked, .query = "path grantee"}},

    {Method::get, "/api/v1/files/{path}", kUser, file_routes::get, {.action = Action::download}},
    {Method::put,
     "/api/v1/files/{path}",
     kUser,
     file_routes::put,
     {.action = Action::upload, .body = content, .query = "overwrite parents"}},
    {Method::remove,
     "/api/v1/files/{path}",
     kUser,
     file_routes::remove,
     {.action = Action::remove, .query = "recursive"}},
    {Method::get, "/api/v1/meta/{path}", kUser, file_routes::meta, {.operation = "read_metadata"}},
    {Method::get,
     "/api/v1/dirs",
     kUser,
     file_routes::homes,
     {.operation = "list_directory", .query = "limit cursor"}},
    {Method::get,
     "/api/v1/dirs/",
     kUser,
     file_routes::homes,
     {.operation = "list_directory", .query = "limit cursor"}},
    {Method::get,
     "/api/v1/dirs/{path}",
     kUser,
     file_routes::list,
     {.operation = "list_directory", .query = "limit cursor"}},
    {Method::post,
     "/api/v1/dirs/{path}",
     kUser,
     file_routes::make_directory,
     {.action = Action::create_directory, .query = "parents"}},
    {Method::post,
     "/api/v1/actions/move",
     kUser,
     file_routes::move,
     {.action = Action::move, .body = json}},
    {Method::post,
     "/api/v1/actions/copy",
     kUser,
     file_routes::copy,
     {.action = Action::copy, .body = json}},
    {Method::get, "/api/v1/usage", kUser, file_routes::usage, {.operation = "read_usage"}},

    {Method::options, "/api/v1/uploads", kAnyone, upload_routes::options, {.tus = true}},
    {Method::get,
     "/api/v1/uploads",
     kUser,
     upload_routes::list,
     {.operation = "list_uploads", .query = "path limit cursor"}},
    {Method::post,
     "/api/v1/uploads",
     kUser,
     upload_routes::create,
     {.action = Action::upload, .body = content, .tus = true}},
    {Method::head,
     "/api/v1/uploads/{id}",
     kUser,
     upload_routes::status,
     {.operation = "read_upload", .tus = true}},
    {Method::patch,
     "/api/v1/uploads/{id}",
     kUser,
     upload_routes::append,
     {.action = Action::upload, .body = content, .tus = true}},
    {Method::remove,
     "/api/v1/uploads/{id}",
     kUser,
     upload_routes::terminate,
     {.action = Action::upload, .tus = true}},

    {Method::get,
     "/api/v1/audit/events",
     kUser,
     audit_routes::query,
     {.operation = "query_audit", .query = kEventQuery, .pool = PoolChoice::query}},
    {Method::get,
     "/api/v1/audit/events/{id}",
     kUser,
     audit_routes::find,
     {.operation = "query_audit"}},
    {Method::get,
     "/api/v1/audit/stats",
     kUser,
     audit_routes::statistics,
     {.operation = "query_audit",
      .query = "from to user",
      .pool = PoolChoice::query,
      .expensive = true}},
    {Method::get,
     "/api/v1/audit/export",
     kAudit,
     audit_routes::export_events,
     {.action = Action::audit_exported,
      .query = kExportQuery,
      .pool = PoolChoice::query,
      .expensive = true,
      .slots = &Settings::exports}},
    {Method::get,
     "/api/v1/audit/stream",
     kAudit,
     audit_routes::stream,
     {.operation = "follow_audit"}},
    {Method::get,
     "/api/v1/audit/seals",
     kAudit,
     audit_routes::seals,
     {.operation = "list_seals", .query = "limit cursor"}},
    {Method::post,
     "/api/v1/audit/verify",
     kAudit,
     audit_routes::verify,
     {.action = Action::audit_verified, .expensive = true, .slots = &Settings::verifications}},

    {Method::get, "/api/v1/openapi.yaml", kAnyone, operation_routes::openapi},
    {Method::get, "/livez", kAnyone, operation_routes::live},
    {Method::get, "/readyz", kAnyone, operation_routes::ready},
    {Method::get, "/healthz", kAnyone, operation_routes::ready},
};

/// None where the pattern does not fit; else the placeholders' values.
bool fits(std::string_view pattern, std::span<const std::string> segments,
          std::vector<std::string>* parameters) {
  pattern.remove_prefix(1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = pattern.find('/') == std::string_view::npos;
    const auto part = take_until(pattern, '/');
    if (part == "{path}") {
      if (parameters != nullptr)
        parameters->assign(segments.begin() + static_cast<std::ptrdiff_t>(i), segments.end());
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

} // namespace

std::optional<Method> parse_method(std::string_view name) noexcept {
  for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                              Method::remove, Method::options})
    if (to_string(method) == name) return method;
  return std::nullopt;
}

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::remove:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
  }
  return {};
}

std::span<const Route> route_table() noexcept { return kRoutes; }

RouteMatch find_route(std::optional<Method> method, std::span<const std::string> segments) {
  RouteMatch match;
  for (std::size_t i = 0; i < std::size(kRoutes); ++i) {
    const Route& route = kRoutes[i];
    const bool wanted =
        route.method == method || (method == Method::head && route.method == Method::get);
    if (!fits(route.pattern, segments, nullptr)) continue;
    if (wanted) {
      fits(route.pattern, segments, &match.parameters);
      match.route = &route;
      match.index = i;
      return match;
    }
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
