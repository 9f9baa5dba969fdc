#include "baluhost/crypto/jwt_codec.hpp"

#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/ports/common/share_claims.hpp"
#include "flat_json.hpp"
#include "jwt_signing.hpp"
#include "verified_tokens.hpp"

#include <openssl/hmac.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>
#include <utility>

// cpp-jwt signs, but does not verify: its decoder reads out of bounds on bytes it does not expect,
// takes an algorithm from the attacker, accepts tokens without exp, and compares signatures in a
// time that tells where they differ. A token of ours has one form, so the verification is short:
// the alphabet, the two dots, a header of three known members, an HMAC over the bytes received
// compared in constant time, and only then the claims, each present once and of its type. What was
// found so far is remembered; what depends on the time is looked at each time.
namespace baluhost {
namespace {

constexpr std::size_t kMaxTokenBytes = 4096;
constexpr std::size_t kHeaderMembers = 3;
constexpr std::size_t kClaims = 9;
constexpr std::size_t kMaxIdLength = 128;
constexpr std::size_t kRemembered = 16384; // some 6 MB
constexpr std::array kTokenTypes{TokenType::access, TokenType::refresh, TokenType::read,
                                 TokenType::share, TokenType::share_cookie};
constexpr std::chrono::seconds kClockLeeway{5};
constexpr std::int64_t kMaxSeconds = 253'402'300'799; // the end of the year 9999

Error refused(const char* reason) { return {Errc::unauthenticated, reason}; }

struct TokenParts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_text; ///< header, dot, claims
};

constexpr bool is_base64url(char c) { return is_alphanumeric(c) || c == '-' || c == '_'; }

std::optional<TokenParts> split(std::string_view token) {
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c == '.' || is_base64url(c); }))
    return std::nullopt;
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return std::nullopt;
  return TokenParts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1), token.substr(0, second)};
}

std::optional<std::string> key_id_of(std::string_view header) {
  const auto text = from_base64url(header);
  if (!text) return std::nullopt;
  const auto object = parse_flat_object(*text, kHeaderMembers);
  if (!object || object->size() != kHeaderMembers) return std::nullopt;
  const auto* algorithm = member<std::string>(*object, "alg");
  const auto* type = member<std::string>(*object, "typ");
  const auto* kid = member<std::string>(*object, "kid");
  if (!algorithm || *algorithm != "HS256" || !type || *type != "JWT" || !kid) return std::nullopt;
  return *kid;
}

const SecretKey* find_key(const KeySet& keys, std::string_view kid) {
  for (const auto* kind : {&keys.access, &keys.refresh}) {
    const auto found = std::find_if(kind->begin(), kind->end(),
                                    [&](const SecretKey& key) { return key.info.kid == kid; });
    if (found != kind->end()) return &*found;
  }
  return nullptr;
}

bool is_signed_by(const SecretKey& key, const TokenParts& parts) {
  const auto signature = from_base64url(parts.signature);
  if (!signature) return false;
  const auto secret = key.secret.reveal();
  unsigned char expected[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
            bytes_of(parts.signed_text), parts.signed_text.size(), expected, &length)) {
    return false;
  }
  return equal_in_constant_time({reinterpret_cast<const char*>(expected), length}, *signature);
}

std::optional<std::int64_t> positive_number(const std::string* text) {
  std::int64_t value = 0;
  if (!text || text->empty() || text->front() == '0') return std::nullopt;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (code != std::errc{} || end != text->data() + text->size() || value <= 0) return std::nullopt;
  return value;
}

bool is_id(const std::string* text) {
  return text && !text->empty() && text->size() <= kMaxIdLength &&
         std::all_of(text->begin(), text->end(), is_base64url);
}

std::optional<Timestamp> moment(const std::int64_t* seconds) {
  if (!seconds || *seconds < 0 || *seconds > kMaxSeconds) return std::nullopt;
  return Timestamp{*seconds * 1'000'000};
}

TokenType type_of(ShareTransport transport) noexcept {
  return transport == ShareTransport::cookie ? TokenType::share_cookie : TokenType::share;
}

/// wrong_type for a type that the key is not for.
Result<SignedToken> read_claims(std::string_view encoded, const SecretKey& key) {
  const auto text = from_base64url(encoded);
  if (!text) return refused("malformed");
  const auto object = parse_flat_object(*text, kClaims);
  if (!object || object->size() != kClaims) return refused("bad_claims");
  const auto* issuer = member<std::string>(*object, "iss");
  const auto* audience = member<std::string>(*object, "aud");
  const auto* type = member<std::string>(*object, "type");
  const auto* session = member<std::string>(*object, "sid");
  const auto* token_id = member<std::string>(*object, "jti");
  const auto subject = positive_number(member<std::string>(*object, "sub"));
  const auto issued_at = moment(member<std::int64_t>(*object, "iat"));
  const auto not_before = moment(member<std::int64_t>(*object, "nbf"));
  const auto expires_at = moment(member<std::int64_t>(*object, "exp"));
  if (!issuer || *issuer != kTokenIssuer || !audience || !type || !subject || !is_id(session) ||
      !is_id(token_id) || !issued_at || !not_before || !expires_at) {
    return refused("bad_claims");
  }
  const auto kind = std::ranges::find_if(kTokenTypes, [&](TokenType one) {
    return key.info.kind == key_kind(one) && *type == to_string(one) &&
           *audience == token_audience(one);
  });
  if (kind == kTokenTypes.end()) return refused("wrong_type");
  return SignedToken{
      *kind, TokenClaims{UserId{*subject}, SessionId{*session}, *token_id, *issued_at, *expires_at},
      *not_before};
}

Result<void> check_validity(const SignedToken& token, std::span<const TokenType> wanted,
                            Timestamp now) {
  if (std::ranges::find(wanted, token.type) == wanted.end()) return refused("wrong_type");
  const auto latest = now + kClockLeeway;
  if (token.claims.issued_at > latest || token.not_before > latest) return refused("not_yet_valid");
  if (token.claims.expires_at <= now) return Error{Errc::token_expired, "the token has expired"};
  return {};
}

class JwtCodec final : public TokenCodec {
 public:
  explicit JwtCodec(KeyDirectory& keys) : keys_(keys) {}

  Result<AccessToken> sign_access(const TokenClaims& claims) override {
    BALUHOST_TRY(auto text, sign(TokenType::access, claims));
    return AccessToken{std::move(text)};
  }
  Result<RefreshToken> sign_refresh(const TokenClaims& claims) override {
    BALUHOST_TRY(auto text, sign(TokenType::refresh, claims));
    return RefreshToken{std::move(text)};
  }
  Result<ReadToken> sign_read(const TokenClaims& claims) override {
    BALUHOST_TRY(auto text, sign(TokenType::read, claims));
    return ReadToken{std::move(text)};
  }

  Result<TokenClaims> verify_access(std::string_view token, Timestamp now) override {
    return verify(token, TokenType::access, now);
  }
  Result<TokenClaims> verify_refresh(std::string_view token, Timestamp now) override {
    return verify(token, TokenType::refresh, now);
  }
  Result<TokenClaims> verify_read(std::string_view token, Timestamp now) override {
    return verify(token, TokenType::read, now);
  }

  Result<ShareToken> sign_share(const ShareClaims& claims, ShareTransport transport) override {
    BALUHOST_TRY(auto text, sign(type_of(transport), token_claims_of(claims)));
    return ShareToken{std::move(text)};
  }
  Result<ShareClaims> verify_share(std::string_view token, ShareTransport transport,
                                   Timestamp now) override {
    BALUHOST_TRY(auto claims, verify(token, type_of(transport), now));
    return share_claims_of(std::move(claims));
  }

  Result<BearerClaims> verify_bearer(std::string_view token, Timestamp now) override {
    static constexpr std::array kBearers{TokenType::access, TokenType::share};
    BALUHOST_TRY(auto verified, verify(token, kBearers, now));
    if (verified.type == TokenType::share)
      return BearerClaims{share_claims_of(std::move(verified.claims))};
    return BearerClaims{std::move(verified.claims)};
  }

 private:
  Result<Secret> sign(TokenType type, const TokenClaims& claims) {
    const auto keys = keys_.keys();
    const auto& of_kind = key_kind(type) == KeyKind::access ? keys->access : keys->refresh;
    if (of_kind.empty())
      return Error{Errc::unavailable,
                   concat("there is no key for ", to_string(key_kind(type)), " tokens")};
    return sign_token(of_kind.front(), type, claims);
  }

  Result<TokenClaims> verify(std::string_view token, TokenType wanted, Timestamp now) {
    BALUHOST_TRY(auto verified, verify(token, std::span(&wanted, 1), now));
    return std::move(verified.claims);
  }

  Result<SignedToken> verify(std::string_view token, std::span<const TokenType> wanted,
                             Timestamp now) try {
    if (token.size() > kMaxTokenBytes) return refused("malformed");
    auto keys = keys_.keys();
    const auto digest = digester_->sha256(token);
    auto verified = remembered_.find(digest, keys);
    if (!verified) {
      BALUHOST_TRY(verified, verify_signature(token, keys));
      remembered_.remember(digest, keys, *verified);
    }
    BALUHOST_CHECK(check_validity(*verified, wanted, now));
    return *std::move(verified);
  } catch (const std::exception&) {
    return refused("malformed");
  }

  Result<SignedToken> verify_signature(std::string_view token,
                                       std::shared_ptr<const KeySet>& keys) {
    const auto parts = split(token);
    if (!parts) return refused("malformed");
    const auto kid = key_id_of(parts->header);
    if (!kid) return refused("bad_header");
    const auto* key = find_key(*keys, *kid);
    if (!key) {
      keys = keys_.refreshed_keys();
      key = find_key(*keys, *kid);
    }
    if (!key) return refused("unknown_key");
    if (!is_signed_by(*key, *parts)) return refused("bad_signature");
    return read_claims(parts->claims, *key);
  }

  KeyDirectory& keys_;
  std::unique_ptr<Digester> digester_{make_openssl_digester()};
  VerifiedTokens remembered_{kRemembered};
};

} // namespace

std::unique_ptr<TokenCodec> make_jwt_codec(KeyDirectory& keys) {
  return std::make_unique<JwtCodec>(keys);
}

} // namespace baluhost
