#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// `event` as that of a download that broke off with its server.
void mark_interrupted(NewAuditEvent& event);

/// The events of a `TransferGroup` as its text, cut to the lengths that events have. All are those
/// of interrupted downloads.
std::string group_text(std::span<const NewAuditEvent> interrupted);

/// The events of such a text. invalid_request for any other.
Result<std::vector<NewAuditEvent>> read_group_text(std::string_view text);

} // namespace baluhost
