#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/flag_set.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// One kind of thing that a key opens.
enum class Scope : std::uint8_t {
  files_read = 1,
  files_write = 2,
  files_delete = 4,
  shares = 8,
  audit_read = 16,
  admin = 32,
};

/// "files:read", "files:write", "files:delete", "shares", "audit:read", "admin"
std::string_view to_string(Scope scope) noexcept;

/// Else invalid_request.
Result<Scope> parse_scope(std::string_view text);

/// Any of them together.
using Scopes = FlagSet<Scope, 63>;

/// How a client speaks to the host.
enum class KeyProtocol : std::uint8_t { rest = 1, webdav = 2 };

/// "rest", "webdav"
std::string_view to_string(KeyProtocol protocol) noexcept;

/// Else invalid_request.
Result<KeyProtocol> parse_key_protocol(std::string_view text);

/// Any of them together.
using KeyProtocols = FlagSet<KeyProtocol, 3>;

/// The SHA-256 of a key's secret. The secret itself is never stored.
struct KeyHash {
  Sha256Digest digest;
  auto operator<=>(const KeyHash&) const = default;
};

/// How many keys there may be, and how long they live.
struct KeyLimits {
  static constexpr std::size_t name = 100; ///< characters
  static constexpr std::size_t networks = 32;
  static constexpr std::size_t keys_of_account = 100;
};

/// A standing permission for a program to act as its owner, within bounds. Immutable but for when
/// and from where it was last used.
struct Key {
  KeyId id;
  UserId owner;
  std::string name;
  Scopes scopes;

  /// What it is bound to: this file or directory and all below it, wherever that is moved; none:
  /// all that its owner has. The id is 0 where that is gone: such a key opens no file.
  std::optional<FileId> root;
  KeyProtocols protocols{KeyProtocols::all()};

  /// None: from anywhere.
  std::vector<IpNetwork> allow_from;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> last_used_at;
  std::optional<IpAddress> last_used_ip;
};

/// Whether its time is over at `now`.
[[nodiscard]] inline bool has_expired(const Key& key, Timestamp now) noexcept {
  return key.expires_at && *key.expires_at <= now;
}

/// A key and where what it is bound to lies now; no path where that is gone or in no home.
struct PlacedKey {
  Key key;
  std::optional<FilePath> path;
};

/// What an authenticated request needs to know of its key and user.
struct KeyState {
  Key key;
  User user;
  bool has_second_factor{false}; ///< a confirmed one
};

/// When and from where a key was used.
struct KeyUse {
  KeyId key;
  Timestamp at;
  std::optional<IpAddress> ip_address;
};

} // namespace baluhost
