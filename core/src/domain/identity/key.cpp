#include "baluhost/domain/identity/key.hpp"

#include "baluhost/domain/names.hpp"

namespace baluhost {
namespace {

constexpr auto kScopes = names<Scope>({{Scope::files_read, "files:read"},
                                       {Scope::files_write, "files:write"},
                                       {Scope::files_delete, "files:delete"},
                                       {Scope::shares, "shares"},
                                       {Scope::audit_read, "audit:read"},
                                       {Scope::admin, "admin"}});

constexpr auto kProtocols =
    names<KeyProtocol>({{KeyProtocol::rest, "rest"}, {KeyProtocol::webdav, "webdav"}});

} // namespace

std::string_view to_string(Scope scope) noexcept { return name_of(kScopes, scope); }

Result<Scope> parse_scope(std::string_view text) {
  return parse_name(
      kScopes, text,
      "must be one of files:read, files:write, files:delete, shares, audit:read and admin");
}

std::string_view to_string(KeyProtocol protocol) noexcept { return name_of(kProtocols, protocol); }

Result<KeyProtocol> parse_key_protocol(std::string_view text) {
  return parse_name(kProtocols, text, "must be rest or webdav");
}

} // namespace baluhost
