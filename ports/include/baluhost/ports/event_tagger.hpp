#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/result.hpp"

#include <span>
#include <vector>

namespace baluhost {

/// What became of a transaction that wrote tags.
enum class TagOutcome {
  committed,
  /// Nobody will ever see them.
  undone,
  /// The answer to the commit was lost.
  unknown,
};

/// Tags events in the transaction that writes them. The database calls it, on any of its threads;
/// it must not call the database.
class EventTagger {
 public:
  virtual ~EventTagger() = default;

  /// Tags that each vouch for some of `events`, in their order, all of them together: the
  /// transaction that wrote the events writes these too. Its error undoes the transaction. What it
  /// returns is under way until `ended` was called with it.
  [[nodiscard]] virtual Result<std::vector<EventTag>> tag(std::span<const AuditEvent> events) = 0;

  /// Once for all that one call of `tag` returned, before the writer is answered. Of transactions
  /// that are undone together the last that was tagged comes first.
  virtual void ended(std::span<const EventTag> tags, TagOutcome outcome) noexcept = 0;
};

} // namespace baluhost
