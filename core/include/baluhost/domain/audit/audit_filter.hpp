#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <compare>
#include <optional>
#include <string>

namespace baluhost {

/// The order of a list by time: the newest or the oldest first.
enum class SortOrder { descending, ascending };

/// Where a page of events begins: after this event, in the order that was asked for.
struct EventPosition {
  Timestamp timestamp;
  EventId id;
  auto operator<=>(const EventPosition&) const = default;
};

/// All members that are set must hold.
struct AuditFilter {
  std::optional<EventType> type;
  std::optional<std::string> action;
  std::optional<std::string> user;
  std::optional<std::string> resource;
  /// Literal, by character.
  std::optional<std::string> resource_prefix;
  std::optional<bool> success;
  std::optional<IpAddress> ip_address;
  /// Inclusive.
  std::optional<Timestamp> from;
  /// Exclusive.
  std::optional<Timestamp> to;
  /// Only events after this one, and none of a former account
  /// (`NewAuditEvent::account_may_be_gone`): what one account may see of its name.
  std::optional<EventId> account_since;
};

} // namespace baluhost
