#include "fields/cookies.hpp"
#include "fields/http_names.hpp"
#include "fields/json_reader.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include "baluhost/core/json/json_views.hpp"

#include <chrono>
#include <utility>

namespace baluhost::http::auth_routes {
namespace {

/// How the refresh token travels.
enum class TokenTransport { body, cookie };

Response token_reply(const Call& call, const TokenGrant& grant, TokenTransport transport) {
  const bool cookie = transport == TokenTransport::cookie;
  JsonObject json;
  json.add("access_token", grant.access.text.reveal()).add("token_type", "Bearer");
  json.add("expires_in", std::int64_t{grant.access_expires_in.count()});
  if (!cookie) json.add("refresh_token", grant.refresh.text.reveal());
  json.add("refresh_expires_in", std::int64_t{grant.refresh_expires_in.count()});
  json.add("session_id", grant.session.value).add_json("user", to_json(grant.user));
  if (grant.second_factor_setup_required) json.add("second_factor_setup_required", true);
  if (grant.second_factor_was_reset) json.add("second_factor_was_reset", true);
  auto response = json_response(200, json.str());
  if (!cookie) return response;
  response.add(field_names::kSetCookie,
               set_cookie(TokenCookie::refresh, grant.refresh.text.reveal(),
                          grant.refresh_expires_in, call.scheme()));
  response.add(field_names::kSetCookie, set_cookie(TokenCookie::read, grant.read.text.reveal(),
                                                   grant.access_expires_in, call.scheme()));
  return response;
}

/// Tells the browser to remove what it sent of `cookie`.
void remove_cookie(const Call& call, TokenCookie cookie, Response& response) {
  if (find_cookie(call.head.field(field_names::kCookie), cookie_name(cookie, call.scheme())))
    response.add(field_names::kSetCookie, set_cookie(cookie, "", {}, call.scheme()));
}

/// Only our own pages, or those of an allow-listed origin, make a browser send the cookie and a
/// header that forms cannot.
bool came_from_our_page(const Call& call) {
  if (call.head.field("x-requested-with") != "baluhost") return false;
  const auto origin = call.head.field(field_names::kOrigin);
  if (origin.data() != nullptr) {
    if (call.settings.cors.allows(origin)) return true;
    const auto from = Origin::parse(origin);
    if (!from ||
        (from != Origin::of(call.scheme(), call.head.host) && from != call.settings.public_url))
      return false;
  }
  const auto site = call.head.field("sec-fetch-site");
  return site.data() == nullptr || site == "same-origin";
}

Result<TokenTransport> read_transport(const Call& call, const JsonReader& json) {
  BALUHOST_TRY(const auto transport, json.optional_text("transport"));
  if (!transport || *transport == "body") return TokenTransport::body;
  if (*transport != "cookie") return invalid("is body or cookie").at("/transport");
  if (!call.secure && !call.loopback) return invalid("cookie needs TLS").at("/transport");
  return TokenTransport::cookie;
}

/// The cookies go with their session.
Response logged_out(const Call& call) {
  auto response = no_content();
  remove_cookie(call, TokenCookie::refresh, response);
  remove_cookie(call, TokenCookie::read, response);
  return response;
}

} // namespace

Outcome login(Call& call) {
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "username password transport"));
  BALUHOST_TRY(const auto username, json.text("username"));
  BALUHOST_TRY(auto password, json.text("password"));
  BALUHOST_TRY(const auto transport, read_transport(call, json));
  const auto begun = std::chrono::steady_clock::now();
  auto grant = call.services.auth.login(username, Secret{std::move(password)}, call.client);
  if (grant) return token_reply(call, *grant, transport);
  if (grant.error().code == Errc::rate_limited)
    call.not_before = begun + call.services.auth.check_time();
  return std::move(grant).error();
}

Outcome login_with_code(Call& call) {
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "challenge code transport"));
  BALUHOST_TRY(const auto challenge, json.text("challenge"));
  BALUHOST_TRY(auto code, json.text("code"));
  BALUHOST_TRY(const auto transport, read_transport(call, json));
  BALUHOST_TRY(const auto grant,
               call.services.auth.login_with_code(challenge, Secret{std::move(code)}, call.client));
  return token_reply(call, grant, transport);
}

Outcome refresh(Call& call) {
  if (!call.body.empty()) {
    BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "refresh_token"));
    BALUHOST_TRY(const auto token, json.text("refresh_token"));
    BALUHOST_TRY(const auto grant, call.services.auth.refresh(token, call.client));
    return token_reply(call, grant, TokenTransport::body);
  }
  const auto cookie = find_cookie(call.head.field(field_names::kCookie),
                                  cookie_name(TokenCookie::refresh, call.scheme()));
  if (!cookie) return Error{.code = Errc::unauthenticated, .detail = "neither a body nor a cookie"};
  if (!came_from_our_page(call))
    return Error{.code = Errc::forbidden, .detail = "the cookie came from another site"};
  BALUHOST_TRY(const auto grant, call.services.auth.refresh(*cookie, call.client));
  return token_reply(call, grant, TokenTransport::cookie);
}

Outcome logout(Call& call) {
  BALUHOST_CHECK(call.services.sessions.logout(call.principal()));
  return logged_out(call);
}

Outcome logout_all(Call& call) {
  BALUHOST_CHECK(call.services.sessions.logout_all(call.principal()));
  return logged_out(call);
}

Outcome me(Call& call) {
  BALUHOST_TRY(const auto user, call.services.users.me(call.principal()));
  return json_response(200, to_json(user));
}

Outcome change_password(Call& call) {
  call.resource = call.principal().name();
  BALUHOST_TRY(const auto json,
               JsonReader::parse(call.body, "current_password new_password keep_keys"));
  BALUHOST_TRY(auto current, json.text("current_password"));
  BALUHOST_TRY(auto next, json.text("new_password"));
  BALUHOST_TRY(const bool keep_keys, json.flag("keep_keys", false));
  BALUHOST_CHECK(call.services.auth.change_password(
      call.principal(), Secret{std::move(current)}, Secret{std::move(next)},
      keep_keys ? KeysAfter::kept : KeysAfter::ended));
  auto response = no_content();
  remove_cookie(call, TokenCookie::read, response);
  return response;
}

Outcome list_sessions(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.sessions.list(call.principal(), request));
  return json_response(200, page_json(page, [&](const Session& session) {
                         return to_json(session, call.principal().session());
                       }));
}

Outcome revoke_session(Call& call) {
  call.resource = call.parameters.front();
  BALUHOST_TRY(const auto id, target_id<SessionId>(call));
  BALUHOST_CHECK(call.services.sessions.revoke(call.principal(), id));
  return no_content();
}

} // namespace baluhost::http::auth_routes
