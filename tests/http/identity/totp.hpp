#pragma once

#include "wire.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

/// What an authenticator does, by OpenSSL and nothing of ours.
namespace baluhost::test {

inline const std::string kTotp = kApi + "/auth/totp";
inline const std::string kLoginCode = kApi + "/auth/login/code";

inline std::int64_t now_in_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The bytes of base32 (RFC 4648) in upper case.
inline std::string from_base32(std::string_view text) {
  std::string bytes;
  unsigned waiting = 0;
  unsigned bits = 0;
  for (const char c : text) {
    waiting = waiting << 5U | static_cast<unsigned>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(waiting >> bits & 0xffU);
  }
  return bytes;
}

/// The code of `secret` at a time in seconds.
inline std::string totp_at(const std::string& secret, std::int64_t second) {
  const auto step = static_cast<std::uint64_t>(second / 30);
  std::array<unsigned char, 8> message{};
  for (std::size_t i = 0; i < 8; ++i)
    message[i] = static_cast<unsigned char>(step >> (56 - 8 * i) & 0xffU);
  const auto key = from_base32(secret);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
       mac.data(), &size);
  const std::size_t at = mac[size - 1] & 0xfU;
  const unsigned number = (mac[at] & 0x7fU) << 24U | unsigned{mac[at + 1]} << 16U |
                          unsigned{mac[at + 2]} << 8U | mac[at + 3];
  const auto digits = std::to_string(number % 1'000'000);
  return std::string(6 - digits.size(), '0') + digits;
}

/// A user, who is logged in, with a second factor. The code of the present step is not used yet:
/// the factor was confirmed by that of the step before.
struct Enrolled {
  explicit Enrolled(const Server& of, const std::string& role = "user")
      : server(of), api(new_user(of, role)) {
    enable();
  }
  Enrolled(const Server& of, Api who) : server(of), api(std::move(who)) { enable(); }

  void enable() {
    // The code of the step before, which must not be over before it arrives.
    REQUIRE(soon([] { return now_in_seconds() % 30 < 25; }));
    const Response begun = api.post(kTotp, json_of({{"current_password", kPassword}}));
    INFO(begun.body);
    REQUIRE(begun.status == 200);
    secret = Json::parse(begun.body)["secret"].text();
    const Response confirmed = api.post(kTotp + "/confirm", json_of({{"code", code(-1)}}));
    INFO(confirmed.body);
    REQUIRE(confirmed.status == 200);
    const Json codes = Json::parse(confirmed.body)["recovery_codes"];
    for (std::size_t i = 0; i < codes.size(); ++i) recovery.push_back(codes[i].text());
  }

  std::string code(int steps = 0) const { return totp_at(secret, now_in_seconds() + 30 * steps); }

  /// Of a login with the right password.
  std::string challenge(Headers headers = {}) const {
    Api stranger{server};
    const Response refused =
        stranger.post(kApi + "/auth/login",
                      json_of({{"username", api.username}, {"password", kPassword}}), headers);
    INFO(refused.body);
    REQUIRE(refused.status == 401);
    return Json::parse(refused.body)["challenge"].text();
  }
  Response answer(const std::string& challenge, const std::string& with,
                  Headers headers = {}) const {
    Api stranger{server};
    return stranger.post(kLoginCode, json_of({{"challenge", challenge}, {"code", with}}), headers);
  }

  const Server& server;
  Api api;
  std::string secret;
  std::vector<std::string> recovery;
};

} // namespace baluhost::test
