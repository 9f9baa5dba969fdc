#include "fields/json_reader.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include "baluhost/core/json/json_views.hpp"

#include <utility>

namespace baluhost::http::key_routes {
namespace {

/// The values of an array of text, each read by `parse`; errors point to the one that is wrong.
template <class Parse>
auto read_each(const JsonReader& json, std::string_view member, const Parse& parse)
    -> Result<std::vector<typename std::invoke_result_t<Parse, std::string_view>::value_type>> {
  std::vector<typename std::invoke_result_t<Parse, std::string_view>::value_type> values;
  BALUHOST_TRY(const auto texts, json.texts(member));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    BALUHOST_TRY(auto value,
                 at("/" + std::string{member} + "/" + std::to_string(i), parse(texts[i])));
    values.push_back(std::move(value));
  }
  return values;
}

template <class Set, class Flag>
Set set_of(const std::vector<Flag>& flags) {
  Set set;
  for (const Flag flag : flags) set |= flag;
  return set;
}

bool is_given(const JsonReader& json, std::string_view member) {
  return json.has(member) && !json.is_null(member);
}

Result<NewKey> read_key(const JsonReader& json) {
  NewKey key;
  BALUHOST_TRY(key.name, json.text("name"));
  BALUHOST_TRY(const auto scopes, read_each(json, "scopes", parse_scope));
  key.scopes = set_of<Scopes>(scopes);
  if (is_given(json, "path")) {
    BALUHOST_TRY(const auto text, json.text("path"));
    BALUHOST_TRY(key.path, at("/path", FilePath::parse(text)));
  }
  if (is_given(json, "protocols")) {
    BALUHOST_TRY(const auto protocols, read_each(json, "protocols", parse_key_protocol));
    key.protocols = set_of<KeyProtocols>(protocols);
  }
  if (is_given(json, "allow_from")) {
    BALUHOST_TRY(key.allow_from, read_each(json, "allow_from", IpNetwork::parse));
  }
  if (is_given(json, "expires_at")) {
    BALUHOST_TRY(const auto text, json.text("expires_at"));
    BALUHOST_TRY(key.expires_at, at("/expires_at", Timestamp::parse(text)));
  }
  return key;
}

Result<KeyId> target_key(Call& call) {
  call.resource = call.parameters.back();
  return target_id<KeyId>(call);
}

Response page_of_keys(const Page<PlacedKey>& page) {
  return json_response(200, page_json(page, [](const PlacedKey& key) { return to_json(key); }));
}

} // namespace

Outcome create(Call& call) {
  BALUHOST_TRY(const auto json,
               JsonReader::parse(call.body, "name scopes path protocols allow_from expires_at"));
  BALUHOST_TRY(const auto request, read_key(json));
  BALUHOST_TRY(const auto made, call.services.keys.create(call.principal(), request));
  return json_response(201, to_json(made));
}

Outcome list(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.keys.list(call.principal(), request));
  return page_of_keys(page);
}

Outcome revoke(Call& call) {
  BALUHOST_TRY(const auto id, target_key(call));
  BALUHOST_CHECK(call.services.keys.revoke(call.principal(), id));
  return no_content();
}

Outcome list_of_user(Call& call) {
  BALUHOST_TRY(const auto name, target_user(call));
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.keys.list_of(call.principal(), name, request));
  return page_of_keys(page);
}

Outcome revoke_of_user(Call& call) {
  BALUHOST_TRY(const auto id, target_key(call));
  BALUHOST_TRY(const auto name, target_user(call));
  BALUHOST_CHECK(call.services.keys.revoke_of(call.principal(), name, id));
  return no_content();
}

} // namespace baluhost::http::key_routes
