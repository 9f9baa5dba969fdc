#include "baluhost/core/access/share_service.hpp"
#include "baluhost/domain/identity/ip_address.hpp"

#include "dispatch/dispatcher.hpp"
#include "dispatch/problem.hpp"
#include "fields/cookies.hpp"
#include "fields/json_reader.hpp"
#include "fields/whole_number.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include "baluhost/core/json/json_views.hpp"

#include <utility>

namespace baluhost::http::share_routes {
namespace {

/// Where the browser finds what is shared; the secret stays in its fragment, which no server sees.
std::string url_of(const Call& call, const NewShareLink& link) {
  const auto origin = call.settings.public_url ? call.settings.public_url
                                               : Origin::of(call.scheme(), call.head.host);
  return (origin ? origin->str() : "") + "/s/" + link.share.share.id.value + "#" +
         std::string{link.secret.reveal()};
}

Response link_reply(const Call& call, int status, const NewShareLink& link) {
  auto json = to_json(link.share);
  json.back() = ',';
  json += json_text("url") + ":" + json_text(url_of(call, link)) + "}";
  return json_response(status, std::move(json));
}

Result<ShareRights> read_rights(const JsonReader& json) {
  BALUHOST_TRY(const auto texts, json.texts("rights"));
  return at("/rights", ShareRights::parse(texts));
}

/// What `read` makes of a member; none in it: null; none: it is not there.
template <class Read>
auto read_change(const JsonReader& json, std::string_view member, const Read& read)
    -> Result<std::optional<typename std::invoke_result_t<Read>::value_type>> {
  using Value = typename std::invoke_result_t<Read>::value_type;
  if (!json.has(member)) return std::optional<Value>{};
  if (json.is_null(member)) return std::optional{Value{}};
  BALUHOST_TRY(auto value, read());
  return std::optional{std::move(value)};
}

Result<std::optional<Secret>> read_secret(const JsonReader& json, std::string_view member) {
  BALUHOST_TRY(auto text, json.optional_text(member));
  return text ? std::optional{Secret{*std::move(text)}} : std::optional<Secret>{};
}

Result<std::optional<Timestamp>> read_time(const JsonReader& json, std::string_view member) {
  BALUHOST_TRY(const auto text, json.optional_text(member));
  return optional_at("/" + std::string{member}, text, Timestamp::parse);
}

/// What a request sets beside rights and path.
Result<UpdateShare> read_members(const JsonReader& json) {
  UpdateShare share;
  BALUHOST_TRY(share.password,
               read_change(json, "password", [&] { return read_secret(json, "password"); }));
  BALUHOST_TRY(share.expires_at,
               read_change(json, "expires_at", [&] { return read_time(json, "expires_at"); }));
  BALUHOST_TRY(share.max_uses,
               read_change(json, "max_uses", [&] { return json.optional_size("max_uses"); }));
  BALUHOST_TRY(share.max_bytes,
               read_change(json, "max_bytes", [&] { return json.optional_size("max_bytes"); }));
  BALUHOST_TRY(share.note, read_change(json, "note", [&] { return json.optional_text("note"); }));
  return share;
}

} // namespace

Outcome create(Call& call) {
  BALUHOST_TRY(
      const auto json,
      JsonReader::parse(call.body, "path rights password expires_at max_uses max_bytes note"));
  BALUHOST_TRY(const auto path_text, json.text("path"));
  BALUHOST_TRY(auto path, named_path(call, path_text));
  BALUHOST_TRY(const auto rights, read_rights(json));
  BALUHOST_TRY(auto members, read_members(json));
  BALUHOST_TRY(const auto link,
               call.services.shares.create(call.principal(),
                                           {.path = std::move(path),
                                            .rights = rights,
                                            .password = members.password.value_or(std::nullopt),
                                            .expires_at = members.expires_at,
                                            .max_uses = members.max_uses.value_or(std::nullopt),
                                            .max_bytes = members.max_bytes.value_or(std::nullopt),
                                            .note = members.note.value_or(std::nullopt)}));
  auto response = link_reply(call, 201, link);
  response.add("Location", "/api/v1/shares/" + link.share.share.id.value);
  return response;
}

Outcome list(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto path, path_of_query(call));
  BALUHOST_TRY(const auto page, call.services.shares.list(call.principal(), path, request));
  return json_response(200,
                       page_json(page, [](const PlacedShare& share) { return to_json(share); }));
}

Outcome get(Call& call) {
  BALUHOST_TRY(const auto id, target_id<ShareId>(call));
  BALUHOST_TRY(const auto share, call.services.shares.get(call.principal(), id));
  return json_response(200, to_json(share));
}

Outcome update(Call& call) {
  BALUHOST_TRY(const auto id, target_id<ShareId>(call));
  BALUHOST_TRY(const auto json,
               JsonReader::parse(call.body, "rights password expires_at max_uses max_bytes note"));
  BALUHOST_TRY(auto request, read_members(json));
  if (json.has("rights")) {
    BALUHOST_TRY(request.rights, read_rights(json));
  }
  BALUHOST_TRY(const auto share, call.services.shares.update(call.principal(), id, request));
  return json_response(200, to_json(share));
}

Outcome end(Call& call) {
  BALUHOST_TRY(const auto id, target_id<ShareId>(call));
  BALUHOST_CHECK(call.services.shares.end(call.principal(), id));
  return no_content();
}

Outcome renew_secret(Call& call) {
  BALUHOST_TRY(const auto id, target_id<ShareId>(call));
  BALUHOST_TRY(const auto link, call.services.shares.renew_secret(call.principal(), id));
  return link_reply(call, 200, link);
}

Outcome open(Call& call) {
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "secret password transport"));
  BALUHOST_TRY(auto secret, json.text("secret"));
  BALUHOST_TRY(auto password, read_secret(json, "password"));
  BALUHOST_TRY(const auto transport, json.optional_text("transport"));
  const bool cookie = transport == "cookie";
  if (transport && !cookie && *transport != "body")
    return invalid("is body or cookie").at("/transport");
  if (cookie && !call.secure && !call.loopback) return invalid("cookie needs TLS").at("/transport");
  if (auto late = refuse_above(call.settings.openings, throttle_key(call.client.ip_address), call))
    return *std::move(late);
  const auto opened = call.services.shares.open(
      {.id = target_id<ShareId>(call).value_or(ShareId{}), // as one that is not there
       .secret = Secret{std::move(secret)},
       .password = std::move(password)},
      call.client);
  if (!opened && opened.error().code == Errc::invalid_credentials && opened.error().recorded)
    return problem(Refusal{.status = 401,
                           .code = code_of(Errc::invalid_credentials),
                           .detail = "The password of the link does not fit.",
                           .headers = "WWW-Authenticate: Bearer realm=\"baluhost\"\r\n"},
                   call.request_id); // nobody was asked for a name
  if (!opened) return opened.error();
  JsonObject json_of_reply;
  json_of_reply.add("access_token", opened->token.text.reveal())
      .add("expires_in", std::int64_t{opened->expires_in.count()})
      .add_json("share", to_json(*opened));
  auto response = json_response(200, json_of_reply.str());
  if (cookie)
    response.add(field_names::kSetCookie,
                 set_cookie(TokenCookie::share, opened->cookie.text.reveal(), opened->expires_in,
                            call.scheme()));
  return response;
}

} // namespace baluhost::http::share_routes
