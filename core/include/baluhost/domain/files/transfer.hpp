#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/ids.hpp"

#include <string>

namespace baluhost {

/// A download that is on record and not over yet. If its server dies, `interrupted` becomes its
/// event.
struct Transfer {
  TransferId id;
  InstanceId instance;

  /// The `download` event, success false, to write if nobody ends this transfer.
  NewAuditEvent interrupted;
};

/// One run of a server or tool, for telling an orderly stop from a crash.
struct Instance {
  InstanceId id;
  Timestamp started_at;

  /// Renewed every few seconds: others may recover what an instance left that is silent for long.
  Timestamp seen_at;
};

} // namespace baluhost
