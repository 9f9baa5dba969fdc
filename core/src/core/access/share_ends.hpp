#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/database.hpp"

#include <vector>

/// What a share rests on, and how shares end whose ground is gone.
namespace baluhost {

/// What `creator` has on `path` that a share with `rights` passes on: nothing without `share`.
[[nodiscard]] Result<Rights> rights_passed_on(ReadTransaction& tx, const User& creator,
                                              const FilePath& path, ShareRights rights);

/// A share of a file that is where it can be reached. not_found: it is not.
[[nodiscard]] Result<PlacedShare> place(ReadTransaction& tx, const ShareState& state);

/// Ends `share` with its unfinished uploads; returns a `share_ended` of `principal`'s and an event
/// for each upload. not_found: it has ended.
[[nodiscard]] Result<std::vector<NewAuditEvent>> end_share(WriteTransaction& tx,
                                                           const PlacedShare& share,
                                                           const AuditLog& audit,
                                                           const Principal& principal);

/// The same for all that fit `filter`: their files go, leave their home, or their creator goes.
[[nodiscard]] Result<std::vector<NewAuditEvent>> end_shares(WriteTransaction& tx,
                                                            const ShareFilter& filter,
                                                            const AuditLog& audit,
                                                            const Principal& principal);

/// The same for those whose creators have lost a right that they pass on.
[[nodiscard]] Result<std::vector<NewAuditEvent>> end_unpermitted_shares(WriteTransaction& tx,
                                                                        const ShareFilter& filter,
                                                                        const AuditLog& audit,
                                                                        const Principal& principal);

} // namespace baluhost
