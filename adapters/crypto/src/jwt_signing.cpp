#include "jwt_signing.hpp"

#include "baluhost/domain/names.hpp"

#include <jwt/jwt.hpp>

namespace baluhost {
namespace {

constexpr auto kTypes = names<TokenType>({{TokenType::access, "access"},
                                          {TokenType::refresh, "refresh"},
                                          {TokenType::read, "read"},
                                          {TokenType::share, "share"},
                                          {TokenType::share_cookie, "share_cookie"}});

} // namespace

std::string_view to_string(TokenType type) noexcept { return name_of(kTypes, type); }

std::string token_audience(TokenType type) {
  return std::string(kTokenIssuer) + ':' + std::string(to_string(type));
}

KeyKind key_kind(TokenType type) noexcept {
  return type == TokenType::refresh ? KeyKind::refresh : KeyKind::access;
}

Result<Secret> sign_token(const SecretKey& key, TokenType type, const TokenClaims& claims) try {
  jwt::jwt_object token{jwt::params::algorithm("HS256")};
  token.header().add_header("kid", key.info.kid);
  token.secret(jwt::string_view(key.secret.reveal().data(), key.secret.reveal().size()));
  const std::int64_t issued_at = claims.issued_at.seconds();
  token.add_claim("iss", std::string(kTokenIssuer))
      .add_claim("aud", token_audience(type))
      .add_claim("sub", std::to_string(claims.subject.value))
      .add_claim("type", std::string(to_string(type)))
      .add_claim("jti", claims.token_id)
      .add_claim("sid", claims.session.value)
      .add_claim("iat", issued_at)
      .add_claim("nbf", issued_at)
      .add_claim("exp", claims.expires_at.seconds());
  return Secret(token.signature());
} catch (const std::exception& error) {
  return Error{Errc::unavailable, std::string("cannot sign a token: ") + error.what()};
}

} // namespace baluhost
