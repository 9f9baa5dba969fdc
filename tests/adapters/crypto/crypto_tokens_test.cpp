#include "crypto/token_forge.hpp"

#include <catch2/catch.hpp>
#include <map>

namespace baluhost::test {

using namespace std::chrono_literals;

TEST_CASE("a token of each kind comes back as it went in") {
  TokenForge forge;
  const auto claims = forge.valid_claims();
  const auto access = forge.codec->sign_access(claims).value();
  const auto refresh = forge.codec->sign_refresh(claims).value();
  const auto back = forge.codec->verify_access(access.text.reveal(), forge.clock.now()).value();
  CHECK(back.subject == claims.subject);
  CHECK(back.session == claims.session);
  CHECK(back.token_id == claims.token_id);
  CHECK(back.issued_at == claims.issued_at);
  CHECK(back.expires_at == claims.expires_at);
  CHECK(forge.codec->verify_refresh(refresh.text.reveal(), forge.clock.now()));
}

TEST_CASE("a token has the header and the nine claims of the contract") {
  TokenForge forge;
  const auto token =
      std::string(forge.codec->sign_access(forge.valid_claims()).value().text.reveal());
  const auto refresh =
      std::string(forge.codec->sign_refresh(forge.valid_claims()).value().text.reveal());
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  CHECK(from_base64url(token.substr(0, first)).value() == forge.header());
  CHECK(from_base64url(token.substr(first + 1, second - first - 1)).value() == forge.claims());
  CHECK(token == forge.sign(forge.header(), forge.claims()));
  CHECK(refresh == forge.sign(with(forge.header(), forge.access.kid, forge.refresh.kid),
                              forge.claims("refresh"), forge.refresh));
}

TEST_CASE("exp has no leeway, iat and nbf have five seconds") {
  TokenForge forge;
  const auto now = forge.clock.now().seconds();
  const auto at = [&](const char* claim, std::int64_t before, std::int64_t after) {
    return verdict(forge,
                   forge.sign(forge.header(), with(forge.claims(), claim + std::to_string(before),
                                                   claim + std::to_string(after))));
  };
  CHECK(at("\"exp\":", now + 900, now + 1) == "accepted");
  CHECK(at("\"exp\":", now + 900, now) == "expired");
  CHECK(at("\"exp\":", now + 900, 0) == "expired");
  CHECK(at("\"iat\":", now, now + 5) == "accepted");
  CHECK(at("\"iat\":", now, now + 6) == "not_yet_valid");
  CHECK(at("\"nbf\":", now, now + 5) == "accepted");
  CHECK(at("\"nbf\":", now, now + 6) == "not_yet_valid");

  const auto token = forge.codec->sign_access(forge.valid_claims()).value();
  forge.clock.advance(900s - 1us);
  CHECK(verdict(forge, token.text.reveal()) == "accepted");
  forge.clock.advance(1us);
  CHECK(verdict(forge, token.text.reveal()) == "expired");
}

TEST_CASE("a token of one kind is not accepted as the other") {
  TokenForge forge;
  const auto claims = forge.valid_claims();
  const auto access = forge.codec->sign_access(claims).value();
  const auto refresh = forge.codec->sign_refresh(claims).value();
  CHECK(verdict(forge, refresh.text.reveal()) == "wrong_type");
  const auto as_refresh = forge.codec->verify_refresh(access.text.reveal(), forge.clock.now());
  REQUIRE_FALSE(as_refresh);
  CHECK(as_refresh.error().detail == "wrong_type");
  const auto refresh_header = with(forge.header(), forge.access.kid, forge.refresh.kid);
  are_refused(
      forge,
      {{"refresh claims, access key", forge.sign(forge.header(), forge.claims("refresh"))},
       {"access claims, refresh key", forge.sign(refresh_header, forge.claims(), forge.refresh)},
       {"type alone", forge.sign(forge.header(), with(forge.claims(), R"("type":"access")",
                                                      R"("type":"refresh")"))},
       {"aud alone",
        forge.sign(forge.header(), with(forge.claims(), "baluhost:access", "baluhost:refresh"))},
       {"type in capitals", forge.sign(forge.header(), with(forge.claims(), R"("type":"access")",
                                                            R"("type":"ACCESS")"))},
       {"type empty",
        forge.sign(forge.header(), with(forge.claims(), R"("type":"access")", R"("type":"")"))},
       {"aud empty", forge.sign(forge.header(), with(forge.claims(), "baluhost:access", ""))},
       {"foreign aud",
        forge.sign(forge.header(), with(forge.claims(), "baluhost:access", "other:access"))}},
      "wrong_type");
}

TEST_CASE("a signature that does not fit is refused") {
  TokenForge forge;
  const auto good = forge.sign(forge.header(), forge.claims());
  const auto dot = good.rfind('.');
  const auto text = good.substr(0, dot);
  const auto signature = good.substr(dot + 1);
  const auto other =
      forge.sign(forge.header(), with(forge.claims(), R"("sub":"7")", R"("sub":"1")"));
  const auto kid_of_refresh = with(forge.header(), forge.access.kid, forge.refresh.kid);
  Forgeries forgeries{
      {"none", text + '.'},
      {"one character less", good.substr(0, good.size() - 1)},
      {"one byte less", text + '.' + to_base64url(from_base64url(signature).value().substr(0, 31))},
      {"one byte more", text + '.' + to_base64url(from_base64url(signature).value() + '\0')},
      {"one character more", good + 'A'},
      {"twice", good + signature},
      {"zeros", text + '.' + to_base64url(std::string(32, '\0'))},
      {"of another token", text + other.substr(other.rfind('.'))},
      {"its claims under another's", other.substr(0, other.rfind('.')) + '.' + signature},
      {"by the other kind's key", forge.sign(forge.header(), forge.claims(), forge.refresh)},
      {"kid of the other kind", forge.sign(kid_of_refresh, forge.claims(), forge.access)},
      {"by the empty key", forge.sign(forge.header(), forge.claims(), {forge.access.kid, ""})},
      {"by the kid as the key",
       forge.sign(forge.header(), forge.claims(), {forge.access.kid, forge.access.kid})},
      {"by the hex of the key",
       forge.sign(forge.header(), forge.claims(), {forge.access.kid, to_hex(forge.access.secret)})},
      {"padded", good + '='},
      {"over the decoded text",
       text + '.' +
           to_base64url(test::hmac_sha256(*forge.digester, forge.access.secret,
                                          forge.header() + '.' + forge.claims()))},
  };
  for (std::size_t i = 0; i < signature.size(); i += 7) {
    auto flipped = good;
    flipped[dot + 1 + i] = flipped[dot + 1 + i] == 'A' ? 'B' : 'A';
    forgeries.emplace_back("character " + std::to_string(i), flipped);
  }
  // 43 characters carry 258 bits: the last one has two that mean nothing and must be zero.
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t bits = 1; bits < 4; ++bits) {
    auto loose = good;
    loose.back() = alphabet[alphabet.find(good.back()) + bits];
    forgeries.emplace_back("loose bits", loose);
  }
  for (auto& [name, token] : forgeries) {
    CAPTURE(name);
    CHECK(verdict(forge, token) ==
          (token.find('=') == std::string::npos ? "bad_signature" : "malformed"));
  }
}

TEST_CASE("a header other than the three members is refused, however well it is signed") {
  TokenForge forge;
  const auto head = forge.header();
  const auto more = [&](const std::string& member) {
    return forge.sign(with(head, "{", "{" + member + ","), forge.claims());
  };
  const auto less = [&](const std::string& from, const std::string& to) {
    return forge.sign(with(head, from, to), forge.claims());
  };
  const auto kid = "\"" + forge.access.kid + "\"";
  Forgeries forgeries{
      {"no alg", less(R"("alg":"HS256",)", "")},
      {"no typ", less(R"(,"typ":"JWT")", "")},
      {"no kid", less(R"("kid":)" + kid + ",", "")},
      {"alg null", less(R"("HS256")", "null")},
      {"alg number", less(R"("HS256")", "256")},
      {"alg list", less(R"("HS256")", R"(["HS256"])")},
      {"alg true", less(R"("HS256")", "true")},
      {"typ in small letters", less("JWT", "jwt")},
      {"typ of RFC 9068", less("JWT", "at+jwt")},
      {"typ null", less(R"("JWT")", "null")},
      {"kid number", less(kid, "1")},
      {"kid null", less(kid, "null")},
      {"kid object", less(kid, R"({"a":1})")},
      {"capital member", less(R"("alg")", R"("Alg")")},
      {"crit", more(R"("crit":["exp"])")},
      {"crit empty", more(R"("crit":[])")},
      {"b64 false", more(R"("b64":false)")},
      {"jwk", more(R"("jwk":{"kty":"oct","k":"AAAA"})")},
      {"jku", more(R"("jku":"https://example.org/keys")")},
      {"x5u", more(R"("x5u":"https://example.org/cert")")},
      {"x5c", more(R"("x5c":["AAAA"])")},
      {"x5t", more(R"("x5t":"AAAA")")},
      {"cty", more(R"("cty":"JWT")")},
      {"zip", more(R"("zip":"DEF")")},
      {"enc", more(R"("enc":"A256GCM")")},
      {"an unknown member", more(R"("x":1)")},
      {"alg twice, same", more(R"("alg":"HS256")")},
      {"alg twice, none first", more(R"("alg":"none")")},
      {"alg twice, escaped", more(R"("\u0061lg":"none")")},
      {"kid twice", more(R"("kid":"x")")},
      {"typ twice", more(R"("typ":"JWT")")},
      {"no members", forge.sign("{}", forge.claims())},
      {"a list", forge.sign("[]", forge.claims())},
      {"a list around", forge.sign("[" + head + "]", forge.claims())},
      {"a string", forge.sign("\"HS256\"", forge.claims())},
      {"null", forge.sign("null", forge.claims())},
      {"no JSON", forge.sign("HS256", forge.claims())},
      {"nothing", forge.sign("", forge.claims())},
      {"cut short", forge.sign(head.substr(0, head.size() - 1), forge.claims())},
      {"something after it", forge.sign(head + "x", forge.claims())},
      {"another object after it", forge.sign(head + head, forge.claims())},
      {"a NUL after it", forge.sign(head + '\0', forge.claims())},
      {"a NUL and more after it", forge.sign(head + '\0' + R"({"alg":"none"})", forge.claims())},
      {"a byte order mark", forge.sign("\xef\xbb\xbf" + head, forge.claims())},
      {"invalid UTF-8", less("JWT", "J\xffWT")},
      {"UTF-16", forge.sign(std::string("{\0\"\0", 4), forge.claims())},
      {"a comment", forge.sign(head + "/**/", forge.claims())},
      {"single quotes", less(R"("JWT")", "'JWT'")},
      {"a trailing comma", less("}", ",}")},
      {"nested deeply", forge.sign(std::string(1500, '['), forge.claims())},
      {"nested deeply in a member", more(R"("x":)" + std::string(1000, '['))},
      {"a lone character",
       forge.sign_encoded(to_base64url(head) + "A", to_base64url(forge.claims()), forge.access)},
  };
  for (const auto* alg :
       {"none",  "None",  "NONE",  "nOnE",  "",      "hs256",  "Hs256",        "HS256 ", " HS256",
        "HS384", "HS512", "RS256", "RS384", "RS512", "ES256",  "ES256K",       "ES384",  "ES512",
        "PS256", "PS384", "PS512", "EdDSA", "dir",   "A128KW", "HS256\\u0000", "SHA256"}) {
    forgeries.emplace_back(std::string("alg ") + alg,
                           forge.sign(forge.header(alg), forge.claims()));
    const auto unsigned_text =
        to_base64url(forge.header(alg)) + '.' + to_base64url(forge.claims()) + '.';
    forgeries.emplace_back(std::string("unsigned, alg ") + alg, unsigned_text);
  }
  are_refused(forge, forgeries, "bad_header");
}

TEST_CASE("a key id that is not exactly one of ours is refused") {
  TokenForge forge;
  Forgeries forgeries;
  auto capitals = forge.access.kid;
  for (auto& c : capitals) c = static_cast<char>(std::toupper(c));
  for (const auto& kid :
       {std::string(), std::string("0000000000000000"), forge.access.kid.substr(1),
        forge.access.kid + "0", forge.access.kid + " ", forge.access.kid + "\\u0000",
        " " + forge.access.kid, std::string("../../../etc/passwd"), std::string("access"),
        std::string("' or '1'='1"), std::string(1000, 'a'),
        capitals == forge.access.kid ? "A" : capitals}) {
    forgeries.emplace_back("kid " + kid,
                           forge.sign(with(forge.header(), forge.access.kid, kid), forge.claims()));
  }
  are_refused(forge, forgeries, "unknown_key");
}

TEST_CASE(
    "claims other than the nine, each of its type, are refused, however well they are signed") {
  TokenForge forge;
  const auto good = forge.claims();
  const auto now = std::to_string(forge.clock.now().seconds());
  const auto later = std::to_string(forge.clock.now().seconds() + 900);
  const std::map<std::string, std::string> members{{"iss", "\"baluhost\""},
                                                   {"aud", "\"baluhost:access\""},
                                                   {"sub", "\"7\""},
                                                   {"type", "\"access\""},
                                                   {"jti", '"' + std::string(32, 'b') + '"'},
                                                   {"sid", '"' + std::string(32, 'a') + '"'},
                                                   {"iat", now},
                                                   {"nbf", now},
                                                   {"exp", later}};
  const auto set = [&](const std::string& claim, const std::string& value) {
    const auto name = '"' + claim + "\":";
    return forge.sign(forge.header(), with(good, name + members.at(claim), name + value));
  };
  Forgeries forgeries;
  for (const auto& [claim, value] : members) {
    const auto member = '"' + claim + "\":" + value;
    const auto missing = good.find(member + ',') == std::string::npos
                             ? with(good, ',' + member, "")
                             : with(good, member + ',', "");
    forgeries.emplace_back("without " + claim, forge.sign(forge.header(), missing));
    forgeries.emplace_back(claim + " twice",
                           forge.sign(forge.header(), with(good, "{", "{" + member + ",")));
    forgeries.emplace_back(claim + " in place of another",
                           forge.sign(forge.header(), with(missing, "{", R"({"x":1,)")));
    for (const auto* other :
         {"null", "true", "false", "[]", "{}", "1.5", "\"\"", "[\"7\"]", "{\"a\":1}"}) {
      const bool names_kind = (claim == "aud" || claim == "type") && other == std::string("\"\"");
      if (!names_kind) forgeries.emplace_back(claim + " " + other, set(claim, other));
    }
    const bool is_number = value[0] != '"';
    forgeries.emplace_back(claim + " of the other type",
                           set(claim, is_number ? '"' + value + '"' : "7"));
  }
  for (const auto* number :
       {"1e10", "1.0e10", "253402300800", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "1e400", "-1", "-9223372036854775808", "01", "+1", "0x10",
        "Infinity", "NaN", ".5", "1."}) {
    for (const auto* claim : {"exp", "iat", "nbf"})
      forgeries.emplace_back(std::string(claim) + " " + number, set(claim, number));
  }
  forgeries.emplace_back("exp with a fraction of zero", set("exp", later + ".0"));
  forgeries.emplace_back("exp with an exponent", set("exp", later + "e0"));
  for (const auto* sub : {"0", "-7", "+7", "07", "7 ", " 7", "7.0", "7e0", "0x7", "admin",
                          "9223372036854775808", "7\\u0000", "\xd9\xa7"}) {
    forgeries.emplace_back(std::string("sub ") + sub, set("sub", '"' + std::string(sub) + '"'));
  }
  for (const auto* id : {"a b", "a/b", "../a", "a\\u0000", "a\\n", "\xc3\xa9", "a'--"}) {
    forgeries.emplace_back(std::string("sid ") + id, set("sid", '"' + std::string(id) + '"'));
    forgeries.emplace_back(std::string("jti ") + id, set("jti", '"' + std::string(id) + '"'));
  }
  forgeries.emplace_back("sid too long", set("sid", '"' + std::string(129, 'a') + '"'));
  forgeries.emplace_back("jti too long", set("jti", '"' + std::string(129, 'b') + '"'));
  for (const auto* iss : {"Baluhost", "baluhost ", "https://baluhost", "baluhost\\u0000"}) {
    forgeries.emplace_back(std::string("iss ") + iss, set("iss", '"' + std::string(iss) + '"'));
  }
  forgeries.emplace_back("aud a list", set("aud", R"(["baluhost:access"])"));
  forgeries.emplace_back("a tenth claim",
                         forge.sign(forge.header(), with(good, "{", R"({"role":"admin",)")));
  forgeries.emplace_back("a nested claim",
                         forge.sign(forge.header(), with(good, "{", R"({"x":{"y":1},)")));
  forgeries.emplace_back("no claims", forge.sign(forge.header(), "{}"));
  forgeries.emplace_back("nothing", forge.sign(forge.header(), ""));
  forgeries.emplace_back("a list", forge.sign(forge.header(), "[" + good + "]"));
  forgeries.emplace_back("a number", forge.sign(forge.header(), "1"));
  forgeries.emplace_back("cut short", forge.sign(forge.header(), good.substr(0, good.size() - 1)));
  forgeries.emplace_back("something after it", forge.sign(forge.header(), good + "x"));
  forgeries.emplace_back("a second object", forge.sign(forge.header(), good + good));
  forgeries.emplace_back("a NUL after it", forge.sign(forge.header(), good + '\0'));
  forgeries.emplace_back("invalid UTF-8", set("sid", "\"\xff\""));
  forgeries.emplace_back("nested deeply", forge.sign(forge.header(), std::string(2000, '[')));
  are_refused(forge, forgeries, "bad_claims");
}

TEST_CASE("a token that was accepted once is looked at as closely the second time") {
  TokenForge forge;
  const auto token =
      std::string(forge.codec->sign_access(forge.valid_claims()).value().text.reveal());
  REQUIRE(verdict(forge, token) == "accepted");
  const auto now = forge.clock.now();
  for (const auto& refused :
       {forge.codec->verify_refresh(token, now), forge.codec->verify_read(token, now)}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().detail == "wrong_type");
  }
  CHECK_FALSE(forge.codec->verify_share(token, ShareTransport::bearer, now));
  const auto early = forge.codec->verify_access(token, now - 6s);
  REQUIRE_FALSE(early);
  CHECK(early.error().detail == "not_yet_valid");
  CHECK(forge.codec->verify_access(token, now + 900s).error().code == Errc::token_expired);
  for (const std::size_t at : {std::size_t{0}, token.size() / 2, token.size() - 2}) {
    auto other = token;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    CHECK(verdict(forge, other) != "accepted");
  }
  CHECK(verdict(forge, token) == "accepted");
}

TEST_CASE("more tokens than are remembered are accepted all the same") {
  TokenForge forge;
  std::vector<std::string> tokens;
  for (int i = 0; i < 17'000; ++i) {
    auto claims = forge.valid_claims();
    claims.token_id = std::to_string(i);
    tokens.emplace_back(forge.codec->sign_access(claims).value().text.reveal());
  }
  int wrong = 0;
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto claims = forge.codec->verify_access(tokens[i], forge.clock.now());
      if (!claims || claims->token_id != std::to_string(i)) ++wrong;
    }
  CHECK(wrong == 0);
}

} // namespace baluhost::test
