#pragma once

#include "baluhost/crypto/jwt_codec.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace baluhost::test {

/// RFC 2104, made of the hash alone: an opinion independent of the codec's.
inline std::string hmac_sha256(const Digester& digester, std::string_view key,
                               std::string_view message) {
  std::string inner(64, '\x36');
  std::string outer(64, '\x5c');
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  return std::string(
      digester.sha256(outer + std::string(digester.sha256(inner + std::string(message)).view()))
          .view());
}

/// A server's codec, and an attacker who knows its secrets and can sign whatever he likes.
struct TokenForge {
  struct Key {
    std::string kid;
    std::string secret;
  };

  explicit TokenForge(std::string keys_directory = {})
      : path(keys_directory.empty() ? directory / "keys" : std::move(keys_directory)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const auto name = entry.path().filename().string();
      if (!name.ends_with(".key")) continue;
      if (name.starts_with("access-")) access = read(entry.path());
      if (name.starts_with("refresh-")) refresh = read(entry.path());
    }
  }

  static Key read(const std::filesystem::path& path) {
    std::string hex;
    std::ifstream(path) >> hex;
    const auto stem = path.stem().string();
    return {stem.substr(stem.size() - 16), from_hex(hex).value()};
  }

  [[nodiscard]] std::string header(const std::string& alg = "HS256") const {
    return R"({"alg":")" + alg + R"(","kid":")" + access.kid + R"(","typ":"JWT"})";
  }

  /// The claims of a valid access token, in the order of the codec; `exp` and so on by the clock.
  [[nodiscard]] std::string claims(const std::string& type = "access") const {
    const auto now = clock.now().seconds();
    return R"({"aud":"baluhost:)" + type + R"(","exp":)" + std::to_string(now + 900) +
           R"(,"iat":)" + std::to_string(now) + R"(,"iss":"baluhost","jti":")" +
           std::string(32, 'b') + R"(","nbf":)" + std::to_string(now) + R"(,"sid":")" +
           std::string(32, 'a') + R"(","sub":"7","type":")" + type + R"("})";
  }

  /// Signs the two texts as they are, whether or not they are base64url of anything.
  [[nodiscard]] std::string sign_encoded(const std::string& header, const std::string& claims,
                                         const Key& key) const {
    const auto text = header + '.' + claims;
    return text + '.' + to_base64url(hmac_sha256(*digester, key.secret, text));
  }
  [[nodiscard]] std::string sign(const std::string& header, const std::string& claims,
                                 const Key& key) const {
    return sign_encoded(to_base64url(header), to_base64url(claims), key);
  }
  [[nodiscard]] std::string sign(const std::string& header, const std::string& claims) const {
    return sign(header, claims, access);
  }

  [[nodiscard]] TokenClaims valid_claims() const {
    const Timestamp now{clock.now().seconds() * 1'000'000};
    return {UserId{7}, SessionId{std::string(32, 'a')}, std::string(32, 'b'), now,
            now + std::chrono::seconds(900)};
  }

  TemporaryDirectory directory;
  std::string path;
  ManualClock clock{Timestamp{1'795'488'871'000'000}}; ///< at a whole second, as claims are
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::unique_ptr<Digester> digester = make_openssl_digester();
  std::unique_ptr<KeyDirectory> keys =
      KeyDirectory::open(path, KeyDirectory::Missing::create, *random, clock).value();
  std::unique_ptr<TokenCodec> codec = make_jwt_codec(*keys);
  Key access;
  Key refresh;
};

/// `text` with the first `from` replaced; nothing to replace is a mistake of the test.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos)
    throw std::logic_error("the test replaces what is not there: " + std::string(from));
  return text.replace(at, from.size(), to);
}

/// The reason for which an access token is refused; "accepted" if it is not.
inline std::string verdict(const TokenForge& forge, std::string_view token) {
  const auto claims = forge.codec->verify_access(token, forge.clock.now());
  if (claims) return "accepted";
  if (claims.error().code == Errc::token_expired) return "expired";
  return claims.error().code == Errc::unauthenticated ? claims.error().detail : "another code";
}

using Forgeries = std::vector<std::pair<std::string, std::string>>; ///< what it is, and the token

inline void are_refused(const TokenForge& forge, const Forgeries& forgeries,
                        const std::string& reason) {
  REQUIRE(verdict(forge, forge.sign(forge.header(), forge.claims())) == "accepted");
  for (const auto& [name, token] : forgeries) {
    CAPTURE(name);
    CHECK(verdict(forge, token) == reason);
  }
}

} // namespace baluhost::test
