#include "../token_forge.hpp"

#include <cstdio>
#include <iostream>
#include <vector>

// The C++ side of the comparison with npm's jose.
//
//   token_peer print KEYS   makes keys and prints, as JSON, what jose needs to know and a list of
//   tokens with our verdict of each token_peer check KEYS   reads tokens, one a line, and fails
//   unless all of them are accepted
using namespace baluhost;
using test::TokenForge;
using test::with;

namespace {

struct Case {
  std::string name;
  std::string token;
  bool stricter{false}; ///< jose accepts it, the contract does not
};

std::vector<Case> cases_of(const TokenForge& forge) {
  const auto head = forge.header();
  const auto body = forge.claims();
  const auto now = forge.clock.now().seconds();
  const auto seconds = [](std::int64_t value) { return std::to_string(value); };
  const auto good = forge.sign(head, body);
  std::vector<Case> cases{
      {"ours", std::string(forge.codec->sign_access(forge.valid_claims()).value().text.reveal())},
      {"forged as ours", good},
      {"whitespace", forge.sign("{ " + head.substr(1), " " + body + "\n")},
      {"escaped member", forge.sign(with(head, "alg", "\\u0061lg"), body)},
      {"one second left", forge.sign(head, with(body, seconds(now + 900), seconds(now + 1)))},
      {"expired now", forge.sign(head, with(body, seconds(now + 900), seconds(now)))},
      {"not yet valid",
       forge.sign(head, with(body, "\"nbf\":" + seconds(now), "\"nbf\":" + seconds(now + 60)))},
      {"refresh",
       std::string(forge.codec->sign_refresh(forge.valid_claims()).value().text.reveal())},
      {"refresh claims", forge.sign(head, forge.claims("refresh"))},
      {"another issuer", forge.sign(head, with(body, R"("iss":"baluhost")", R"("iss":"other")"))},
      {"no exp", forge.sign(head, with(body, "\"exp\":" + seconds(now + 900) + ",", ""))},
      {"exp as text",
       forge.sign(head, with(body, seconds(now + 900), '"' + seconds(now + 900) + '"'))},
      {"iat as text",
       forge.sign(head, with(body, "\"iat\":" + seconds(now), "\"iat\":\"" + seconds(now) + '"'))},
      {"no jti", forge.sign(head, with(body, R"("jti":")" + std::string(32, 'b') + "\",", ""))},
      {"claims a list", forge.sign(head, "[" + body + "]")},
      {"claims cut short", forge.sign(head, body.substr(1))},
      {"crit", forge.sign(with(head, "{", R"({"crit":["exp"],)"), body)},
      {"b64 false", forge.sign(with(head, "{", R"({"crit":["b64"],"b64":false,)"), body)},
      {"typ of another kind", forge.sign(with(head, "JWT", "at+jwt"), body)},
      {"no typ", forge.sign(with(head, R"(,"typ":"JWT")", ""), body)},
      {"cut short", good.substr(0, good.size() - 4)},
      {"longer", good + "AAAA"},
      {"no signature", good.substr(0, good.rfind('.') + 1)},
      {"two parts", good.substr(0, good.rfind('.'))},
      {"five parts", good + ".AAAA.AAAA"},
      {"the other kind's key", forge.sign(head, body, forge.refresh)},
      {"an extra claim", forge.sign(head, with(body, "{", R"({"x":1,)")), true},
      {"an extra header member", forge.sign(with(head, "{", R"({"x":1,)"), body), true},
      {"a key in the header",
       forge.sign(with(head, "{", R"({"jwk":{"kty":"oct","k":"AAAA"},)"), body), true},
      {"typ in small letters", forge.sign(with(head, "JWT", "jwt"), body), true},
      {"a member twice", forge.sign(head, with(body, "{", R"({"sub":"1",)")), true},
      {"exp with a fraction",
       forge.sign(head, with(body, seconds(now + 900), seconds(now + 900) + ".5")), true},
      {"audiences",
       forge.sign(head, with(body, R"("baluhost:access")", R"(["x","baluhost:access"])")), true},
      {"sub no number", forge.sign(head, with(body, R"("sub":"7")", R"("sub":"admin")")), true},
      {"type of the other kind",
       forge.sign(head, with(body, R"("type":"access")", R"("type":"refresh")")), true},
  };
  for (const auto* alg :
       {"none", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", ""}) {
    cases.push_back({std::string("alg ") + alg, forge.sign(forge.header(alg), body)});
  }
  for (std::size_t i = 0; i < good.size(); i += 5) {
    auto flipped = good;
    flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
    cases.push_back({"changed at " + std::to_string(i), flipped});
  }
  return cases;
}

void print(const TokenForge& forge) {
  std::cout << R"({"now":)" << forge.clock.now().seconds() << R"(,"kid":")" << forge.access.kid
            << R"(","secret":")" << to_hex(forge.access.secret) << R"(","cases":[)";
  const char* comma = "";
  for (const auto& [name, token, stricter] : cases_of(forge)) {
    const bool accepted = forge.codec->verify_access(token, forge.clock.now()).has_value();
    std::cout << comma << R"({"name":")" << name << R"(","token":")" << token << R"(","accepted":)"
              << (accepted ? "true" : "false") << R"(,"stricter":)" << (stricter ? "true" : "false")
              << '}';
    comma = ",\n";
  }
  std::cout << "]}\n";
}

int check(const TokenForge& forge) {
  int tokens = 0;
  int refused = 0;
  for (std::string token; std::getline(std::cin, token); ++tokens) {
    const auto claims = forge.codec->verify_access(token, forge.clock.now());
    if (claims) continue;
    ++refused;
    std::cerr << "we refuse what jose signed: " << claims.error().detail << '\n';
  }
  std::cout << tokens - refused << " of " << tokens << " tokens of jose accepted\n";
  return tokens > 0 && refused == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  const std::string verb = argc == 3 ? argv[1] : "";
  if (verb == "print") {
    print(TokenForge(argv[2]));
    return 0;
  }
  if (verb == "check") return check(TokenForge(argv[2]));
  std::fputs("usage: token_peer print|check KEYS\n", stderr);
  return 2;
}
