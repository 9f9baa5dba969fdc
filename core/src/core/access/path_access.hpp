#pragma once

#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/ports/database.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace baluhost {

/// What lies along a path and how the caller stands to it. Rights given on a node hold for all
/// below it, also for what is not there yet.
struct PathAccess {
  Resolution resolution;
  PathStanding standing;

  /// Where a path of who came by a share leads; none: where it says.
  std::optional<FilePath> place{};

  /// The path in somebody's home that `asked` leads to.
  [[nodiscard]] const FilePath& place_of(const FilePath& asked) const noexcept {
    return place ? *place : asked;
  }
};

/// For the caller, within the bounds of the credential. For who came by a share: not_found while
/// what is shared is gone. invalid_request: a path of a share, for others.
[[nodiscard]] Result<PathAccess> look_up(ReadTransaction& tx, const Principal& principal,
                                         const FilePath& path);

/// The same for a place in somebody's home, where who came by a share has what is left of the
/// creator's rights.
[[nodiscard]] Result<PathAccess> look_up_place(ReadTransaction& tx, const Principal& principal,
                                               const FilePath& place);

/// For an account, whatever it comes with. `user`: none for a local operator.
[[nodiscard]] Result<PathAccess> look_up(ReadTransaction& tx, std::optional<UserId> user, Role role,
                                         const FilePath& path);

/// Lets one operation through to paths, or not. A refusal inside a transaction is remembered, so
/// that its event can be written after it:
///
///   PathGate gate(audit, principal, Operation::upload);
///   auto done = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
///     BALUHOST_CHECK(gate.hold(tx, std::array{path}));
///     BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::write));
///     …
///   });
///   if (!done) return gate.failed(event, std::move(done).error());
///
/// One thread at a time.
class PathGate {
 public:
  /// `operation`: what a refusal is recorded with.
  PathGate(AuditLog& audit, const Principal& principal, Operation operation)
      : audit_log_(audit), principal_(principal), operation_(operation) {}

  /// What every change begins with, before it looks at anything: holds the caller and locks the
  /// homes that `paths` lie in, always in the same order, so that no two operations wait for each
  /// other. From here to the end of the transaction `admit` decides by what nobody else changes:
  /// account and role, grants, the tree. Homes that do not exist are passed over: what is wrong
  /// with them is for `admit` to say. token_revoked.
  [[nodiscard]] Result<void> hold(WriteTransaction& tx, std::span<const FilePath> paths);
  [[nodiscard]] Result<void> hold(Bookkeeping& tx, std::span<const FilePath> paths);

  /// forbidden, or not_found where the caller has no right on `path` at all, whether or not
  /// something is there; outside of the credential's bounds always forbidden. With no rights
  /// needed, any right on the path will do. Whether the path exists is for the caller to see:
  /// `resolution.complete`.
  [[nodiscard]] Result<PathAccess> admit(ReadTransaction& tx, const FilePath& path, Rights needed) {
    return admit(tx, path, needed, needed);
  }

  /// The same where the account needs other rights than the credential has to leave it: a rename
  /// needs delete, but no more than `files:write` of a key.
  [[nodiscard]] Result<PathAccess> admit(ReadTransaction& tx, const FilePath& path, Rights needed,
                                         Rights of_credential);

  /// The same decision for rights that are needed only now, such as delete where a move replaces
  /// something, or those that are given to another, for which a key needs `shares` alone.
  [[nodiscard]] Result<void> demand(const PathAccess& access, const FilePath& path, Rights needed) {
    return demand(access, path, needed, needed);
  }
  [[nodiscard]] Result<void> demand(const PathAccess& access, const FilePath& path, Rights needed,
                                    Rights of_credential);

  /// A refusal for another reason than the rights on `path`: forbidden, on record as if `needed`
  /// were lacking.
  [[nodiscard]] Error refuse(const FilePath& path, Rights needed, const char* why);

  /// Where `asked` led when it was last admitted, for what is on record of it.
  [[nodiscard]] const FilePath& place_of(const FilePath& asked) const noexcept {
    return place_ ? *place_ : asked;
  }

  /// Whether the caller, as last seen, came by a share that adds files and tells nothing.
  [[nodiscard]] bool is_drop_box() const noexcept {
    const auto* share = (present_ ? *present_ : principal_).share();
    return share != nullptr && share->rights.is_drop_box();
  }

  /// The caller, as `hold` found them.
  [[nodiscard]] const Principal& present() const noexcept {
    return present_ ? *present_ : principal_;
  }

  /// Whether the last question was answered with a refusal.
  [[nodiscard]] bool refused() const noexcept { return refusal_.has_value(); }

  /// Writes `access_denied` if the last question was refused, else `event` as failed; returns the
  /// error for the caller.
  [[nodiscard]] Error failed(NewAuditEvent event, Error error);

  /// The same for an operation without an event of its own, such as a listing: only a refusal is
  /// written.
  [[nodiscard]] Error failed(Error error);

 private:
  struct Refusal {
    std::string path;
    std::string needed; ///< rights, or scopes of a key
  };
  Result<void> lock_homes(ReadTransaction& view, FileRepository& files,
                          std::span<const FilePath> paths) const;

  AuditLog& audit_log_;
  const Principal& principal_;
  std::optional<Principal> present_; ///< as `hold` found the caller
  Operation operation_;
  std::optional<FilePath> place_;
  std::optional<Refusal> refusal_;
};

} // namespace baluhost
