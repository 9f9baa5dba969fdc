#include "fields/http_names.hpp"
#include "fields/json_reader.hpp"
#include "routes/routes.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/domain/percent.hpp"

namespace baluhost::http::user_routes {
namespace {

/// The user that the target names. A name that breaks the rules is that of no user.
Result<Username> named_user(Call& call) {
  call.resource = call.parameters.front();
  auto name = Username::parse(call.parameters.front());
  if (!name) return Error{.code = Errc::not_found, .detail = "no such name is possible"};
  return name;
}

Result<std::optional<Email>> read_email(const JsonReader& json) {
  if (json.is_null("email")) return std::optional<Email>{};
  BALUHOST_TRY(const auto text, json.optional_text("email"));
  if (!text) return std::optional<Email>{};
  auto email = Email::parse(*text);
  if (!email) return std::move(email).error().at("/email");
  return std::optional{*std::move(email)};
}

Result<std::optional<std::int64_t>> read_quota(const JsonReader& json) {
  if (json.is_null("quota_bytes")) return std::optional<std::int64_t>{};
  return json.optional_size("quota_bytes");
}

Result<std::optional<Role>> read_role(const JsonReader& json) {
  BALUHOST_TRY(const auto text, json.optional_text("role"));
  if (!text) return std::optional<Role>{};
  auto role = parse_role(*text);
  if (!role) return std::move(role).error().at("/role");
  return std::optional{*role};
}

} // namespace

Outcome list(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.users.list(call.principal(), request));
  return json_response(200, page_json(page, [](const User& user) { return to_json(user); }));
}

Outcome create(Call& call) {
  BALUHOST_TRY(const auto json,
               JsonReader::parse(call.body, "username password email role quota_bytes"));
  BALUHOST_TRY(const auto name, json.text("username"));
  call.resource = name;
  auto username = Username::parse(name);
  if (!username) return std::move(username).error().at("/username");
  BALUHOST_TRY(auto password, json.text("password"));
  BALUHOST_TRY(auto email, read_email(json));
  BALUHOST_TRY(const auto role, read_role(json));
  BALUHOST_TRY(const auto quota, read_quota(json));
  const CreateUser request{.username = *username,
                           .password = Secret{std::move(password)},
                           .email = std::move(email),
                           .role = role.value_or(Role::user),
                           .quota_bytes = quota};
  BALUHOST_TRY(const auto user, call.services.users.create(call.principal(), request));
  auto response = json_response(201, to_json(user));
  response.add(field_names::kLocation, "/api/v1/users/" + percent_encode(user.username.str()));
  return response;
}

Outcome get(Call& call) {
  BALUHOST_TRY(const auto name, named_user(call));
  BALUHOST_TRY(const auto user, call.services.users.get(call.principal(), name));
  return json_response(200, to_json(user));
}

Outcome update(Call& call) {
  BALUHOST_TRY(const auto name, named_user(call));
  BALUHOST_TRY(const auto json,
               JsonReader::parse(call.body, "role enabled email quota_bytes password keep_keys"));
  UpdateUser request;
  BALUHOST_TRY(request.role, read_role(json));
  BALUHOST_TRY(request.enabled, json.optional_flag("enabled"));
  if (json.has("email")) {
    BALUHOST_TRY(request.email, read_email(json));
  }
  if (json.has("quota_bytes")) {
    BALUHOST_TRY(request.quota_bytes, read_quota(json));
  }
  BALUHOST_TRY(auto password, json.optional_text("password"));
  BALUHOST_TRY(request.keep_keys, json.flag("keep_keys", false));
  if (password) request.password = Secret{*std::move(password)};
  BALUHOST_TRY(const auto user, call.services.users.update(call.principal(), name, request));
  return json_response(200, to_json(user));
}

Outcome remove(Call& call) {
  BALUHOST_TRY(const auto name, named_user(call));
  BALUHOST_TRY(const bool purge, call.query.flag("purge"));
  BALUHOST_CHECK(call.services.users.remove(call.principal(), name, purge));
  return no_content();
}

Outcome end_sessions(Call& call) {
  BALUHOST_TRY(const auto name, named_user(call));
  BALUHOST_CHECK(call.services.sessions.revoke_all_of(call.principal(), name));
  return no_content();
}

} // namespace baluhost::http::user_routes
