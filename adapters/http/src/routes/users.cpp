#include "fields/http_names.hpp"
#include "fields/json_reader.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/domain/percent.hpp"

namespace baluhost::http::user_routes {
namespace {

/// The user that the target names; also what a failure is recorded on.
Result<Username> named_user(Call& call) {
  call.resource = call.parameters.front();
  return target_user(call);
}

Result<std::optional<Email>> read_email(const JsonReader& json) {
  if (json.is_null("email")) return std::optional<Email>{};
  BALUHOST_TRY(const auto text, json.optional_text("email"));
  return optional_at("/email", text, Email::parse);
}

Result<std::optional<std::int64_t>> read_quota(const JsonReader& json) {
  if (json.is_null("quota_bytes")) return std::optional<std::int64_t>{};
  return json.optional_size("quota_bytes");
}

Result<std::optional<Role>> read_role(const JsonReader& json) {
  BALUHOST_TRY(const auto text, json.optional_text("role"));
  return optional_at("/role", text, parse_role);
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
  BALUHOST_TRY(auto username, at("/username", Username::parse(name)));
  BALUHOST_TRY(auto password, json.text("password"));
  BALUHOST_TRY(auto email, read_email(json));
  BALUHOST_TRY(const auto role, read_role(json));
  BALUHOST_TRY(const auto quota, read_quota(json));
  const CreateUser request{.username = std::move(username),
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
  BALUHOST_CHECK(
      call.services.users.remove(call.principal(), name, purge ? Purge::yes : Purge::no));
  return no_content();
}

Outcome end_sessions(Call& call) {
  BALUHOST_TRY(const auto name, named_user(call));
  BALUHOST_CHECK(call.services.sessions.revoke_all_of(call.principal(), name));
  return no_content();
}

} // namespace baluhost::http::user_routes
