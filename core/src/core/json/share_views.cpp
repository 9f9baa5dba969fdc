#include "baluhost/core/json/json_views.hpp"

namespace baluhost {
namespace {

std::string rights_json(ShareRights rights) {
  std::vector<std::string> names;
  for (const auto& name : rights.list()) names.push_back(json_text(name));
  return json_array(names);
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
  json.add_or_null("expires_at", share.expires_at);
  json.add_or_null("max_uses", share.max_uses);
  json.add("uses", share.uses);
  json.add_or_null("max_bytes", share.max_bytes);
  json.add_or_null("note", share.note);
  json.add("created_by", placed.creator.str()).add("created_at", share.created_at.to_rfc3339());
  json.add_or_null("last_used_at", share.last_used_at);
  return json.str();
}

std::string to_json(const OpenedShare& opened) {
  const auto& share = opened.share;
  JsonObject json;
  json.add("kind", to_string(opened.kind))
      .add("name", opened.name)
      .add_json("rights", rights_json(share.rights));
  json.add_or_null("expires_at", share.expires_at);
  json.add_or_null("note", share.note);
  return json.str();
}

} // namespace baluhost
