#include "baluhost/memory/memory_token_codec.hpp"

#include "baluhost/ports/common/share_claims.hpp"
#include "sha.hpp"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

/// A token is `claims.mac`, both in base64url; the claims are lines. The first line names the kind,
/// so that one kind is never taken for the other.
namespace baluhost {
namespace {

constexpr std::size_t kMaxToken = 4096;
constexpr std::chrono::seconds kLeeway{5};

Error refused(const char* reason) { return Error{Errc::unauthenticated, reason}; }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Timestamp from_seconds(std::int64_t seconds) { return Timestamp{seconds * 1'000'000}; }

class MemoryTokenCodec final : public TokenCodec {
 public:
  explicit MemoryTokenCodec(Secret key) : key_(std::move(key)) {}

  Result<AccessToken> sign_access(const TokenClaims& claims) override {
    BALUHOST_TRY(auto text, sign("access", claims));
    return AccessToken{Secret{std::move(text)}};
  }
  Result<RefreshToken> sign_refresh(const TokenClaims& claims) override {
    BALUHOST_TRY(auto text, sign("refresh", claims));
    return RefreshToken{Secret{std::move(text)}};
  }
  Result<ReadToken> sign_read(const TokenClaims& claims) override {
    BALUHOST_TRY(auto text, sign("read", claims));
    return ReadToken{Secret{std::move(text)}};
  }
  Result<TokenClaims> verify_access(std::string_view token, Timestamp now) override {
    return verify("access", token, now);
  }
  Result<TokenClaims> verify_refresh(std::string_view token, Timestamp now) override {
    return verify("refresh", token, now);
  }
  Result<TokenClaims> verify_read(std::string_view token, Timestamp now) override {
    return verify("read", token, now);
  }

  Result<ShareToken> sign_share(const ShareClaims& claims, ShareTransport transport) override {
    BALUHOST_TRY(auto text, sign(kind_of(transport), token_claims_of(claims)));
    return ShareToken{Secret{std::move(text)}};
  }
  Result<ShareClaims> verify_share(std::string_view token, ShareTransport transport,
                                   Timestamp now) override {
    BALUHOST_TRY(auto claims, verify(kind_of(transport), token, now));
    return share_claims_of(std::move(claims));
  }
  Result<BearerClaims> verify_bearer(std::string_view token, Timestamp now) override {
    auto access = verify_access(token, now);
    if (access) return BearerClaims{*std::move(access)};
    if (access.error().detail != "wrong_type") return std::move(access).error();
    BALUHOST_TRY(auto of_share, verify_share(token, ShareTransport::bearer, now));
    return BearerClaims{std::move(of_share)};
  }

 private:
  static std::string_view kind_of(ShareTransport transport) noexcept {
    return transport == ShareTransport::cookie ? "share_cookie" : "share";
  }

  Result<std::string> sign(std::string_view kind, const TokenClaims& claims) const {
    if (key_.empty()) return Error{Errc::unavailable, "no key"};
    std::string text{kind};
    for (const auto& line : {std::to_string(claims.subject.value), claims.session.value,
                             claims.token_id, std::to_string(claims.issued_at.seconds()),
                             std::to_string(claims.expires_at.seconds())}) {
      text += "\n" + line;
    }
    const auto encoded = to_base64url(text + "\n");
    return encoded + "." + to_base64url(mac(encoded).view());
  }

  Result<TokenClaims> verify(std::string_view kind, std::string_view token, Timestamp now) const {
    const auto dot = token.find('.');
    if (token.size() > kMaxToken || dot == std::string_view::npos) return refused("malformed");
    const auto encoded = token.substr(0, dot);
    const auto given = from_base64url(token.substr(dot + 1));
    const auto text = from_base64url(encoded);
    if (!given || !text) return refused("malformed");
    if (key_.empty()) return refused("unknown_key");
    if (!equal_in_constant_time(*given, mac(encoded).view())) return refused("bad_signature");
    const auto lines = lines_of(*text);
    if (lines.size() != 6) return refused("bad_claims");
    const auto subject = number(lines[1]);
    const auto issued_at = number(lines[4]);
    const auto expires_at = number(lines[5]);
    if (!subject || !issued_at || !expires_at) return refused("bad_claims");
    if (lines[0] != kind) return refused("wrong_type");
    TokenClaims claims{UserId{*subject}, SessionId{std::string{lines[2]}}, std::string{lines[3]},
                       from_seconds(*issued_at), from_seconds(*expires_at)};
    if (claims.issued_at > now + kLeeway) return refused("not_yet_valid");
    if (claims.expires_at <= now) return Error{Errc::token_expired, "expired"};
    return claims;
  }

  Sha256Digest mac(std::string_view encoded) const {
    return memory::hmac_sha256(key_.reveal(), encoded);
  }

  Secret key_;
};

} // namespace

std::unique_ptr<TokenCodec> make_memory_token_codec(Secret key) {
  return std::make_unique<MemoryTokenCodec>(std::move(key));
}

} // namespace baluhost
