#include "baluhost/domain/audit/seal.hpp"

#include "big_endian.hpp"

#include <limits>

// Each kind of statement begins with its own line, so that a signature over one can never be shown
// as a signature over another.

namespace baluhost {

bool has_consistent_numbers(const Seal& seal) noexcept {
  constexpr auto kHighest = std::numeric_limits<std::int64_t>::max();
  return seal.number.value >= 1 && seal.number.value < kHighest && seal.first_sequence >= 1 &&
         seal.last_sequence >= seal.first_sequence && seal.last_sequence < kHighest &&
         seal.count == seal.last_sequence - seal.first_sequence + 1;
}

std::vector<EventId> events_of(const EventTag& tag) {
  if (tag.events.empty()) return {tag.event};
  std::vector<EventId> ids;
  ids.reserve(tag.events.size());
  for (const auto& event : tag.events) ids.push_back(event.event);
  return ids;
}

std::string signed_bytes(const Seal& seal) {
  std::string bytes = "BaluHost seal v1\n";
  put_i64(bytes, seal.number.value);
  put_i64(bytes, seal.first_sequence);
  put_i64(bytes, seal.last_sequence);
  put_i64(bytes, seal.count);
  bytes += seal.root.view();
  bytes += seal.previous.view();
  put_i64(bytes, seal.sealed_at.microseconds);
  bytes += static_cast<char>(seal.recovered ? 1 : 0);
  put_text(bytes, seal.key_id);
  return bytes;
}

std::string signed_bytes(const PruneRecord& record) {
  std::string bytes = "BaluHost prune v1\n";
  put_i64(bytes, record.last_seal.value);
  put_i64(bytes, record.last_sequence);
  put_i64(bytes, record.events);
  put_i64(bytes, record.pruned_at.microseconds);
  put_text(bytes, record.key_id);
  return bytes;
}

std::string tagged_bytes(const EventTag& tag, const Sha256Digest& leaf) {
  std::string bytes = "BaluHost tag v1\n";
  bytes += leaf.view();
  put_text(bytes, tag.writer.value);
  put_i64(bytes, tag.number);
  put_i64(bytes, tag.settled);
  put_i64(bytes, tag.sealed);
  return bytes;
}

std::string tagged_bytes(const EventTag& tag) {
  std::string bytes = "BaluHost tags v1\n";
  bytes.reserve(128 + tag.events.size() * 40);
  put_text(bytes, tag.writer.value);
  put_i64(bytes, tag.number);
  put_i64(bytes, tag.settled);
  put_i64(bytes, tag.sealed);
  put_i64(bytes, static_cast<std::int64_t>(tag.events.size()));
  for (const auto& [event, leaf] : tag.events) {
    put_i64(bytes, event.value);
    bytes += leaf.view();
  }
  return bytes;
}

Error unreadable_event(const AuditLeaf& leaf) {
  return Error{Errc::internal,
               "the row of event " + std::to_string(leaf.event.value) + " is none of an event"};
}

std::string impossible_seal(SealNumber number) {
  return "a row of seals, number " + std::to_string(number.value) + ", that cannot be one of ours";
}

std::string stray_leaf(std::int64_t sequence, EventId event) {
  return "a leaf of event " + std::to_string(event.value) + " at sequence " +
         std::to_string(sequence) + ", which no seal covers";
}

} // namespace baluhost
