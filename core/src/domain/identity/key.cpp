#include "baluhost/domain/identity/key.hpp"

namespace baluhost {

std::string_view to_string(Scope scope) noexcept {
  switch (scope) {
    case Scope::files_read:
      return "files:read";
    case Scope::files_write:
      return "files:write";
    case Scope::files_delete:
      return "files:delete";
    case Scope::shares:
      return "shares";
    case Scope::audit_read:
      return "audit:read";
    case Scope::admin:
      return "admin";
  }
  return "";
}

Result<Scope> parse_scope(std::string_view text) {
  for (const auto scope : Scopes::all().list()) {
    if (text == to_string(scope)) return scope;
  }
  return invalid(
      "must be one of files:read, files:write, files:delete, shares, audit:read and admin");
}

std::string_view to_string(KeyProtocol protocol) noexcept {
  switch (protocol) {
    case KeyProtocol::rest:
      return "rest";
    case KeyProtocol::webdav:
      return "webdav";
  }
  return "";
}

Result<KeyProtocol> parse_key_protocol(std::string_view text) {
  for (const auto protocol : KeyProtocols::all().list()) {
    if (text == to_string(protocol)) return protocol;
  }
  return invalid("must be rest or webdav");
}

} // namespace baluhost
