#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/core/transfers/transfer_journal.hpp"
#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// What a start is to think of rows that bear no MAC.
struct UntaggedRows {
  Untagged events{Untagged::refuse};
  Untagged transfers{Untagged::refuse}; ///< downloads that were under way
};

/// Whether another server can share the database.
enum class OtherServers { none, may_run };

/// The record of one run of a server: `server_started`, what a crash before it left behind,
/// `server_stopped`. Safe from one thread, but for `heartbeat` and `leads`.
class Lifecycle {
 public:
  /// All references must outlive it.
  Lifecycle(Database& database, AuditLog& audit, Sealer& sealer, SealSigner& signer,
            TransferJournal& journal, const Clock& clock, InstanceId id);

  /// Writes `download` events for transfers that dead instances left, seals what they left unsealed
  /// (`recovery_completed` with `interrupted_downloads`, `recovered_events` and `instances`, if
  /// anything died, and with `findings`, if anything is not ours or gone), then `server_started`.
  /// Without other servers every older instance is dead, else only those silent for a minute. A
  /// trail that cannot be sealed, since somebody altered it, stops no start: `Sealer::trouble` says
  /// so.
  [[nodiscard]] Result<void> started(OtherServers others, std::string_view version,
                                     const UntaggedRows& untagged = {});

  /// Every ten seconds; also recovers other instances and programs that died.
  [[nodiscard]] Result<void> heartbeat();

  /// Puts on record what sealing found since the last time: `recovery_completed`, where there is
  /// anything. For programs that have no heartbeat, before they end. Errors as of
  /// `AuditLog::record`.
  [[nodiscard]] Result<void> record_findings();

  /// What recoveries found since the last call, for the operator's log: each is recorded already.
  [[nodiscard]] std::vector<VerifyProblem> take_findings();

  /// Whether this is the one of the servers on this database that does what need be done once: the
  /// oldest that was alive within a minute.
  [[nodiscard]] Result<bool> leads();
  [[nodiscard]] Result<void> stopped();

 private:
  struct Recovered;
  Result<Recovered> end_dead_instances(OtherServers others, Untagged untagged);
  bool is_time_to_recover();
  bool is_time_to_search();
  Result<void> conclude(const Recovered& dead, const Recovery& recovery);
  Database& database_;
  AuditLog& audit_log_;
  Sealer& sealer_;
  SealSigner& signer_;
  TransferJournal& journal_;
  const Clock& clock_;
  InstanceId id_;
  Timestamp started_at_;
  std::mutex mutex_;
  std::vector<VerifyProblem> findings_; ///< guarded by `mutex_`
  Timestamp recovered_at_;              ///< likewise; when tags were last looked through
  /// Likewise; none: not again.
  std::optional<Timestamp> search_again_at_;
};

} // namespace baluhost
