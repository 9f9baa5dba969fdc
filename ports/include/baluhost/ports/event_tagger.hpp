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
  undone, ///< nobody will ever see them
  unknown ///< the answer to the commit was lost
};

/// Tags events in the transaction that writes them. The database calls it, on any of its threads;
/// it must not call the database.
class EventTagger {
 public:
  virtual ~EventTagger() = default;

  /// A tag for each of `events`, in their order: the transaction that wrote them writes these too.
  /// An error undoes it. What it returns is under way until `ended` was called with it.
  [[nodiscard]] virtual Result<std::vector<EventTag>> tag(std::span<const AuditEvent> events) = 0;

  /// Once for all that one call of `tag` returned, before the writer is answered. Of transactions
  /// that are undone together the last that was tagged comes first.
  virtual void ended(std::span<const EventTag> tags, TagOutcome outcome) noexcept = 0;
};

} // namespace baluhost
