#pragma once

#include "baluhost/domain/audit/audit_event.hpp"

namespace baluhost {

/// What a write takes of the last space, which decides whether it may go on when space is short.
enum class SpaceUse {
  grows, ///< only adds: content, rows, refused and failed requests. It leaves the last space alone
  reads, ///< puts on record that something was read: a download, an export
  signs_in, ///< lets somebody in who may free space; a few a minute each when space is short
  frees,    ///< frees space, ends access, or is what a server needs to start, run, seal and stop
};

/// What writing `event` is for. One that failed grows the record and changes nothing, but for a
/// download that had begun: its end takes the place of its beginning.
SpaceUse space_use(const NewAuditEvent& event) noexcept;

/// What a transaction with these events is for: that of the event that may take the least.
SpaceUse space_use(const AuditEvents& events) noexcept;

} // namespace baluhost
