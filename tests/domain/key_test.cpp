#include "baluhost/domain/identity/key.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

TEST_CASE("scopes have their names and no others") {
  CHECK(Scopes::all().to_text() == "files:read,files:write,files:delete,shares,audit:read,admin");
  for (const auto scope : Scopes::all().list())
    CHECK(parse_scope(to_string(scope)).value() == scope);
  for (const char* text : {"", "files", "files:", "Files:read", "files:read ", "files:share"}) {
    INFO(text);
    CHECK(parse_scope(text).error().code == Errc::invalid_request);
  }
}

TEST_CASE("protocols of keys have their names and no others") {
  CHECK(KeyProtocols::all().to_text() == "rest,webdav");
  for (const auto protocol : KeyProtocols::all().list())
    CHECK(parse_key_protocol(to_string(protocol)).value() == protocol);
  for (const char* text : {"", "REST", "ftp"}) {
    INFO(text);
    CHECK(parse_key_protocol(text).error().code == Errc::invalid_request);
  }
}
