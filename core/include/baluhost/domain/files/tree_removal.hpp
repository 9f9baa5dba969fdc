#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/ids.hpp"

namespace baluhost {

/// A tree that is gone for everybody, and whose rows are still to be removed.
struct TreeRemoval {
  FileId root;
  UserId owner;

  /// What the event of each file is made from; its resource is the path that the root had.
  NewAuditEvent event;
};

} // namespace baluhost
