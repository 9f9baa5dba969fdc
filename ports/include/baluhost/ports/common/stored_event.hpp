#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/text.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>

namespace baluhost {

/// The row of `event`, its texts made fit for their columns by `clamp_text`. The id is the
/// database's to assign.
inline AuditEvent stored_event(const NewAuditEvent& event) {
  const auto cut = [](const std::optional<std::string>& text, std::size_t limit) {
    return text ? std::optional{clamp_text(*text, limit)} : std::nullopt;
  };
  return AuditEvent{
      .id = {},
      .timestamp = event.timestamp,
      .type = type_of(event.action),
      .action = std::string{to_string(event.action)},
      .user = cut(event.user, AuditLimits::user),
      .resource = cut(event.resource, AuditLimits::resource),
      .success = event.success,
      .error_message = cut(event.error_message, std::numeric_limits<std::size_t>::max()),
      .details = event.details,
      .ip_address = cut(event.ip_address, AuditLimits::ip_address),
      .user_agent = cut(event.user_agent, AuditLimits::user_agent)};
}

} // namespace baluhost
