#pragma once

#include "baluhost/domain/audit/audit_event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// An event whose text somebody else holds, for those who read many and keep none.
struct AuditEventView {
  EventId id;
  Timestamp timestamp;
  EventType type{EventType::system};
  std::string_view action;
  std::optional<std::string_view> user;
  std::optional<std::string_view> resource;
  bool success{true};
  std::optional<std::string_view> error_message;
  std::string_view details;
  std::optional<std::string_view> ip_address;
  std::optional<std::string_view> user_agent;
};

/// The bytes that an event's leaf is the SHA-256 of, after what `out` holds.
void append_canonical_encoding(std::string& out, const AuditEventView& event);

} // namespace baluhost
