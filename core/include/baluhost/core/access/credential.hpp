#pragma once

#include "baluhost/domain/identity/key.hpp"
#include "baluhost/domain/ids.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace baluhost {

/// All that the account has: a login, or none of a program that runs on the machine.
struct SessionCredential {
  std::optional<SessionId> id;
};

/// A key, with what bounds it.
struct KeyCredential {
  KeyId id;
  KeyHash secret; ///< what the key is found by
  Scopes scopes;
  std::optional<FileId> root; ///< as in `Key`
  KeyProtocols protocols;
  std::vector<IpNetwork> allow_from; ///< none: from anywhere
};

/// By what a caller is let in. What it bounds is decided in access_policy.hpp.
using Credential = std::variant<SessionCredential, KeyCredential>;

} // namespace baluhost
