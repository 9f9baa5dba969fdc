#include "identity/totp.hpp"
#include "sharing/link.hpp"

#include <chrono>
#include <functional>
#include <set>

// Ten thousand guesses of what lets somebody in: none is taken, all but the first are throttled,
// they take no memory, and the record holds few of them.

using namespace baluhost::test;

namespace {

constexpr int kGuesses = 10'000;
constexpr std::int64_t kMostKib = 16 * 1024; ///< what they may leave in memory

/// Of the process, in KiB.
std::int64_t resident(const Server& server) {
  const std::string status = read_file("/proc/" + std::to_string(server.pid()) + "/status");
  return std::stoll(status.substr(status.find("VmRSS:") + 6));
}

struct Guessing {
  std::string name;
  std::string action; ///< as which a guess is on record
  std::set<int> refusals;
  std::function<Response(int, const Headers&)> guess; ///< the next one

  /// The code of an answer that looked at no guess either.
  std::string unseen{};
};

/// From one address. What is on record of it is ten events a minute.
void check_guesses(const Server& server, const Guessing& guessing, const std::string& address) {
  INFO(guessing.name);
  const Headers from{{"X-Forwarded-For", address}};
  // What the first ones need is there for all that follow.
  for (int i = 0; i < 100; ++i) guessing.guess(kGuesses + i, from);
  const auto before = resident(server);
  const auto begun = std::chrono::steady_clock::now();
  int throttled = 0;
  for (int i = 0; i < kGuesses; ++i) {
    const Response answer = guessing.guess(i, from);
    INFO(answer.status << " " << answer.body);
    if (answer.status == 429) {
      ++throttled;
      REQUIRE(answer.header("Retry-After"));
    } else {
      REQUIRE(guessing.refusals.contains(answer.status));
      throttled += Json::parse(answer.body)["code"].text() == guessing.unseen ? 1 : 0;
    }
  }
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(std::chrono::steady_clock::now() - begun)
          .count();
  CHECK(throttled > kGuesses * 9 / 10);
  CHECK(resident(server) - before < kMostKib);
  const auto events =
      Api{server}.events("action=" + guessing.action + "&ip_address=" + address + "&limit=1000");
  CHECK_FALSE(events.empty());
  CHECK(static_cast<std::int64_t>(events.size()) <= 10 * (minutes + 2));
  for (const auto& event : events) CHECK_FALSE(event["success"].flag());
}

const std::string kProxied = "server.trusted_proxies = [\"127.0.0.1\"]\n";

std::string unknown_id(int i) { return hex(digest(Hash::sha256, std::to_string(i))).substr(0, 32); }

} // namespace

TEST_CASE("Ten thousand guesses of shares' ids, secrets and passwords open nothing", "[guesses]") {
  Server server{{.extra_toml = kProxied}};
  Sharer who{server};
  const std::string with = R"(,"password":"a fine pass phrase")";
  const Link link = make_link(who.owner, who.box());
  const Link locked = make_link(who.owner, who.box(), R"(["read"])", with);
  Api stranger{server};
  const auto open_by = [&](const std::string& id, const std::string& secret,
                           const std::string& password, const Headers& from) {
    return stranger.post(kShares + "/" + id + "/open",
                         json_of({{"secret", secret}, {"password", password}}), from);
  };
  check_guesses(server,
                {"ids and secrets",
                 "share_opened",
                 {404},
                 [&](int i, const Headers& from) {
                   return open_by(i % 2 == 0 ? link.id : unknown_id(i), "guess" + std::to_string(i),
                                  "", from);
                 }},
                "198.51.100.1");
  check_guesses(server,
                {"passwords",
                 "share_opened",
                 {401},
                 [&](int i, const Headers& from) {
                   return open_by(locked.id, locked.secret, "guess number " + std::to_string(i),
                                  from);
                 }},
                "198.51.100.2");
  CHECK(open(stranger, link.id, link.secret).status == 200);
  // Guesses of a password, which take the secret, count by share too; another one is open there.
  const auto elsewhere = [](int i) {
    return Headers{{"X-Forwarded-For", "198.51.100." + std::to_string(20 + i)}};
  };
  std::set<int> statuses;
  for (int i = 0; i < 20; ++i)
    statuses.insert(open_by(locked.id, locked.secret, "one more guess", elsewhere(i)).status);
  CHECK(statuses.contains(429));
  const Link other = make_link(who.owner, who.box(), R"(["read"])", with);
  CHECK(open_by(other.id, other.secret, "a fine pass phrase", elsewhere(0)).status == 200);
}

TEST_CASE("Ten thousand guesses of keys let nobody in", "[guesses]") {
  Server server{{.extra_toml = kProxied}};
  Api anna = new_user(server);
  const auto make = [&] {
    return Json::parse(
        anna.post(kApi + "/auth/keys", R"({"name":"k","scopes":["files:read"]})").body);
  };
  Api good{server};
  good.access_token = make()["secret"].text();
  const Json gone = make();
  REQUIRE(anna.del(kApi + "/auth/keys/" + gone["id"].text()).status == 204);
  Api guesser{server};
  check_guesses(
      server,
      {"keys",
       "invalid_token",
       {401},
       [&](int i, const Headers& from) {
         // One that was, and others, whose checksums are wrong but for one in a billion.
         guesser.access_token = gone["secret"].text();
         if (i % 2 == 0) {
           const std::string digits = unknown_id(i);
           for (std::size_t at = 0; at < 26; ++at)
             guesser.access_token[9 + at] =
                 "abcdefghijklmnopqrstuvwxyz234567"[static_cast<unsigned char>(digits[at]) % 32];
         }
         return guesser.get(kApi + "/auth/me", from);
       }},
      "198.51.100.3");
  CHECK(good.get(kApi + "/auth/me").status == 200);
  CHECK(good.get(kApi + "/auth/me", {{"X-Forwarded-For", "198.51.100.3"}}).status == 200);
}

TEST_CASE("Ten thousand guesses of challenges, codes and recovery codes let nobody in",
          "[guesses]") {
  Server server{{.extra_toml = kProxied}};
  const Enrolled anna{server};
  const std::string address = "198.51.100.4";
  const std::string challenge = anna.challenge({{"X-Forwarded-For", address}});
  // Five codes, and a challenge is over.
  check_guesses(server,
                {"codes",
                 "second_factor_failed",
                 {401},
                 [&](int i, const Headers& from) {
                   if (i % 2 == 0) return anna.answer(challenge, unknown_id(i).substr(0, 24), from);
                   std::string guess = std::to_string(1'000'000 + i).substr(1);
                   for (int step = -1; step <= 1; ++step)
                     if (guess == anna.code(step)) guess = "none";
                   return anna.answer(challenge, guess, from);
                 },
                 "token_revoked"},
                address);
  check_guesses(
      server,
      {"challenges",
       "second_factor_failed",
       {401},
       [&](int i, const Headers& from) { return anna.answer(unknown_id(i), "000000", from); }},
      "198.51.100.5");
  CHECK(anna.answer(anna.challenge(), anna.code()).status == 200);
}
