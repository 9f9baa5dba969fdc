#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "json/json_reader.hpp"

#include <cstdint>
#include <string>

/// Events, seals and prune records as exports and proofs write them, and back. docs/audit-format.md
/// has the format.
namespace baluhost {

/// The API's object with `seq` as its last member.
[[nodiscard]] std::string event_line(const AuditEvent& event, std::int64_t sequence);

/// Takes the event's members, and leaves others.
[[nodiscard]] Result<AuditEvent> read_event(JsonMembers& json);
[[nodiscard]] Result<Seal> read_seal(std::string_view json);
[[nodiscard]] Result<PruneRecord> read_prune(std::string_view json);

} // namespace baluhost
