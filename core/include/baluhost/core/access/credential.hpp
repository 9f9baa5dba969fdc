#pragma once

#include "baluhost/domain/identity/key.hpp"
#include "baluhost/domain/identity/share.hpp"
#include "baluhost/domain/ids.hpp"

#include <cstdint>
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

/// A share, by which somebody without an account acts with what its creator has.
struct ShareCredential {
  ShareId id;
  std::int64_t generation{}; ///< of its secret and password, with which it was opened
  FileId root;               ///< what is shared: `/~` of who has it
  UserId home;               ///< in whose home that lies
  ShareRights rights;
  Role creator_role{Role::user};
};

/// By what a caller is let in. What it bounds is decided in access_policy.hpp.
using Credential = std::variant<SessionCredential, KeyCredential, ShareCredential>;

} // namespace baluhost
