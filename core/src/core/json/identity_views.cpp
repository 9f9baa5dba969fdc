#include "baluhost/core/json/json_views.hpp"

namespace baluhost {
namespace {

/// The names of a set's members.
template <class Set>
std::string names_of(const Set& set) {
  std::vector<std::string> names;
  for (const auto member : set.list()) names.push_back(json_text(to_string(member)));
  return json_array(names);
}

/// What a key is bound to: null for nothing, an empty path for what is gone.
void add_path(JsonObject& json, const PlacedKey& placed) {
  if (!placed.key.root)
    json.add_null("path");
  else
    json.add("path", placed.path ? placed.path->str() : "");
}

std::string with_secret(const PlacedKey& placed, const Secret* secret) {
  const Key& key = placed.key;
  JsonObject json;
  json.add("id", key.id.value);
  if (secret != nullptr) json.add("secret", secret->reveal());
  json.add("name", key.name).add_json("scopes", names_of(key.scopes));
  add_path(json, placed);
  std::vector<std::string> networks;
  for (const auto& network : key.allow_from) networks.push_back(json_text(network.str()));
  json.add_json("protocols", names_of(key.protocols))
      .add_json("allow_from", json_array(networks))
      .add("created_at", key.created_at.to_rfc3339());
  json.add_or_null("expires_at", key.expires_at);
  json.add_or_null("last_used_at", key.last_used_at);
  json.add_or_null("last_used_ip", key.last_used_ip);
  return json.str();
}

} // namespace

std::string to_json(const User& user) {
  JsonObject json;
  json.add("id", user.id.value).add("username", user.username.str());
  json.add_or_null("email", user.email);
  json.add("role", to_string(user.role)).add("enabled", user.enabled);
  json.add_or_null("quota_bytes", user.quota_bytes);
  json.add("used_bytes", user.used_bytes)
      .add("created_at", user.created_at.to_rfc3339())
      .add("updated_at", user.updated_at.to_rfc3339());
  return json.str();
}

std::string to_json(const Session& session, const std::optional<SessionId>& own) {
  JsonObject json;
  json.add("id", session.id.value)
      .add("created_at", session.created_at.to_rfc3339())
      .add("last_used_at", session.last_used_at.to_rfc3339())
      .add("expires_at", session.expires_at.to_rfc3339());
  json.add_or_null("ip_address", session.client.ip_address);
  json.add_or_null("user_agent", session.client.user_agent);
  json.add("current", own == session.id);
  return json.str();
}

std::string to_json(const PlacedKey& placed) { return with_secret(placed, nullptr); }
std::string to_json(const MadeKey& made) { return with_secret(made.placed, &made.secret); }

std::string to_json(const GrantInfo& grant) {
  JsonObject json;
  json.add("path", grant.path.str());
  json.add("grantee", grant.grantee.str());
  json.add_json("rights", names_of(grant.rights));
  json.add_or_null("granted_by", grant.granted_by);
  json.add("created_at", grant.created_at.to_rfc3339());
  return json.str();
}

} // namespace baluhost
