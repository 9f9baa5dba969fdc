#include "baluhost/domain/percent.hpp"
#include "dispatch/cors.hpp"
#include "fields/conditional.hpp"
#include "fields/content_disposition.hpp"
#include "fields/cookies.hpp"
#include "fields/digest_fields.hpp"
#include "fields/query.hpp"
#include "routes/upload_metadata.hpp"
#include "runtime/client_address.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;
using namespace baluhost::http;

TEST_CASE("A query holds known parameters, once each", "[http][query]") {
  const auto query = Query::parse("limit=5&cursor=a%2Bb+c&x=", "limit cursor x");
  REQUIRE(query);
  CHECK((*query->page()).limit == 5);
  CHECK((*query->page()).cursor == "a+b c");
  CHECK(query->text("x") == "");
  CHECK_FALSE(query->text("y"));
  CHECK(Query::parse("", ""));
  for (const char* raw : {"y=1", "limit=1&limit=1", "limit=%", "limit=%4", "limit=%zz", "&limit=1",
                          "limit=1&&x=1", "x=%00", "x=%ff", "x=%0a", "=1", "Limit=1", "%00=1"}) {
    INFO(raw);
    CHECK_FALSE(Query::parse(raw, "limit cursor x"));
  }
  for (const char* limit : {"0", "1001", "-1", "+1", "1.0", "", "99999999999999999999"}) {
    INFO(limit);
    CHECK_FALSE(Query::parse("limit=" + percent_encode(limit), "limit")->page());
  }
  CHECK(*Query::parse("f=true", "f")->flag("f"));
  CHECK_FALSE(*Query::parse("f=false", "f")->flag("f"));
  CHECK_FALSE(Query::parse("f=1", "f")->flag("f"));
  CHECK_FALSE(Query::parse("f=TRUE", "f")->flag("f"));
}

TEST_CASE("Percent-encoding is undone once and strictly", "[http][query]") {
  CHECK(percent_decode("a%2541") == "a%41");
  CHECK(percent_decode("a+b") == "a+b");
  CHECK_FALSE(percent_decode("%"));
  CHECK_FALSE(percent_decode("%g0"));
  CHECK(percent_encode("a b/\xc3\xa4") == "a%20b%2F%C3%A4");
}

TEST_CASE("Conditions are lists of entity tags, or a star", "[http][conditional]") {
  CHECK_FALSE(parse_condition(std::nullopt)->present);
  CHECK(parse_condition(" * ")->any);
  CHECK(parse_condition(R"("a", W/"b" ,"c")")->etags ==
        std::vector<std::string>{R"("a")", R"(W/"b")", R"("c")"});
  CHECK(parse_condition(R"(,"a",)")->etags.size() == 1);
  CHECK(parse_condition(R"("a,b")")->etags == std::vector<std::string>{R"("a,b")"});
  for (const char* header :
       {"", ",", "a", R"("a)", R"("a""b")", R"(w/"a")", R"(*, "a")", R"("a" "b")", R"("a b")"}) {
    INFO(header);
    CHECK_FALSE(parse_condition(header));
  }
  CHECK(parse_if_range(R"("x")").etag == R"("x")");
  CHECK(parse_if_range("Sun, 06 Nov 1994 08:49:37 GMT").date->seconds() == 784111777);
  CHECK_FALSE(parse_if_range("nonsense").date);
  CHECK(parse_if_range("nonsense").etag == "nonsense");
  CHECK_FALSE(parse_condition_date("yesterday"));
}

TEST_CASE("Digest fields are dictionaries of byte sequences", "[http][digest]") {
  const std::string of_hello = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
  const auto digest = parse_digest_field(of_hello);
  REQUIRE(digest);
  CHECK((*digest)->hex() == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  CHECK(digest_field(**digest) == of_hello);
  CHECK((*parse_digest_field("sha-512=:AAAA:, " + of_hello)).has_value());
  CHECK_FALSE((*parse_digest_field("sha-512=:AAAA:")).has_value());
  for (const std::string& header :
       std::vector{std::string{}, std::string{"sha-256"}, std::string{"sha-256=LPJN"},
                   std::string{"sha-256=:LPJN:"}, std::string{"sha-256=:L:"}, of_hello + ",",
                   of_hello + " x", of_hello + "," + of_hello, std::string{"SHA-256=:AAAA:"}}) {
    INFO(header);
    CHECK_FALSE(parse_digest_field(header));
  }
  const std::string other = "sha-256=:" + to_base64(std::string(32, 'x')) + ":";
  CHECK(announced_digest({of_hello, other}).error().code == Errc::digest_mismatch);
  CHECK((*announced_digest({of_hello, of_hello})).has_value());
  CHECK_FALSE((*announced_digest({})).has_value());
}

TEST_CASE("A file's name in Content-Disposition cannot leave its quotes",
          "[http][disposition][spec-23]") {
  const auto attachment = [](std::string_view name) {
    return content_disposition(Disposition::attachment, name);
  };
  CHECK(content_disposition(Disposition::in_place, "a b.png") == "inline; filename=\"a b.png\"");
  CHECK(attachment("a b.txt") == "attachment; filename=\"a b.txt\"");
  CHECK(attachment("a\"b\\c%.txt") ==
        "attachment; filename=\"a_b_c_.txt\"; filename*=UTF-8''a%22b%5Cc%25.txt");
  CHECK(attachment("\xc3\xa4\xf0\x9f\x98\x80") ==
        "attachment; filename=\"__\"; filename*=UTF-8''%C3%A4%F0%9F%98%80");
  CHECK(attachment("<script>;=") == "attachment; filename=\"<script>;=\"");
  for (int byte = 0; byte < 256; ++byte) {
    const auto header = attachment(std::string(1, static_cast<char>(byte)));
    const auto quoted = header.substr(21);
    CHECK(quoted.find('"') == quoted.find_first_of("\"\r\n\\", 0));
  }
}

TEST_CASE("Only what cannot run is shown in place", "[http][disposition]") {
  for (const char* type : {"image/png", "image/jpeg", "audio/mpeg", "video/mp4", "text/plain"})
    CHECK(is_inert(type));
  for (const char* type : {"image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "",
                           "application/pdf", "text/css", "application/octet-stream", "image/PNG"})
    CHECK_FALSE(is_inert(type));
}

TEST_CASE("A cookie planted beside ours makes both worthless", "[http][cookie]") {
  CHECK(find_cookie("a=1; baluhost_refresh=x.y.z; b=2", "baluhost_refresh") == "x.y.z");
  CHECK(find_cookie("baluhost_refresh=", "baluhost_refresh") == "");
  CHECK_FALSE(find_cookie("baluhost_refresh=1; baluhost_refresh=2", "baluhost_refresh"));
  CHECK_FALSE(find_cookie("xbaluhost_refresh=1", "baluhost_refresh"));
  CHECK_FALSE(find_cookie("BALUHOST_REFRESH=1", "baluhost_refresh"));
  CHECK_FALSE(find_cookie("", "baluhost_refresh"));
  CHECK(set_cookie(TokenCookie::refresh, "t", std::chrono::seconds{9}, Scheme::https) ==
        "__Host-baluhost_refresh=t; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=9");
  CHECK(set_cookie(TokenCookie::refresh, "t", std::chrono::seconds{9}, Scheme::http) ==
        "baluhost_refresh=t; HttpOnly; SameSite=Strict; Path=/; Max-Age=9");
  CHECK(set_cookie(TokenCookie::read, "t", std::chrono::seconds{9}, Scheme::https) ==
        "__Host-baluhost_read=t; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=9");
  CHECK(set_cookie(TokenCookie::read, "", std::chrono::seconds{9}, Scheme::http) ==
        "baluhost_read=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
}

TEST_CASE("The client's address is the first from the right that is no trusted proxy",
          "[http][address]") {
  const auto address = [](const char* text) { return *IpAddress::parse(text); };
  const auto proxies = *TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8", "2001:db8::/32"});
  const auto client = [&](const char* peer, const char* header) {
    return proxies.client_of(address(peer), header).str();
  };
  CHECK(client("192.0.2.1", "198.51.100.1") == "192.0.2.1");
  CHECK(client("127.0.0.1", "") == "127.0.0.1");
  CHECK(client("127.0.0.1", "198.51.100.1") == "198.51.100.1");
  CHECK(client("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3") == "198.51.100.1");
  CHECK(client("10.9.9.9", "198.51.100.1:4711") == "198.51.100.1");
  CHECK(client("::ffff:10.9.9.9", "[2001:db9::1]:99") == "2001:db9::1");
  CHECK(client("2001:db8::7", "2001:0DB9:0::1") == "2001:db9::1");
  CHECK(client("127.0.0.1", "198.51.100.1, junk") == "127.0.0.1");
  CHECK(client("127.0.0.1", "junk, 10.0.0.1") == "10.0.0.1");
  CHECK(client("127.0.0.1", "10.0.0.1, 10.0.0.2") == "10.0.0.1");
  for (const char* bad :
       {"", "a", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "::/129", "*"}) {
    INFO(bad);
    CHECK_FALSE(TrustedProxies::parse({bad}));
  }
  CHECK(address("::ffff:1.2.3.4").str() == "1.2.3.4");
  CHECK(address("127.3.2.1").is_loopback());
  CHECK(address("::1").is_loopback());
  CHECK_FALSE(address("::2").is_loopback());
}

TEST_CASE("Other origins are let in by an exact list", "[http][cors][spec-50][spec-51][spec-52]") {
  const auto cors = *Cors::parse({"https://app.example.org", "http://localhost:3000"});
  CHECK(cors.allows("https://app.example.org"));
  for (const char* origin :
       {"http://app.example.org", "https://app.example.org:8443",
        "https://app.example.org.evil.org", "https://xapp.example.org", "https://APP.example.org",
        "https://app.example.or", "null", "*", "", "https://app.example.org/"}) {
    INFO(origin);
    CHECK_FALSE(cors.allows(origin));
  }
  for (const char* bad : {"*", "null", "app.example.org", "https://", "https://a/b", "ftp://a"})
    CHECK_FALSE(Cors::parse({bad}));
  std::string headers;
  cors.add_headers(headers, "https://evil.example.org");
  CHECK(headers == "Vary: Origin\r\n");
  std::string none;
  Cors::parse({})->add_headers(none, "https://app.example.org");
  CHECK(none.empty());
}

TEST_CASE("Headers of tus are read strictly", "[http][tus]") {
  const auto metadata =
      parse_upload_metadata("path L2FubmEvYQ==, overwrite,filetype dGV4dA==,parents ZmFsc2U=");
  REQUIRE(metadata);
  CHECK(metadata->path == "/anna/a");
  CHECK(metadata->overwrite);
  CHECK_FALSE(metadata->parents);
  CHECK(format_upload_metadata(*metadata) == "path L2FubmEvYQ==,overwrite");
  CHECK(format_upload_metadata({}).empty());
  for (const char* header : {"path L2FubmEvYQ", "path L2E=,path L2I=", "path  L2E=", ",",
                             "path L2E=,,x", "overwrite eWVz", "sha256 eHg="}) {
    INFO(header);
    CHECK_FALSE(parse_upload_metadata(header));
  }
  CHECK(parse_upload_checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")->sha1.has_value());
  for (const char* header :
       {"sha1", "sha1 AAAA", "md5 AAAA", "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", ""})
    CHECK_FALSE(parse_upload_checksum(header));
}
