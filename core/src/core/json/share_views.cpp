#include "baluhost/core/json/json_views.hpp"

namespace baluhost {
namespace {

std::string rights_json(ShareRights rights) {
  std::vector<std::string> names;
  for (const auto& name : rights.list()) names.push_back(json_text(name));
  return json_array(names);
}

void add_or_null(JsonObject& json, std::string_view key, const std::optional<Timestamp>& time) {
  time ? json.add(key, time->to_rfc3339()) : json.add_null(key);
}

void add_or_null(JsonObject& json, std::string_view key,
                 const std::optional<std::int64_t>& number) {
  number ? json.add(key, *number) : json.add_null(key);
}

void add_or_null(JsonObject& json, std::string_view key, const std::optional<std::string>& text) {
  text ? json.add(key, *text) : json.add_null(key);
}

} // namespace

std::string to_json(const PlacedShare& placed) {
  const auto& share = placed.share;
  JsonObject json;
  json.add("id", share.id.value)
      .add("path", placed.path.str())
      .add("kind", to_string(placed.kind))
      .add_json("rights", rights_json(share.rights))
      .add("has_password", share.password.has_value());
  add_or_null(json, "expires_at", share.expires_at);
  add_or_null(json, "max_uses", share.max_uses);
  json.add("uses", share.uses);
  add_or_null(json, "max_bytes", share.max_bytes);
  add_or_null(json, "note", share.note);
  json.add("created_by", placed.creator.str()).add("created_at", share.created_at.to_rfc3339());
  add_or_null(json, "last_used_at", share.last_used_at);
  return json.str();
}

std::string to_json(const OpenedShare& opened) {
  const auto& share = opened.share;
  JsonObject json;
  json.add("kind", to_string(opened.kind))
      .add("name", opened.name)
      .add_json("rights", rights_json(share.rights));
  add_or_null(json, "expires_at", share.expires_at);
  add_or_null(json, "note", share.note);
  return json.str();
}

} // namespace baluhost
