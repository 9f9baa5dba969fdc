#include "database/audit/audit_repositories.hpp"

#include <set>

namespace baluhost::memory {

Result<std::optional<Seal>> MemorySeals::newest() const {
  const auto* last = state_.seals.last_key();
  return last == nullptr ? std::optional<Seal>{} : copy_of(state_.seals.find(*last));
}

Result<std::vector<Seal>> MemorySeals::list(SealNumber after, std::size_t limit) const {
  return state_.seals.values_after(after, limit);
}

Result<std::optional<AuditLeaf>> MemorySeals::leaf_of(EventId event) const {
  const auto* sequence = state_.sequence_of_event.find(event);
  return sequence == nullptr ? std::optional<AuditLeaf>{} : copy_of(state_.leaves.find(*sequence));
}

Result<std::optional<Seal>> MemorySeals::seal_of(std::int64_t sequence) const {
  std::optional<Seal> found;
  state_.seals.each([&](SealNumber, const Seal& seal) {
    if (sequence > seal.last_sequence) return true;
    if (sequence >= seal.first_sequence) found = seal;
    return false;
  });
  return found;
}

Result<std::vector<SealedEvent>> MemorySeals::sealed_events(std::int64_t after_sequence,
                                                            std::size_t limit) const {
  std::vector<SealedEvent> found;
  state_.leaves.each_after(after_sequence, [&](std::int64_t, const AuditLeaf& leaf) {
    if (found.size() >= limit) return false;
    found.push_back(SealedEvent{leaf, copy_of(state_.events.find(leaf.event))});
    return true;
  });
  return found;
}

Result<std::vector<UnsealedEvent>> MemorySeals::unsealed(EventId after, std::size_t limit) const {
  std::vector<UnsealedEvent> found;
  state_.events.each_after(after, [&](EventId id, const AuditEvent& event) {
    if (found.size() >= limit) return false;
    if (!state_.sequence_of_event.contains(id))
      found.push_back({id, event, state_.tag_of_event.contains(id)});
    return true;
  });
  return found;
}

Result<std::vector<StoredTag>> MemorySeals::tags(EventId after, std::size_t limit) const {
  std::vector<StoredTag> found;
  state_.tags.each_after(after, [&](EventId, const EventTag& tag) {
    if (found.size() >= limit) return false;
    auto& stored = found.emplace_back(StoredTag{.tag = tag, .events = {}});
    for (const EventId event : events_of(tag)) {
      stored.events.push_back({.event = copy_of(state_.events.find(event)),
                               .readable = true,
                               .leaf = leaf_of(event).value()});
    }
    return true;
  });
  return found;
}

Result<EventId> MemorySeals::sealed_up_to() const { return state_.sealed_up_to; }

Result<std::vector<PruneRecord>> MemorySeals::prunes() const {
  std::vector<PruneRecord> records;
  state_.prunes.each([&](SealNumber, const PruneRecord& record) {
    records.push_back(record);
    return true;
  });
  return records;
}

Result<void> MemorySeals::lock_chain() { return {}; }

Result<void> MemorySeals::append(const Seal& seal, std::span<const AuditLeaf> leaves) {
  if (state_.seals.contains(seal.number)) return Error{Errc::conflict, "the number is taken"};
  std::set<std::int64_t> sequences;
  std::set<EventId> events;
  for (const auto& leaf : leaves) {
    if (state_.leaves.contains(leaf.sequence) || !sequences.insert(leaf.sequence).second) {
      return Error{Errc::conflict, "a sequence is taken"};
    }
    if (state_.sequence_of_event.contains(leaf.event) || !events.insert(leaf.event).second) {
      return Error{Errc::conflict, "an event has a leaf already"};
    }
  }
  state_.seals.put(seal.number, seal);
  for (const auto& leaf : leaves) {
    state_.leaves.put(leaf.sequence, leaf);
    state_.sequence_of_event.put(leaf.event, leaf.sequence);
  }
  return {};
}

Result<void> MemorySeals::remove_tags(std::span<const EventId> first_events) {
  for (const EventId first : first_events) {
    const auto* tag = state_.tags.find(first);
    if (tag == nullptr) continue;
    for (const EventId event : events_of(*tag)) state_.tag_of_event.erase(event);
    state_.tags.erase(first);
  }
  return {};
}

/// Every seal here can be read.
Result<std::vector<std::string>> MemorySeals::clear_way(std::size_t limit) {
  std::vector<std::string> removed;
  std::int64_t covered = 0;
  while (const auto* newest = state_.seals.last_key()) {
    const Seal seal = *state_.seals.find(*newest);
    covered = has_consistent_numbers(seal) ? seal.last_sequence : 0;
    if (covered > 0) break;
    if (removed.size() >= limit) return removed;
    removed.push_back(impossible_seal(seal.number));
    state_.seals.erase(seal.number);
  }
  std::vector<AuditLeaf> strays;
  state_.leaves.each([&](std::int64_t sequence, const AuditLeaf& leaf) {
    if (strays.size() + removed.size() >= limit) return false;
    if (sequence < 1 || sequence > covered) strays.push_back(leaf);
    return true;
  });
  for (const auto& leaf : strays) {
    removed.push_back(stray_leaf(leaf.sequence, leaf.event));
    state_.leaves.erase(leaf.sequence);
    state_.sequence_of_event.erase(leaf.event);
  }
  return removed;
}

Result<void> MemorySeals::note_sealed_up_to(EventId event) {
  state_.sealed_up_to = event;
  return {};
}

Result<void> MemorySeals::append_prune(const PruneRecord& record) {
  if (state_.prunes.contains(record.last_seal))
    return Error{Errc::internal, "a prune record twice"};
  state_.prunes.put(record.last_seal, record);
  return {};
}

Result<std::int64_t> MemorySeals::remove_events(std::int64_t last_sequence, std::size_t limit) {
  std::vector<AuditLeaf> gone;
  state_.leaves.each([&](std::int64_t sequence, const AuditLeaf& leaf) {
    if (sequence > last_sequence || gone.size() >= limit) return false;
    gone.push_back(leaf);
    return true;
  });
  for (const auto& leaf : gone) {
    if (const auto* event = state_.events.find(leaf.event)) {
      state_.events_by_time.erase({event->timestamp, event->id});
      state_.events.erase(leaf.event);
    }
    state_.events_of_former_accounts.erase(leaf.event);
    state_.leaves.erase(leaf.sequence);
    state_.sequence_of_event.erase(leaf.event);
  }
  return static_cast<std::int64_t>(gone.size());
}

} // namespace baluhost::memory
