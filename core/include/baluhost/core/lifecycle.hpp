#pragma once

#include "baluhost/core/audit_trail.hpp"
#include "baluhost/core/sealer.hpp"
#include "baluhost/domain/transfer.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <chrono>
#include <string>

namespace baluhost {

/// The record of one run of a server: `server_started`, what a crash before it left behind, `server_stopped`. Safe from one thread, but for
/// `heartbeat` and `leads`.
class Lifecycle {
 public:
  Lifecycle(Database& database, AuditTrail& audit, Sealer& sealer, const Clock& clock, InstanceId id);

  /// Writes `download` events for transfers that dead instances left, seals what they left unsealed (`recovery_completed` with `interrupted_downloads`,
  /// `recovered_events`, if anything died), then `server_started`. `alone`: no other server can share the database, so every older instance is dead;
  /// else only those silent for a minute.
  [[nodiscard]] Result<void> started(bool alone, std::string_view version);
  [[nodiscard]] Result<void> heartbeat(); ///< every ten seconds; also recovers other instances that died
  /// Whether this is the one of the servers on this database that does what need be done once: the oldest that was heard of within a minute.
  [[nodiscard]] Result<bool> leads();
  [[nodiscard]] Result<void> stopped();

 private:
  struct Recovered;
  Result<Recovered> end_dead_instances(bool alone);
  Result<std::int64_t> end_transfers_of(const InstanceId& instance);
  Result<void> seal_what_they_left(const Recovered& dead, Timestamp older_than);
  Database& database_;
  AuditTrail& audit_;
  Sealer& sealer_;
  const Clock& clock_;
  InstanceId id_;
  Timestamp started_at_;
};

} // namespace baluhost
