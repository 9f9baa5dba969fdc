#pragma once

#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

/// Rights that owners gave to other users.
class GrantRepository : public Repository {
 public:
  /// Rights of `grantee` given on any of `files`, together.
  [[nodiscard]] virtual Result<Rights> rights_on(UserId grantee,
                                                 std::span<const FileId> files) const = 0;

  /// How `user` stands to each of `files` that is in a home, in no order: grants on the file and on
  /// all above it count together. With `root`, whether it is that node or lies below it. Without,
  /// costs nothing more for files in `user`'s own home.
  [[nodiscard]] virtual Result<std::vector<FileStanding>> standings(
      UserId user, std::span<const FileId> files, std::optional<FileId> root) const = 0;

  /// The grant of `grantee` on that very node; none: there is none.
  [[nodiscard]] virtual Result<std::optional<Grant>> find(FileId file,
                                                          const Username& grantee) const = 0;

  /// Grants on `file`, by the grantee's name.
  [[nodiscard]] virtual Result<std::vector<Grant>> list_of_file(
      FileId file, const std::optional<Username>& after, std::size_t limit) const = 0;

  /// Grants on `root` and on all below it, in one query.
  [[nodiscard]] virtual Result<std::vector<PlacedGrant>> list_below(
      FileId root, const std::optional<GrantPosition>& after, std::size_t limit) const = 0;

  /// Grants that the account `grantee` has, by node, in one query.
  [[nodiscard]] virtual Result<std::vector<PlacedGrant>> list_of_grantee(
      UserId grantee, FileId after_file, std::size_t limit) const = 0;

  /// All grants in the home of `owner` if any of them was given on; else none, which costs next to
  /// nothing.
  [[nodiscard]] virtual Result<std::vector<PlacedGrant>> tree_of(UserId owner) const = 0;

  /// Owners in whose homes `giver` has given rights on, by id.
  [[nodiscard]] virtual Result<std::vector<UserId>> homes_given_on_by(UserId giver) const = 0;

  /// Users (owners) in whose homes `grantee` has a grant that includes read, by id.
  [[nodiscard]] virtual Result<std::vector<UserId>> homes_visible_to(UserId grantee) const = 0;

  /// True: new; false: it replaced what `grantee` had on the node. not_found: the node or the
  /// account.
  [[nodiscard]] virtual Result<bool> put(const Grant& grant) = 0;

  /// not_found.
  [[nodiscard]] virtual Result<void> remove(FileId file, const Username& grantee) = 0;

  /// Removes all in the subtree of `root`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> remove_below(FileId root) = 0;
};

} // namespace baluhost
