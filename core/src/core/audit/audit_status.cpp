#include "baluhost/core/audit/audit_status.hpp"

#include "access/permission_gate.hpp"
#include "audit/trail_figures.hpp"
#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/ports/transactions.hpp"
#include "json/json_reader.hpp"

#include <utility>

namespace baluhost {
namespace {

/// Whether the seal that was anchored is here, as it was.
Result<AuditStatus::AnchorState> compare(const SealRepository& seals, const Anchor& anchor,
                                         const Digester& digester) {
  BALUHOST_TRY(const auto found, seals.list(SealNumber{anchor.number.value - 1}, 1));
  const bool matches = !found.empty() && found.front().number == anchor.number &&
                       seal_hash(found.front(), digester) == anchor.seal_hash;
  return AuditStatus::AnchorState{.seal = anchor.number, .matches = matches};
}

/// What the event says of it; a row that somebody altered counts as not verified.
bool says_ok(const AuditEvent& event) {
  auto details = JsonMembers::read(event.details);
  return details && details->boolean("ok").value_or(false);
}

Result<std::optional<AuditStatus::Verification>> last_verification(const AuditRepository& audit) {
  const AuditFilter filter{.action = std::string{to_string(Action::audit_verified)},
                           .success = true};
  BALUHOST_TRY(const auto found, audit.query(filter, SortOrder::descending, std::nullopt, 1));
  if (found.empty()) return std::optional<AuditStatus::Verification>{};
  const auto& event = found.front();
  return std::optional{
      AuditStatus::Verification{.at = event.timestamp, .ok = says_ok(event), .by = event.user}};
}

} // namespace

Result<AuditStatus> AuditQueries::status(const Principal& principal) {
  BALUHOST_CHECK(require_permission(deps_.audit_log, principal, Permission::audit,
                                    "/api/v1/audit/status", Operation::read_audit_status));
  // The anchor first: it may lag behind the seals that are read after it, never be ahead of them.
  BALUHOST_TRY(const auto anchor, deps_.anchors.newest());
  const auto look = [&](ReadTransaction& tx) -> Result<AuditStatus> {
    AuditStatus status;
    BALUHOST_TRY(auto sealed, find_sealed(tx.seals()));
    status.newest_seal = std::move(sealed.newest_seal);
    status.events = sealed.events;
    status.pruned_before = sealed.pruned_before;
    if (status.newest_seal) status.head = seal_hash(*status.newest_seal, deps_.digester);
    BALUHOST_TRY(const auto unsealed, find_unsealed(tx.seals()));
    status.unsealed = unsealed.count;
    status.oldest_unsealed_at = unsealed.oldest;
    if (anchor) {
      BALUHOST_TRY(status.anchor, compare(tx.seals(), *anchor, deps_.digester));
    }
    BALUHOST_TRY(status.last_verification, last_verification(tx.audit()));
    return status;
  };
  BALUHOST_TRY(auto status, baluhost::query(deps_.database, look));
  if (status.newest_seal) status.public_key = deps_.verifier.public_key(status.newest_seal->key_id);
  status.retention_days = deps_.retention_days;
  return status;
}

} // namespace baluhost
