#include "wire.hpp"

#include "../../adapters/crypto/token_forge.hpp"

#include "baluhost/filesystem/system_clock.hpp"

#include <chrono>
#include <random>
#include <set>
#include <thread>

// Tokens as an attacker would make them, some by one who knows the server's secrets and can sign
// what he likes; and many clients at one token.

using namespace baluhost;
using namespace baluhost::test;

namespace {

const std::string kMe = kApi + "/auth/me";
const std::string kRefresh = kApi + "/auth/refresh";

struct TokenParts {
  explicit TokenParts(const std::string& token) {
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    header = from_base64url(token.substr(0, first)).value();
    claims = from_base64url(token.substr(first + 1, second - first - 1)).value();
    signature = token.substr(second + 1);
  }
  std::string header;
  std::string claims;
  std::string signature;
};

using Forgeries = std::vector<std::pair<std::string, std::string>>; ///< what it is, and the token

/// Of a token that is good: `key` signed it. `other` is the key and the token of the other kind,
/// `stranger` a good token of somebody else's.
Forgeries forgeries(const TokenForge& forge, const std::string& good, const TokenForge::Key& key,
                    const TokenForge::Key& other, const std::string& other_good,
                    const std::string& stranger) {
  const TokenParts parts{good};
  const std::string &head = parts.header, &claims = parts.claims;
  const auto text = good.substr(0, good.rfind('.'));
  const auto by = [&](const std::string& header, const std::string& body) {
    return forge.sign(header, body, key);
  };
  const auto more = [&](const std::string& member) {
    return by(with(head, "{", "{" + member + ","), claims);
  };
  const auto claim = [&](const std::string& name) { // "name":value
    const auto at = claims.find('"' + name + "\":");
    return claims.substr(at, std::min(claims.find(',', at), claims.size() - 1) - at);
  };
  const auto set = [&](const std::string& name, const std::string& value) {
    return by(head, with(claims, claim(name), '"' + name + "\":" + value));
  };
  Forgeries all{
      {"no signature", text + "."},
      {"no signature and no dot", text},
      {"half a signature", good.substr(0, good.size() - 20)},
      {"a signature of zeros", text + "." + to_base64url(std::string(32, '\0'))},
      {"the signature of another", text + stranger.substr(stranger.rfind('.'))},
      {"another's claims", to_base64url(head) + "." + to_base64url(TokenParts{stranger}.claims) +
                               "." + parts.signature},
      {"signed by the other kind's key", forge.sign(head, claims, other)},
      {"named and signed by the other kind's key",
       forge.sign(with(head, key.kid, other.kid), claims, other)},
      {"signed by the empty key", forge.sign(head, claims, {key.kid, ""})},
      {"signed by the key's id", forge.sign(head, claims, {key.kid, key.kid})},
      {"signed by the key in hex", forge.sign(head, claims, {key.kid, to_hex(key.secret)})},
      {"the other kind", other_good},
      {"padded", good + "="},
      {"twice", good + "." + good},
      {"JSON serialization", R"({"payload":"x","signature":"y"})"},
      {"one character", "x"},
      {"dots", ".."},
      {"too long", good + std::string(5000, 'A')},
      {"jku", more(R"("jku":"https://evil.example/keys")")},
      {"jwk", more(R"("jwk":{"kty":"oct","k":"AAAA"})")},
      {"x5u", more(R"("x5u":"https://evil.example/cert")")},
      {"x5c", more(R"("x5c":["AAAA"])")},
      {"crit", more(R"("crit":["exp"])")},
      {"b64", more(R"("b64":false)")},
      {"cty", more(R"("cty":"JWT")")},
      {"zip", more(R"("zip":"DEF")")},
      {"enc", more(R"("enc":"A256GCM")")},
      {"alg twice", more(R"("alg":"none")")},
      {"kid twice", more(R"("kid":"x")")},
      {"another typ", by(with(head, "\"JWT\"", "\"at+jwt\""), claims)},
      {"no header", by("{}", claims)},
      {"a list of a header", by("[" + head + "]", claims)},
      {"a header and more", by(head + "{}", claims)},
      {"a header in brackets without end", by(std::string(1500, '['), claims)},
      {"no claims", by(head, "{}")},
      {"a list of claims", by(head, "[" + claims + "]")},
      {"claims and more", by(head, claims + claims)},
      {"claims in brackets without end", by(head, std::string(2000, '['))},
      {"a tenth claim", by(head, with(claims, "{", R"({"role":"admin",)"))},
      {"expired long ago", set("exp", "1")},
      {"issued in the future", set("iat", std::to_string(forge.clock.now().seconds() + 3600))},
      {"not valid yet", set("nbf", std::to_string(forge.clock.now().seconds() + 3600))},
      {"exp beyond all time", set("exp", "9223372036854775808")},
      {"exp as text", set("exp", "\"9999999999\"")},
      {"exp with a fraction", set("exp", "9999999999.5")},
      {"another issuer", set("iss", "\"https://evil.example\"")},
      {"another audience", set("aud", "\"baluhost:admin\"")},
      {"a list of audiences", set("aud", R"(["baluhost:access","baluhost:refresh"])")},
      {"a session that is not there", set("sid", '"' + std::string(32, '0') + '"')},
      {"another's session",
       by(head, with(claims, claim("sid"),
                     '"' + std::string("sid\":") +
                         Json::parse(TokenParts{stranger}.claims)["sid"].dump()))},
      {"another's name",
       by(head, with(claims, claim("sub"),
                     '"' + std::string("sub\":") +
                         Json::parse(TokenParts{stranger}.claims)["sub"].dump()))},
      {"no user's id", set("sub", "\"999999999\"")},
      {"a name that is a path", set("sub", "\"../1\"")},
      {"SQL for a session", set("sid", "\"' or '1'='1\"")},
      {"NUL in a session", set("sid", R"("a\u0000b")")},
  };
  for (const char* name : {"iss", "aud", "sub", "type", "jti", "sid", "iat", "nbf", "exp"}) {
    const auto member = claim(name);
    const bool last = claims.find(member + ',') == std::string::npos;
    all.emplace_back(std::string("without ") + name,
                     by(head, with(claims, last ? ',' + member : member + ',', "")));
    all.emplace_back(std::string(name) + " twice", by(head, with(claims, "{", "{" + member + ",")));
    all.emplace_back(std::string(name) + " null", set(name, "null"));
    all.emplace_back(std::string(name) + " a list", set(name, "[]"));
  }
  for (const char* alg :
       {"none", "None", "", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "dir"}) {
    const auto header = with(head, "HS256", alg);
    all.emplace_back(std::string("alg ") + alg, by(header, claims));
    all.emplace_back(std::string("unsigned, alg ") + alg,
                     to_base64url(header) + "." + to_base64url(claims) + ".");
  }
  for (const char* kid :
       {"", "0000000000000000", "../../../../dev/null", "access", "' or '1'='1"}) {
    all.emplace_back(std::string("kid ") + kid, by(with(head, key.kid, kid), claims));
    all.emplace_back(std::string("kid and the empty key ") + kid,
                     forge.sign(with(head, key.kid, kid), claims, {kid, ""}));
  }
  return all;
}

Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
std::string as_body(const std::string& token) { return object({{"refresh_token", q(token)}}); }

} // namespace

TEST_CASE("More than sixty kinds of forged tokens are refused over the wire, of either kind",
          "[tokens][spec-12][spec-16]") {
  Server& server = shared_server();
  TokenForge forge{server.data_dir() + "/keys"}; // the server's secrets in an attacker's hands
  forge.clock.step_to(make_system_clock()->now());
  Api anna = new_user(server);
  Api root = admin(server);
  const TokenParts access{anna.access_token};
  // An attacker with the keys makes what the server makes, byte by byte: so it is what is forged
  // that is refused.
  REQUIRE(forge.sign(access.header, access.claims, forge.access) == anna.access_token);
  CHECK(access.header == forge.header());
  REQUIRE(anna.get(kMe).status == 200);

  const auto check = [](const Response& response) {
    CHECK(response.status == 401);
    const std::string code = Json::parse(response.body)["code"].text();
    CHECK(
        std::set<std::string>{"unauthenticated", "token_expired", "token_revoked"}.contains(code));
  };
  const auto of_access = forgeries(forge, anna.access_token, forge.access, forge.refresh,
                                   anna.refresh_token, root.access_token);
  const auto of_refresh = forgeries(forge, anna.refresh_token, forge.refresh, forge.access,
                                    anna.access_token, root.refresh_token);
  CHECK(of_access.size() >= 60);
  Api attacker{server};
  for (const auto& [name, token] : of_access) {
    INFO("access: " + name);
    check(attacker.get(kMe, bearer(token)));
  }
  for (const auto& [name, token] : of_refresh) {
    INFO("refresh: " + name);
    check(attacker.post(kRefresh, as_body(token)));
  }
  CHECK(anna.get(kMe).status == 200);
  CHECK(attacker.post(kRefresh, as_body(anna.refresh_token)).status == 200);
}

TEST_CASE(
    "Thousands of mutants of tokens are refused over the wire, without an error of the server's "
    "own",
    "[tokens]") {
  Server& server = shared_server();
  Api anna = new_user(server);
  std::mt19937 generator(20261124); // NOLINT(cert-msc51-cpp): the same mutants in every run
  const auto pick = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator);
  };
  const auto any = [&] { return static_cast<char>('!' + pick(94)); };
  const auto mutant = [&](const std::string& seed, const std::string& other) {
    for (;;) {
      std::string token = seed;
      for (auto edits = 1 + pick(4); edits > 0; --edits) {
        const auto at = pick(token.size());
        switch (pick(7)) {
          case 0:
            token.insert(at, 1, any());
            break;
          case 1:
            token.insert(at, 1, "ABab01-_."[pick(9)]);
            break;
          case 2:
            token.erase(at, 1 + pick(5));
            break;
          case 3:
            token[at] = any();
            break;
          case 4:
            token.insert(at, token.substr(pick(token.size()), pick(40)));
            break;
          case 5:
            token.replace(at, std::string::npos, other.substr(std::min(at, other.size())));
            break;
          case 6:
            token = token.substr(at) + token.substr(0, at);
            break;
        }
        if (token.empty()) token = ".";
      }
      if (token != seed && token != other) return token;
    }
  };
  // In batches on one connection: the server answers in order. Nothing of this reaches the
  // database, so once is enough.
  constexpr int kBatch = 200;
  const int batches = database_kind() == "sqlite" ? 100 : 5;
  HttpClient client = server.client();
  int refused = 0;
  for (int batch = 0; batch < batches; ++batch) {
    std::string requests;
    for (int i = 0; i < kBatch; ++i) {
      if (i % 2 == 0) {
        requests += "GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                    mutant(anna.access_token, anna.refresh_token) + "\r\n\r\n";
      } else {
        const std::string body = as_body(mutant(anna.refresh_token, anna.access_token));
        requests +=
            "POST /api/v1/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: "
            "application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body;
      }
    }
    REQUIRE(client.send(requests));
    for (int i = 0; i < kBatch; ++i) refused += client.read_response().status == 401;
  }
  CHECK(refused == batches * kBatch);
  CHECK(anna.get(kMe).status == 200);
  CHECK(anna.post(kRefresh, as_body(anna.refresh_token)).status == 200);
}

TEST_CASE("In 200 rounds of fifty parallel uses of one refresh token exactly one wins each",
          "[tokens][spec-13]") {
  Server& server = shared_server();
  Api anna = new_user(server);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(server.client());
  for (HttpClient& client : clients) client.connect();
  std::string token = anna.refresh_token;
  int rounds = 0;
  for (; rounds < 200; ++rounds) {
    const std::string body = as_body(token);
    const std::string request =
        "POST /api/v1/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    for (HttpClient& client : clients) REQUIRE(client.send(request));
    int winners = 0, losers = 0;
    for (HttpClient& client : clients) {
      const Response response = client.read_response();
      if (response.status == 200) {
        ++winners;
        token = Json::parse(response.body)["refresh_token"].text();
      } else {
        losers += response.status == 401;
      }
    }
    REQUIRE(winners == 1);
    REQUIRE(losers == 49);
  }
  CHECK(rounds == 200);
  CHECK(anna.get(kMe).status == 200);
}

TEST_CASE(
    "A spent refresh token shown again after ten seconds kills its session with all its tokens, "
    "every time, and no other",
    "[tokens][spec-13]") {
  constexpr int kSessions = 50;
  Server& server = shared_server();
  struct Family {
    std::string session;
    std::vector<std::string> access;
    std::vector<std::string> refresh; ///< only the last one is not spent
  };
  Api anna = new_user(server);
  Api bystander{server, anna.username};
  std::vector<Family> families;
  for (int i = 0; i < kSessions; ++i) {
    REQUIRE(anna.login(anna.username, kPassword).status == 200);
    families.push_back({anna.session_id, {anna.access_token}, {anna.refresh_token}});
  }
  for (Family& family : families) {
    for (int turn = 0; turn < 2; ++turn) {
      const Response rotated = anna.post(kRefresh, as_body(family.refresh.back()));
      REQUIRE(rotated.status == 200);
      const Json reply = Json::parse(rotated.body);
      family.access.push_back(reply["access_token"].text());
      family.refresh.push_back(reply["refresh_token"].text());
    }
  }
  const auto grace_is_over =
      std::chrono::steady_clock::now() +
      std::chrono::milliseconds{10'200}; // a promise in seconds of the server's own clock
  const auto reuse = "action=refresh_reuse_detected&user=" + anna.username;
  for (const Family& family : families)
    check_problem(anna.post(kRefresh, as_body(family.refresh.front())), 401, "token_revoked");
  CHECK(anna.events(reuse).empty());
  for (const Family& family : families)
    CHECK(anna.get(kMe, bearer(family.access.back())).status == 200);

  // The first of a family or a later one, from two clients at once.
  std::this_thread::sleep_until(grace_is_over);
  HttpClient thief = server.client(), victim = server.client();
  thief.connect();
  victim.connect();
  for (std::size_t i = 0; i < families.size(); ++i) {
    const std::string body = as_body(families[i].refresh[i % 2]);
    const std::string request =
        "POST /api/v1/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    REQUIRE((thief.send(request) && victim.send(request)));
    check_problem(thief.read_response(), 401, "token_revoked");
    check_problem(victim.read_response(), 401, "token_revoked");
    check_problem(anna.get(kMe, bearer(families[i].access.back())), 401,
                  "token_revoked"); // on the very next request
  }
  for (const Family& family : families) {
    for (const std::string& token : family.access)
      check_problem(anna.get(kMe, bearer(token)), 401, "token_revoked");
    for (const std::string& token : family.refresh)
      check_problem(anna.post(kRefresh, as_body(token)), 401, "token_revoked");
  }
  std::multiset<std::string> recorded, killed;
  for (const Json& event : anna.events(reuse + "&limit=1000")) {
    recorded.insert(event["resource"].text());
    CHECK(event["event_type"].text() == "SECURITY");
    CHECK(event["details"]["revoked_sessions"].integer() == 1);
    CHECK_FALSE(event["success"].flag());
  }
  for (const Family& family : families) killed.insert(family.session);
  CHECK(recorded == killed);
  CHECK(bystander.get(kMe).status == 200);
  CHECK(bystander.post(kRefresh, as_body(bystander.refresh_token)).status == 200);
}

TEST_CASE("Keys that are rotated sign new tokens, and the old ones stay good", "[tokens]") {
  Server server;
  Api anna = new_user(server);
  const std::string kid = Json::parse(TokenParts{anna.access_token}.header)["kid"].text();
  REQUIRE(server.ctl({"keys", "rotate"}).exit_code == 0);
  // The server looks for new keys once a second.
  Api again{server};
  std::string fresh = kid;
  for (int tries = 0; fresh == kid && tries < 100; ++tries) {
    REQUIRE(again.login(anna.username, kPassword).status == 200);
    fresh = Json::parse(TokenParts{again.access_token}.header)["kid"].text();
    if (fresh == kid) std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  CHECK(fresh != kid);
  CHECK(anna.get(kMe).status == 200);
  CHECK(again.get(kMe).status == 200);
  CHECK(anna.post(kRefresh, as_body(anna.refresh_token)).status == 200);
}
