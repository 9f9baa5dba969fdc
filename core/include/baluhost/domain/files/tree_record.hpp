#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/ids.hpp"

#include <optional>
#include <string>

namespace baluhost {

/// What is still to be put on record of a tree that was trashed or restored in one step: an event
/// for each file below `root`.
struct NewTreeRecord {
  FileId root;

  /// What the event of each file is made from; its resource is the path that the root has in it.
  NewAuditEvent event;

  /// The path that the root had before; of what was restored.
  std::optional<std::string> source{};
};

/// A record that is still to be written, with its id.
struct TreeRecord : NewTreeRecord {
  TreeRecordId id;

  /// The path below `root` of the last node that was looked at; empty at the beginning.
  std::string position;
};

} // namespace baluhost
