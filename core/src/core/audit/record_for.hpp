#pragma once

#include "access/permission_gate.hpp"
#include "baluhost/ports/database.hpp"

#include <utility>

namespace baluhost {

/// Records what took its time, for who may still see it; else the refusal, and returns that.
[[nodiscard]] inline Result<void> record_for(Database& database, RoleGate& gate,
                                             const NewAuditEvent& event) {
  auto written = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(gate.hold(tx));
    return AuditEvents{event};
  });
  if (!written) return gate.failed(event, std::move(written).error());
  return {};
}

} // namespace baluhost
