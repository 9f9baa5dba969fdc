#pragma once

#include "support.hpp"

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace baluhost::contract::seals_suite {

inline std::vector<AuditEvent> record(Database& database, int count) {
  const auto before = see(database, [](ReadTransaction& tx) { return tx.audit().newest(); });
  must(database.write([&](WriteTransaction&) -> Result<AuditEvents> {
    AuditEvents events{some_event("/anna/0")};
    for (int i = 1; i < count; ++i) {
      events += some_event("/anna/" + std::to_string(i));
    }
    return events;
  }));
  return see(database, [&](ReadTransaction& tx) { return tx.audit().since(before, 1000); });
}

inline EventTag tag_for(const AuditEvent& event) {
  return {.event = event.id,
          .writer = InstanceId{"writer" + std::to_string(event.id.value % 3)},
          .number = event.id.value * 5,
          .settled = event.id.value * 3,
          .sealed = event.id.value,
          .mac = sha256_of(static_cast<int>(event.id.value)),
          .events = {}};
}

/// One tag for all of `events`.
inline EventTag tag_for_all(std::span<const AuditEvent> events) {
  auto tag = tag_for(events.front());
  for (const auto& event : events) {
    tag.events.push_back({event.id, sha256_of(static_cast<int>(event.id.value) + 7)});
  }
  return tag;
}

/// Notes what it is told.
class Tagger final : public EventTagger {
 public:
  Result<std::vector<EventTag>> tag(std::span<const AuditEvent> events) override {
    if (fails) return Error{Errc::unavailable, "told to fail"};
    if (together) return std::vector{tag_for_all(events)};
    std::vector<EventTag> tags;
    for (const auto& event : events) tags.push_back(tag_for(event));
    return tags;
  }
  void ended(std::span<const EventTag> tags, TagOutcome outcome) noexcept override {
    if (outcome == TagOutcome::committed)
      committed += static_cast<int>(tags.size());
    else
      undone += static_cast<int>(tags.size());
  }
  std::atomic<bool> fails{false};
  std::atomic<bool> together{false};
  std::atomic<int> committed{0};
  std::atomic<int> undone{0};
};

inline Seal seal_over(std::int64_t number, std::int64_t first, std::int64_t last) {
  std::string signature;
  for (int i = 0; i < 64; ++i) signature += static_cast<char>(i * 5);
  return {.number = SealNumber{number},
          .first_sequence = first,
          .last_sequence = last,
          .count = last - first + 1,
          .root = sha256_of(static_cast<int>(number) + 500),
          .previous = sha256_of(static_cast<int>(number) + 499),
          .sealed_at = kNow + number * kTick,
          .recovered = number % 2 == 0,
          .key_id = "00112233445566ff",
          .signature = signature};
}

inline AuditLeaf leaf(std::int64_t sequence, EventId event) {
  return {sequence, event, sha256_of(static_cast<int>(sequence))};
}

inline Result<void> append(Database& database, const Seal& seal,
                           const std::vector<AuditLeaf>& leaves) {
  return database.bookkeep([&](Bookkeeping& tx) { return tx.seals().append(seal, leaves); });
}

/// Seals `events` from sequence `first` on, in the given order.
inline Seal seal(Database& database, std::int64_t number, std::int64_t first,
                 std::span<const AuditEvent> events) {
  std::vector<AuditLeaf> leaves;
  for (const auto& event : events)
    leaves.push_back(leaf(first + static_cast<std::int64_t>(leaves.size()), event.id));
  const auto made = seal_over(number, first, first + static_cast<std::int64_t>(events.size()) - 1);
  must(append(database, made, leaves));
  return made;
}

inline std::vector<std::string> unsealed(Database& database, EventId after,
                                         std::size_t limit = 1000) {
  std::vector<std::string> texts;
  for (const auto& found :
       see(database, [&](ReadTransaction& tx) { return tx.seals().unsealed(after, limit); })) {
    REQUIRE(found.event);
    CHECK(found.id == found.event->id);
    texts.push_back(describe(*found.event));
  }
  return texts;
}

inline std::vector<SealedEvent> sealed_events(Database& database, std::int64_t after,
                                              std::size_t limit = 1000) {
  return see(database, [&](ReadTransaction& tx) { return tx.seals().sealed_events(after, limit); });
}

void appending(Database& database);
void following(Database& database);
void pruning(Database& database);

} // namespace baluhost::contract::seals_suite
