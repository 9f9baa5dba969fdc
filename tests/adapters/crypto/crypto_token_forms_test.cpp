#include "crypto/token_forge.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

namespace baluhost::test {

using namespace std::chrono_literals;

TEST_CASE("what does not have the form of a token is malformed") {
  TokenForge forge;
  const auto good = forge.sign(forge.header(), forge.claims());
  const auto first = good.find('.');
  const auto second = good.find('.', first + 1);
  const auto head = good.substr(0, first);
  const auto body = good.substr(first + 1, second - first - 1);
  Forgeries forgeries{
      {"nothing", ""},
      {"a dot", "."},
      {"no dot", "abcdef"},
      {"one dot", good.substr(0, second)},
      {"three dots", good + "."},
      {"a dot in front", "." + good},
      {"five parts", good + ".a.b"},
      {"a scheme in front", "Bearer " + good},
      {"a space in front", " " + good},
      {"a space after it", good + " "},
      {"a line after it", good + "\n"},
      {"CR LF within", with(good, ".", ".\r\n")},
      {"a tab within", with(good, ".", "\t.")},
      {"a NUL after it", good + '\0'},
      {"a NUL in front", '\0' + good},
      {"a NUL within", with(good, ".", std::string("\0.", 2))},
      {"more after a NUL", good + '\0' + good},
      {"quotes", '"' + good + '"'},
      {"a comma", good + "," + good},
      {"padding of the header", forge.sign_encoded(head + "=", body, forge.access)},
      {"padding of the claims", forge.sign_encoded(head, body + "==", forge.access)},
      {"plus", with(good, good.substr(5, 1), "+")},
      {"slash", with(good, good.substr(5, 1), "/")},
      {"percent", with(good, good.substr(5, 1), "%41")},
      {"a byte 0x80", good.substr(0, 10) + '\x80' + good.substr(11)},
      {"a byte 0xff", good.substr(0, 10) + '\xff' + good.substr(11)},
      {"only bytes 0xff", std::string(100, '\xff')},
      {"bytes 0x80 for parts", "\x80.\x80.\x80"},
      {"a wide character", good.substr(0, 10) + "\xef\xbc\xa1" + good.substr(11)},
      {"JSON serialization", R"({"protected":")" + head + R"(","payload":")" + body + R"("})"},
      {"megabytes", std::string(5'000'000, 'A')},
      {"only dots", std::string(4096, '.')},
  };
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    if (c == '-' || c == '_' || c == '.' || (std::isalnum(byte) && byte < 128)) continue;
    forgeries.emplace_back("byte " + std::to_string(byte),
                           with(good, ".", std::string(1, c) + "."));
  }
  are_refused(forge, forgeries, "malformed");
  CHECK(verdict(forge, "..") == "bad_header");
  CHECK(verdict(forge, head + "..") == "bad_signature");
}

TEST_CASE("a token has at most 4096 bytes") {
  TokenForge forge;
  const auto padded_to = [&](std::size_t size) {
    // Whitespace in the claims is JSON; how much of it gives this size depends on base64 and is
    // found by trying.
    for (std::size_t spaces = size / 2; spaces < size; ++spaces) {
      for (std::size_t more = 0; more < 3; ++more) {
        const auto token = forge.sign(forge.header() + std::string(more, ' '),
                                      with(forge.claims(), "{", "{" + std::string(spaces, ' ')));
        if (token.size() == size) return token;
      }
    }
    return std::string();
  };
  CHECK(verdict(forge, padded_to(4096)) == "accepted");
  CHECK(verdict(forge, padded_to(4097)) == "malformed");
}

TEST_CASE("base64url that is not canonical is refused in every part") {
  TokenForge forge;
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // A text of 3n+1 bytes has four spare bits at its end.
  auto head = forge.header();
  while (head.size() % 3 != 1) head += ' ';
  auto body = forge.claims();
  while (body.size() % 3 != 1) body += ' ';
  const auto loosened = [&](std::string encoded) {
    encoded.back() = alphabet[alphabet.find(encoded.back()) + 1];
    return encoded;
  };
  REQUIRE(verdict(forge, forge.sign(head, body)) == "accepted");
  CHECK(verdict(forge, forge.sign_encoded(loosened(to_base64url(head)), to_base64url(body),
                                          forge.access)) == "bad_header");
  CHECK(verdict(forge, forge.sign_encoded(to_base64url(head), loosened(to_base64url(body)),
                                          forge.access)) == "malformed");
  CHECK(verdict(forge, forge.sign_encoded(to_base64url(head), to_base64url(body) + "AAA",
                                          forge.access)) != "accepted");
}

TEST_CASE("20,000 mutants of a token are refused and nothing is thrown") {
  TokenForge forge;
  std::mt19937 generator(20261124); // NOLINT(cert-msc51-cpp): the same mutants in every run
  const auto pick = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator);
  };
  const std::vector<std::string> seeds{
      std::string(forge.codec->sign_access(forge.valid_claims()).value().text.reveal()),
      std::string(forge.codec->sign_refresh(forge.valid_claims()).value().text.reveal())};
  std::map<std::string, int> reasons;
  for (int i = 0; i < 20'000; ++i) {
    const auto& seed = seeds[0];
    auto mutant = seed;
    for (auto edits = 1 + pick(4); edits > 0; --edits) {
      const auto at = pick(mutant.size() + 1);
      switch (pick(8)) {
        case 0:
          mutant.insert(at, 1, static_cast<char>(pick(256)));
          break;
        case 1:
          mutant.insert(at, 1, "ABab01-_."[pick(9)]);
          break;
        case 2:
          mutant.erase(at, 1 + pick(5));
          break;
        case 3:
          if (at < mutant.size()) mutant[at] = static_cast<char>(mutant[at] ^ (1 << pick(8)));
          break;
        case 4:
          if (at < mutant.size()) mutant[at] = "ABab01-_."[pick(9)];
          break;
        case 5:
          mutant.insert(at, mutant.substr(pick(mutant.size() + 1), pick(40)));
          break;
        case 6:
          mutant.replace(at, std::string::npos, seeds[1].substr(std::min(at, seeds[1].size())));
          break;
        case 7:
          mutant = mutant.substr(at) + mutant.substr(0, at);
          break;
      }
    }
    if (mutant == seed) continue;
    CAPTURE(mutant);
    const auto reason = verdict(forge, mutant);
    if (reason == "accepted" || reason == "another code") FAIL(reason);
    ++reasons[reason];
  }
  // The mutants reach every check before the signature, and the signature.
  for (const auto* reason : {"malformed", "bad_header", "unknown_key", "bad_signature"})
    CHECK(reasons[reason] > 20);
}

TEST_CASE(
    "20,000 well-signed mutants of header and claims: what is accepted has not lost its meaning") {
  TokenForge forge;
  std::mt19937 generator(20261125); // NOLINT(cert-msc51-cpp)
  const auto pick = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator);
  };
  const std::string bytes = "{}[]\":,0123456789.eE+- \\u\n\0a\xc3\xff";
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string parts[2] = {forge.header(), forge.claims()};
    for (auto edits = 1 + pick(3); edits > 0; --edits) {
      auto& part = parts[pick(2)];
      const auto at = pick(part.size());
      switch (pick(3)) {
        case 0:
          part.insert(at, 1, bytes[pick(bytes.size())]);
          break;
        case 1:
          part.erase(at, 1 + pick(3));
          break;
        case 2:
          part[at] = bytes[pick(bytes.size())];
          break;
      }
    }
    const auto token = forge.sign(parts[0], parts[1]);
    CAPTURE(parts[0], parts[1]);
    const auto claims = forge.codec->verify_access(token, forge.clock.now());
    if (!claims) continue;
    ++accepted;
    // Only ids, the user and the times can have changed; the members that say what the token is
    // must all be there.
    CHECK(claims->subject.value > 0);
    CHECK(claims->expires_at > forge.clock.now());
    CHECK(claims->issued_at <= forge.clock.now() + 5s);
    for (const auto* text : {"HS256", "JWT"}) CHECK_THAT(parts[0], Catch::Contains(text));
    for (const auto* text : {R"("baluhost")", R"("baluhost:access")", R"("access")"})
      CHECK_THAT(parts[1], Catch::Contains(text));
  }
  CHECK(accepted > 0);
  CHECK(accepted < 10'000);
}

TEST_CASE("a directory that is gone for a moment does not stop the server") {
  TokenForge forge;
  std::filesystem::rename(forge.directory / "keys", forge.directory / "elsewhere");
  forge.clock.advance(2s);
  const auto token = forge.codec->sign_access(forge.valid_claims());
  REQUIRE(token);
  CHECK(verdict(forge, token->text.reveal()) == "accepted");
  CHECK_FALSE(forge.keys->rotate());
}

} // namespace baluhost::test
