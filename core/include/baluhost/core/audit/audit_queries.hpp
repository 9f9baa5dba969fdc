#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/audit/audit_status.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/seal_signer.hpp"
#include "baluhost/ports/time_zones.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace baluhost {

/// Whether a verification compares the trail with the anchor, which may not be missing then.
enum class AnchorUse { compare, ignore };

/// How events are written.
enum class ExportFormat { csv, ndjson };

/// The request for an export.
struct ExportRequest {
  ExportFormat format{ExportFormat::csv};
  AuditFilter filter{};
  SortOrder order{SortOrder::ascending};
  std::optional<std::string> cursor{}; ///< resumes an export of the same filter

  /// NDJSON only: `seq` in every event and each seal after its last event; only seal bounds may
  /// filter.
  bool seals{false};
  std::optional<SealNumber> first_seal{};
  std::optional<SealNumber> last_seal{};
};

/// An export in pieces, so that it takes constant memory. One thread at a time.
class AuditExport {
 public:
  virtual ~AuditExport() = default;

  /// The next piece (some tens of KiB); empty at the end.
  [[nodiscard]] virtual Result<std::string> next() = 0;
};

/// The request for figures.
struct FiguresRequest {
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  std::optional<std::string> user{};

  /// Of the series; none: no series.
  std::optional<Interval> interval{};

  /// A name of the IANA database; none: UTC.
  std::optional<std::string> time_zone{};
};

/// A verification of the trail in steps, so that it can be shown while it goes on, and ended.
/// Dropped without `abandon` it leaves no event. One thread at a time.
class AuditVerification {
 public:
  /// How far a verification is.
  struct Progress {
    std::int64_t events{}; ///< checked so far
    std::int64_t of{};     ///< that were sealed when it began
  };

  virtual ~AuditVerification() = default;

  /// How far it is.
  [[nodiscard]] virtual Progress progress() const noexcept = 0;

  /// Checks some ten thousand events further. The report, once all is checked and `audit_verified`
  /// is recorded; none before. forbidden, token_revoked: the caller has lost the right meanwhile.
  /// An error, which is on record, ends it.
  [[nodiscard]] virtual Result<std::optional<VerifyReport>> advance() = 0;

  /// Records that it ended early because of `why`, unless it is at its end.
  virtual void abandon(Error why) noexcept = 0;
};

/// Reading and proving the audit trail. Administrators and auditors see everything, others their
/// own events. Safe from many threads.
class AuditQueries {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    AuditLog& audit_log;
    Digester& digester;
    const SealVerifier& verifier;
    const AnchorLog& anchors;
    const Clock& clock;

    /// For `status` alone.
    std::int64_t retention_days{0};

    /// For series; none: UTC is the only one.
    const TimeZones* time_zones{nullptr};
  };

  /// Keeps nothing between calls but the newest verification.
  explicit AuditQueries(const Dependencies& deps);

  /// forbidden when a plain user asks for another's events; invalid_request at "/cursor".
  [[nodiscard]] Result<Page<AuditEvent>> query(const Principal& principal, AuditFilter filter,
                                               SortOrder order, const PageRequest& page);

  /// not_found also for another's.
  [[nodiscard]] Result<AuditEvent> find(const Principal& principal, EventId id);

  /// forbidden when a plain user asks for another's events.
  [[nodiscard]] Result<AuditStatistics> statistics(const Principal& principal,
                                                   const std::optional<Timestamp>& from,
                                                   const std::optional<Timestamp>& to,
                                                   std::optional<std::string> user);

  /// The same, with what is busiest and a series where one is asked for, all of one moment.
  /// invalid_request at "/tz": no such time zone; at "/interval": too many intervals.
  [[nodiscard]] Result<AuditFigures> figures(const Principal& principal,
                                             const FiguresRequest& request);

  /// Records `audit_exported` before the first piece. forbidden for plain users.
  [[nodiscard]] Result<std::unique_ptr<AuditExport>> export_events(const Principal& principal,
                                                                   const ExportRequest& request);

  /// Events after `after`, by id, for a live stream. forbidden for plain users.
  [[nodiscard]] Result<std::vector<AuditEvent>> since(const Principal& principal, EventId after,
                                                      std::size_t limit);
  [[nodiscard]] Result<EventId> newest(const Principal& principal);
  [[nodiscard]] Result<Page<Seal>> seals(const Principal& principal, const PageRequest& page);

  /// Recomputes everything and records `audit_verified`.
  [[nodiscard]] Result<VerifyReport> verify(const Principal& principal,
                                            AnchorUse anchor = AnchorUse::compare,
                                            const VerifyProgress& progress = {});

  /// The same in steps. forbidden for plain users.
  [[nodiscard]] Result<std::unique_ptr<AuditVerification>> begin_verification(
      const Principal& principal, AnchorUse anchor = AnchorUse::compare,
      const VerifyProgress& progress = {});

  /// The proof that the event is in the sealed trail, as JSON for `check_inclusion_proof`.
  /// not_found: no such event, another's, or not sealed yet.
  [[nodiscard]] Result<std::string> prove(const Principal& principal, EventId id);

  /// How the trail is sealed, kept and verified. forbidden for plain users.
  [[nodiscard]] Result<AuditStatus> status(const Principal& principal);

 private:
  Dependencies deps_;
};

} // namespace baluhost
