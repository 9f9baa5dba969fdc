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
  NewAuditEvent
      interrupted; ///< the `download` event, success false, to write if nobody ends this transfer
};

/// One run of a server or tool, for telling an orderly stop from a crash.
struct Instance {
  InstanceId id;
  Timestamp started_at;
  Timestamp seen_at; ///< renewed every few seconds: others may recover what an instance left that
                     ///< is silent for long
};

} // namespace baluhost
