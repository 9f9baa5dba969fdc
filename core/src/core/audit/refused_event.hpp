#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/error.hpp"

namespace baluhost {

/// True if the database answered and did not take what was written: another write may well succeed,
/// and this one never will.
inline bool is_refused(const Error& error) noexcept { return error.code == Errc::internal; }

/// What is recorded in the place of `event`, which the database refused: `event_refused`, with
/// every column of `event` in its details, in ASCII, so that whatever a column would not hold is
/// there.
NewAuditEvent refused_event(const NewAuditEvent& event);

} // namespace baluhost
