#pragma once

#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/flag_set.hpp"
#include "baluhost/domain/identity/username.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// What somebody may do below a path.
enum class Right : std::uint8_t { read = 1, write = 2, remove = 4, share = 8 };

/// "read", "write", "delete", "share"
std::string_view to_string(Right right) noexcept;

/// Else invalid_request.
Result<Right> parse_right(std::string_view text);

/// Any of them together.
using Rights = FlagSet<Right, 15>;

/// Rights of one user on a file or directory and all below it. It belongs to the node, not to its
/// name.
struct Grant {
  FileId file;
  Username grantee;

  /// The grantee's. None: the name had no account when it was given, so nobody has these rights,
  /// whoever gets that name.
  std::optional<UserId> account;
  Rights rights;
  std::optional<UserId> giver; ///< none: a local operator, or an account that is gone
  std::string granted_by;      ///< the giver's name; empty for an account that is gone

  /// By right of a grant that the giver has, and lasts no longer than that; else by the owner's or
  /// an administrator's.
  bool given_on{false};
  Timestamp created_at;
};

/// A grant and where its node is.
struct PlacedGrant {
  Grant grant;
  FilePath path;
};

/// How a user stands to a file that is in a home.
struct FileStanding {
  FileId file;
  UserId owner;
  Rights granted;

  /// It is the node that was asked about with it, or lies below it; true where none was.
  bool is_below{true};
};

/// Where a page of grants begins: after this one, in the order of nodes and then of grantees.
struct GrantPosition {
  FileId file;
  std::string grantee;
};

} // namespace baluhost
