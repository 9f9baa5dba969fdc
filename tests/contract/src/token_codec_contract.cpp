#include "baluhost/contract/token_codec_contract.hpp"

#include "support.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace baluhost::contract {
namespace {

constexpr Timestamp kIssued{1'795'488'871'000'000};
constexpr Timestamp kExpires{kIssued.microseconds + 900'000'000};

TokenClaims claims() {
  return {UserId{9'007'199'254'740'993}, session_id(77), "0123456789abcdef0123456789abcdef",
          kIssued, kExpires};
}

std::string describe_claims(const TokenClaims& claims) {
  return std::to_string(claims.subject.value) + " " + claims.session.value + " " + claims.token_id +
         " " + std::to_string(claims.issued_at.microseconds) + " " +
         std::to_string(claims.expires_at.microseconds);
}

/// Refused as not ours, for one of the reasons there are.
template <class Claims>
bool is_refused(const Result<Claims>& result) {
  constexpr std::array<std::string_view, 7> kReasons{"malformed",     "bad_header", "unknown_key",
                                                     "bad_signature", "bad_claims", "wrong_type",
                                                     "not_yet_valid"};
  return !result && result.error().code == Errc::unauthenticated &&
         std::find(kReasons.begin(), kReasons.end(), result.error().detail) != kReasons.end();
}

void signing(TokenCodec& codec) {
  SECTION("what was signed is verified, every claim exact") {
    const auto access = must(codec.sign_access(claims()));
    CHECK(describe_claims(must(codec.verify_access(access.text.reveal(), kIssued))) ==
          describe_claims(claims()));
    const auto refresh = must(codec.sign_refresh(claims()));
    CHECK(describe_claims(must(codec.verify_refresh(refresh.text.reveal(), kIssued))) ==
          describe_claims(claims()));
    const auto read = must(codec.sign_read(claims()));
    CHECK(describe_claims(must(codec.verify_read(read.text.reveal(), kIssued))) ==
          describe_claims(claims()));
    const bool differ =
        access.text.reveal() != refresh.text.reveal() && access.text.reveal() != read.text.reveal();
    CHECK(differ);
  }

  SECTION("a token is printable ASCII of at most 4096 bytes") {
    const auto access = must(codec.sign_access(claims()));
    const auto text = access.text.reveal();
    CHECK(text.size() <= 4096);
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; }));
  }

  SECTION("a token of one kind is not taken as one of another") {
    const auto access = must(codec.sign_access(claims())).text;
    const auto refresh = must(codec.sign_refresh(claims())).text;
    const auto read = must(codec.sign_read(claims())).text;
    CHECK(is_refused(codec.verify_refresh(access.reveal(), kIssued)));
    CHECK(is_refused(codec.verify_refresh(read.reveal(), kIssued)));
    CHECK(is_refused(codec.verify_access(refresh.reveal(), kIssued)));
    CHECK(is_refused(codec.verify_access(read.reveal(), kIssued)));
    CHECK(is_refused(codec.verify_read(access.reveal(), kIssued)));
    CHECK(is_refused(codec.verify_read(refresh.reveal(), kIssued)));
  }
}

void shares(TokenCodec& codec) {
  constexpr auto kBearer = ShareTransport::bearer;
  constexpr auto kCookie = ShareTransport::cookie;
  const ShareClaims of_share{.share = share_id(7),
                             .generation = 9'007'199'254'740'993,
                             .token_id = claims().token_id,
                             .issued_at = kIssued,
                             .expires_at = kExpires};
  const auto token = must(codec.sign_share(of_share, kBearer));
  const auto cookie = must(codec.sign_share(of_share, kCookie));

  SECTION("a token of a share is verified, every claim exact, until it expires") {
    const auto verified = must(codec.verify_share(token.text.reveal(), kBearer, kIssued));
    CHECK(verified.share == of_share.share);
    CHECK(verified.generation == of_share.generation);
    CHECK(verified.token_id == of_share.token_id);
    CHECK(verified.issued_at == kIssued);
    CHECK(verified.expires_at == kExpires);
    CHECK(outcome(codec.verify_share(cookie.text.reveal(), kCookie, kExpires - kTick)) == "ok");
    CHECK(outcome(codec.verify_share(cookie.text.reveal(), kCookie, kExpires)) == "token_expired");
  }

  SECTION("a token of a share, its cookie, an access and a refresh token are four kinds") {
    const auto access = must(codec.sign_access(claims()));
    const auto refresh = must(codec.sign_refresh(claims()));
    for (const auto& [text, kind] :
         {std::pair{token.text.reveal(), 0}, std::pair{cookie.text.reveal(), 1},
          std::pair{access.text.reveal(), 2}, std::pair{refresh.text.reveal(), 3}}) {
      INFO("kind " << kind);
      CHECK(is_refused(codec.verify_share(text, kBearer, kIssued)) == (kind != 0));
      CHECK(is_refused(codec.verify_share(text, kCookie, kIssued)) == (kind != 1));
      CHECK(is_refused(codec.verify_access(text, kIssued)) == (kind != 2));
      CHECK(is_refused(codec.verify_refresh(text, kIssued)) == (kind != 3));
      CHECK(is_refused(codec.verify_bearer(text, kIssued)) == (kind == 1 || kind == 3));
    }
  }

  SECTION("a bearer is an access token or that of a share, every claim exact, until it expires") {
    const auto access = must(codec.sign_access(claims())).text;
    const auto of_session = must(codec.verify_bearer(access.reveal(), kIssued));
    REQUIRE(std::holds_alternative<TokenClaims>(of_session));
    CHECK(describe_claims(std::get<TokenClaims>(of_session)) == describe_claims(claims()));
    const auto verified = must(codec.verify_bearer(token.text.reveal(), kIssued));
    REQUIRE(std::holds_alternative<ShareClaims>(verified));
    const auto& back = std::get<ShareClaims>(verified);
    CHECK(back.share == of_share.share);
    CHECK(back.generation == of_share.generation);
    CHECK(back.token_id == of_share.token_id);
    CHECK(back.issued_at == kIssued);
    CHECK(back.expires_at == kExpires);
    for (const auto text : {access.reveal(), token.text.reveal()}) {
      CHECK(outcome(codec.verify_bearer(text, kExpires - kTick)) == "ok");
      CHECK(outcome(codec.verify_bearer(text, kExpires)) == "token_expired");
      CHECK(is_refused(codec.verify_bearer(text, kIssued - 6 * kSecond)));
    }
    CHECK(is_refused(codec.verify_bearer(must(codec.sign_read(claims())).text.reveal(), kIssued)));
    CHECK(is_refused(codec.verify_bearer("x.y.z", kIssued)));
  }
}

void timing(TokenCodec& codec) {
  const auto access = must(codec.sign_access(claims()));
  const auto refresh = must(codec.sign_refresh(claims()));

  SECTION("a token expires at its exp, to the microsecond") {
    CHECK(outcome(codec.verify_access(access.text.reveal(), kExpires - kTick)) == "ok");
    CHECK(outcome(codec.verify_access(access.text.reveal(), kExpires)) == "token_expired");
    CHECK(outcome(codec.verify_refresh(refresh.text.reveal(), kExpires - kTick)) == "ok");
    CHECK(outcome(codec.verify_refresh(refresh.text.reveal(), kExpires)) == "token_expired");
    CHECK(outcome(codec.verify_refresh(refresh.text.reveal(),
                                       kExpires + std::chrono::hours{100'000})) == "token_expired");
    const auto read = must(codec.sign_read(claims()));
    CHECK(outcome(codec.verify_read(read.text.reveal(), kExpires - kTick)) == "ok");
    CHECK(outcome(codec.verify_read(read.text.reveal(), kExpires)) == "token_expired");
  }

  SECTION("a token is taken five seconds before its nbf and iat, and not earlier") {
    CHECK(outcome(codec.verify_access(access.text.reveal(), kIssued - 5 * kSecond)) == "ok");
    const auto early = codec.verify_access(access.text.reveal(), kIssued - 6 * kSecond);
    REQUIRE(is_refused(early));
    CHECK(early.error().detail == "not_yet_valid");
    CHECK(is_refused(codec.verify_refresh(refresh.text.reveal(), kIssued - 6 * kSecond)));
    const auto read = must(codec.sign_read(claims()));
    CHECK(is_refused(codec.verify_read(read.text.reveal(), kIssued - 6 * kSecond)));
  }

  SECTION("an expired token that has another flaw is not ours rather than expired") {
    const auto later = kExpires + kSecond;
    CHECK(is_refused(codec.verify_refresh(access.text.reveal(), later)));
    auto forged = std::string{access.text.reveal()};
    forged.back() = forged.back() == 'A' ? 'Q' : 'A';
    CHECK(is_refused(codec.verify_access(forged, later)));
  }
}

void guarding(TokenCodec& codec, TokenCodec& stranger) {
  const auto access = must(codec.sign_access(claims()));
  const std::string text{access.text.reveal()};

  SECTION("a token of other keys is refused") {
    CHECK(is_refused(
        codec.verify_access(must(stranger.sign_access(claims())).text.reveal(), kIssued)));
    CHECK(is_refused(stranger.verify_access(text, kIssued)));
  }

  SECTION("whatever character is changed, left out or put in, the token is refused") {
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (const char other : {'A', 'f', '-', '.', '=', '\0', '\xC3'}) {
        if (text[i] == other) continue;
        auto altered = text;
        altered[i] = other;
        INFO("character " << i << " of " << text.size());
        CHECK(is_refused(codec.verify_access(altered, kIssued)));
      }
      CHECK(is_refused(codec.verify_access(text.substr(0, i) + text.substr(i + 1), kIssued)));
      CHECK(is_refused(codec.verify_access(text.substr(0, i) + "A" + text.substr(i), kIssued)));
      CHECK(is_refused(codec.verify_access(text.substr(0, i), kIssued)));
    }
  }

  SECTION("garbage is refused") {
    for (const auto& garbage : {std::string{},
                                std::string{"."},
                                std::string{".."},
                                std::string{"..."},
                                std::string{"a.b.c"},
                                std::string{"null"},
                                "Bearer " + text,
                                " " + text,
                                text + " ",
                                text + "\n",
                                text + ".",
                                "." + text,
                                text + "." + text,
                                std::string{"eyJhbGciOiJub25lIn0.e30."},
                                std::string(4096, 'A'),
                                std::string(4097, 'A'),
                                std::string(1'000'000, '.'),
                                std::string(100, '\0'),
                                std::string(100, '\xFF'),
                                std::string{"{\"sub\":\"1\"}"}}) {
      CHECK(is_refused(codec.verify_access(garbage, kIssued)));
      CHECK(is_refused(codec.verify_refresh(garbage, kIssued)));
    }
  }

  SECTION("many threads sign and verify at the same time") {
    std::vector<std::string> outcomes(6);
    together(6, [&](int i) {
      outcomes[static_cast<std::size_t>(i)] = outcome([&]() -> Result<void> {
        for (int k = 1; k <= 20; ++k) {
          auto own = claims();
          own.subject = UserId{100 * i + k};
          BALUHOST_TRY(const auto token, codec.sign_access(own));
          BALUHOST_TRY(const auto verified, codec.verify_access(token.text.reveal(), kIssued));
          if (verified.subject != own.subject) return Error{Errc::internal};
        }
        return {};
      }());
    });
    CHECK(count_of(outcomes, "ok") == 6);
  }
}

} // namespace

void token_codec_contract(TokenCodec& codec, TokenCodec& stranger) {
  signing(codec);
  shares(codec);
  timing(codec);
  guarding(codec, stranger);
}

} // namespace baluhost::contract
