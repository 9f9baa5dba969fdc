#pragma once

#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baluhost {

/// The chain of seals over the audit trail, the leaves of its events, and the tags of those that
/// have none yet.
class SealRepository : public Repository {
 public:
  /// None: nothing is sealed yet.
  [[nodiscard]] virtual Result<std::optional<Seal>> newest() const = 0;

  /// By number, after `after`.
  [[nodiscard]] virtual Result<std::vector<Seal>> list(SealNumber after,
                                                       std::size_t limit) const = 0;

  /// None: it is not sealed.
  [[nodiscard]] virtual Result<std::optional<AuditLeaf>> leaf_of(EventId event) const = 0;

  /// The seal that covers `sequence`; none: there is none.
  [[nodiscard]] virtual Result<std::optional<Seal>> seal_of(std::int64_t sequence) const = 0;

  /// Leaves with their events, by sequence, after `after_sequence`: one query.
  [[nodiscard]] virtual Result<std::vector<SealedEvent>> sealed_events(std::int64_t after_sequence,
                                                                       std::size_t limit) const = 0;

  /// Events without a leaf, by id, after `after`.
  [[nodiscard]] virtual Result<std::vector<UnsealedEvent>> unsealed(EventId after,
                                                                    std::size_t limit) const = 0;

  /// Tags by their first events, after `after`.
  [[nodiscard]] virtual Result<std::vector<StoredTag>> tags(EventId after,
                                                            std::size_t limit) const = 0;

  /// Where a search for unsealed events may begin: the last id that was noted, 0 at first.
  [[nodiscard]] virtual Result<EventId> sealed_up_to() const = 0;

  /// By seal.
  [[nodiscard]] virtual Result<std::vector<PruneRecord>> prunes() const = 0;

  /// From here to the end of the transaction no other server or program seals.
  [[nodiscard]] virtual Result<void> lock_chain() = 0;

  /// conflict if the number or a sequence is taken, or an event has a leaf already.
  [[nodiscard]] virtual Result<void> append(const Seal& seal,
                                            std::span<const AuditLeaf> leaves) = 0;

  /// Removes the tags whose first events are among `first_events`, as far as there are any.
  [[nodiscard]] virtual Result<void> remove_tags(std::span<const EventId> first_events) = 0;

  /// What it removed of that which none of our programs wrote and which would be in the way of the
  /// next seal, at most `limit` findings that each name the row; the rest is left for the next
  /// call. That is: other rows of seals after the last seal whose row can be read and whose numbers
  /// fit together, and leaves that no seal covers. Under `lock_chain`.
  [[nodiscard]] virtual Result<std::vector<std::string>> clear_way(std::size_t limit) = 0;

  /// Notes that a search for unsealed events need not look at ids up to `event`.
  [[nodiscard]] virtual Result<void> note_sealed_up_to(EventId event) = 0;

  /// Adds what a pruning leaves behind.
  [[nodiscard]] virtual Result<void> append_prune(const PruneRecord& record) = 0;

  /// Removes events and leaves of sequences up to `last_sequence`, at most `limit` of them, lowest
  /// first; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> remove_events(std::int64_t last_sequence,
                                                           std::size_t limit) = 0;
};

} // namespace baluhost
