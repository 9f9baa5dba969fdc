#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <optional>
#include <string>

namespace baluhost {

/// A grant as people see it.
struct GrantInfo {
  FilePath path;
  Username grantee;
  Rights rights;
  std::optional<std::string> granted_by; ///< none: an account that is gone
  Timestamp created_at;
};

/// What `GrantService::put` did.
struct GrantResult {
  GrantInfo grant;
  bool created{false}; ///< false: an older grant of the same user on the same path was replaced
};

/// Who may do what in others' homes. Safe from many threads.
class GrantService {
 public:
  /// All references must outlive it.
  GrantService(Database& database, AuditLog& audit, const Clock& clock);

  /// Needs `share` on the path, and only rights that the caller has can be given (else forbidden).
  /// The owner and administrators set whatever is there; others change what they gave themselves
  /// alone (else forbidden), and what they give lasts as long as they have `share` and the rights.
  /// What hangs on a grant that loses rights loses them too. Whether the grantee has an account is
  /// told to administrators only: not_found, for others a grant like any other, which gives nobody
  /// anything. not_found: the path; invalid_request: no rights, or to the owner or oneself.
  [[nodiscard]] Result<GrantResult> put(const Principal& principal, const FilePath& path,
                                        const Username& grantee, Rights rights);

  /// By path: needs `share` on it; the owner and administrators see all below it too. By path and
  /// grantee: none or one on it. By grantee: one's own, or another's for an administrator. With
  /// neither: all in one's own home, for an operator all there are.
  [[nodiscard]] Result<Page<GrantInfo>> list(const Principal& principal,
                                             const std::optional<FilePath>& path,
                                             const std::optional<Username>& grantee,
                                             const PageRequest& page);

  /// Needs `share`, and a grant that the caller gave, but for the owner and administrators (else
  /// forbidden); a grantee may give up an own grant. What hangs on it ends too. not_found.
  [[nodiscard]] Result<void> remove(const Principal& principal, const FilePath& path,
                                    const Username& grantee);

 private:
  Database& database_;
  AuditLog& audit_log_;
  const Clock& clock_;
};

} // namespace baluhost
