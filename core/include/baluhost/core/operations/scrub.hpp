#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// Of `scrub`.
struct ScrubOptions {
  std::int64_t bytes_per_second{0}; ///< 0: as fast as it goes

  /// False stops it.
  std::function<bool(std::int64_t blobs, std::int64_t bytes)> progress;
};

/// What is wrong with a blob.
enum class ScrubKind {
  damaged, ///< the content is not what was stored
  missing, ///< a file refers to it, and it is not there
  orphan,  ///< no file refers to it
};

/// The stable name of `kind`, as reports and the audit trail have it: "damaged".
std::string_view to_string(ScrubKind kind) noexcept;

/// A blob with which something is wrong.
struct ScrubFinding {
  ScrubKind kind{};
  BlobId blob;
  std::vector<std::string> paths; ///< of files that refer to it; of what is in the trash none
  std::string detail;
};

/// What a scrub found.
struct ScrubReport {
  std::int64_t blobs{};
  std::int64_t bytes{};
  std::vector<ScrubFinding> findings;
};

/// Re-hashes every blob that files refer to and compares both ways; an orphan is one that is an
/// hour old. Damage is marked and recorded (`blob_damaged`, once per blob), never deleted; what
/// cannot be opened now, since its key is lost, say, is a finding only. Ends with
/// `integrity_scrub`, also where it was stopped.
[[nodiscard]] Result<ScrubReport> scrub(Database& database, BlobStore& blobs, AuditLog& audit,
                                        Digester& digester, const Clock& clock,
                                        const Principal* principal, const ScrubOptions& options);

} // namespace baluhost
