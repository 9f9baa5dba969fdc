#pragma once

#include "baluhost/core/audit_trail.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/core/principal.hpp"
#include "baluhost/domain/file_path.hpp"
#include "baluhost/domain/grant.hpp"
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
  std::string granted_by;
  Timestamp created_at;
};

struct GrantResult {
  GrantInfo grant;
  bool created{false}; ///< false: an older grant of the same user on the same path was replaced
};

/// Who may do what in others' homes. Safe from many threads.
class GrantService {
 public:
  GrantService(Database& database, AuditTrail& audit, const Clock& clock);

  /// Needs `share` on the path, and only rights that the caller has can be given (else forbidden). not_found: path or grantee;
  /// invalid_request: no rights, or to the owner.
  [[nodiscard]] Result<GrantResult> put(const Principal& principal, const FilePath& path, const Username& grantee, Rights rights);
  /// By path: needs `share` on it. By grantee: one's own, or all for an administrator. With neither: of one's own home's root.
  [[nodiscard]] Result<Page<GrantInfo>> list(const Principal& principal, const std::optional<FilePath>& path,
                                             const std::optional<Username>& grantee, const PageRequest& page);
  /// Needs `share`; a grantee may give up an own grant. not_found.
  [[nodiscard]] Result<void> remove(const Principal& principal, const FilePath& path, const Username& grantee);

 private:
  Database& database_;
  AuditTrail& audit_;
  const Clock& clock_;
};

} // namespace baluhost
