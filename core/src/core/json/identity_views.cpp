#include "baluhost/core/json/json_views.hpp"

namespace baluhost {
namespace {

void add_or_null(JsonObject& json, std::string_view key, const std::optional<std::string>& text) {
  text ? json.add(key, *text) : json.add_null(key);
}

} // namespace

std::string to_json(const User& user) {
  JsonObject json;
  json.add("id", user.id.value).add("username", user.username.str());
  user.email ? json.add("email", user.email->str()) : json.add_null("email");
  json.add("role", to_string(user.role)).add("enabled", user.enabled);
  user.quota_bytes ? json.add("quota_bytes", *user.quota_bytes) : json.add_null("quota_bytes");
  json.add("used_bytes", user.used_bytes)
      .add("created_at", user.created_at.to_rfc3339())
      .add("updated_at", user.updated_at.to_rfc3339());
  return json.str();
}

std::string to_json(const Session& session, bool current) {
  JsonObject json;
  json.add("id", session.id.value)
      .add("created_at", session.created_at.to_rfc3339())
      .add("last_used_at", session.last_used_at.to_rfc3339())
      .add("expires_at", session.expires_at.to_rfc3339());
  add_or_null(json, "ip_address", session.client.ip_address);
  add_or_null(json, "user_agent", session.client.user_agent);
  json.add("current", current);
  return json.str();
}

std::string to_json(const GrantInfo& grant) {
  std::vector<std::string> rights;
  for (const auto right : grant.rights.list()) rights.push_back(json_text(to_string(right)));
  JsonObject json;
  json.add("path", grant.path.str());
  json.add("grantee", grant.grantee.str());
  json.add_json("rights", json_array(rights));
  add_or_null(json, "granted_by", grant.granted_by);
  json.add("created_at", grant.created_at.to_rfc3339());
  return json.str();
}

} // namespace baluhost
