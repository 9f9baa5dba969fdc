#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/error.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// Where an event stands in the sealed order. `sequence` starts at 1 and has no gaps.
struct AuditLeaf {
  std::int64_t sequence{};
  EventId event;
  Sha256Digest leaf;
};

/// A signed statement that certain events, in this order, are all there is between the previous
/// seal and this one.
struct Seal {
  SealNumber number;
  std::int64_t first_sequence{};
  std::int64_t last_sequence{};
  std::int64_t count{};
  Sha256Digest root;     ///< RFC 6962 section 2.1 over the leaves
  Sha256Digest previous; ///< `seal_hash` of the seal before; zero for the first
  Timestamp sealed_at;
  bool recovered{false}; ///< made from the database after a crash, not from memory
  std::string key_id;    ///< hex of the first 8 bytes of the SHA-256 of the raw public key
  std::string signature; ///< Ed25519 (RFC 8032), 64 raw bytes over `signed_bytes`
};

/// True if the numbers of `seal` fit together and there is room for the next; only then may one
/// calculate with them.
bool has_consistent_numbers(const Seal& seal) noexcept;

/// A signed statement that the events of all seals up to one were removed on purpose; their seals
/// stay.
struct PruneRecord {
  SealNumber last_seal; ///< the last whose events are gone
  std::int64_t last_sequence{};
  std::int64_t events{}; ///< how many this prune removed
  Timestamp pruned_at;
  std::string key_id;
  std::string signature;
};

/// An event as a leaf of a seal's tree.
struct EventLeaf {
  EventId event;
  Sha256Digest leaf;

  bool operator==(const EventLeaf&) const = default;
};

/// What vouches for the events of a transaction from their commit to their seal: a MAC by a key
/// outside the database, written in the transaction itself and removed with the seal.
///
/// `writer` is one run of one program, or a part of such a run. It numbers its events from 1,
/// without gaps, in the order of their tags: `number` is that of the tag's first event. All numbers
/// below `settled` were committed, and all up to `sealed` were sealed, before this tag was made.
/// `mac` is the HMAC-SHA-256 over `tagged_bytes`.
struct EventTag {
  /// More events of one transaction get further tags.
  static constexpr std::size_t kMostEvents = 500;

  /// The first of its events, which names the tag.
  EventId event;
  InstanceId writer;
  std::int64_t number{};
  std::int64_t settled{};
  std::int64_t sealed{};
  Sha256Digest mac;
  /// All its events in the order of their ids and numbers, `event` first. Empty for a tag of
  /// `event` alone, which does not repeat its leaf.
  std::vector<EventLeaf> events;

  bool operator==(const EventTag&) const = default;
};

/// The ids of all events of `tag`, in order.
std::vector<EventId> events_of(const EventTag& tag);

/// What a seal's signature covers; specified in docs/audit-format.md.
std::string signed_bytes(const Seal& seal);
std::string signed_bytes(const PruneRecord& record);
/// What the MAC of a tag of one event covers; `leaf` is that of its event. Specified in
/// docs/audit-format.md.
std::string tagged_bytes(const EventTag& tag, const Sha256Digest& leaf);
/// What the MAC of a tag of several events covers. Specified in docs/audit-format.md.
std::string tagged_bytes(const EventTag& tag);

/// An event at its place in the sealed order. Without an event the row is gone or, if it is not
/// `readable`, there is a row that no event is stored as.
struct SealedEvent {
  AuditLeaf leaf;
  std::optional<AuditEvent> event;
  bool readable{true};
};

/// An event that has no leaf; without `event` there is a row that no event is stored as. `tagged`
/// if it has a tag, of whatever worth.
struct UnsealedEvent {
  EventId id;
  std::optional<AuditEvent> event;
  bool tagged{false};
};

/// What the database holds of an event that a tag vouches for, and its leaf once it is sealed.
/// Without an event the row is gone or, if it is not `readable`, there is a row that no event is
/// stored as.
struct TaggedEvent {
  std::optional<AuditEvent> event;
  bool readable{true};
  std::optional<AuditLeaf> leaf;
};

/// A tag with what it vouches for: one for each of its events, in their order. None where its list
/// of events cannot be read.
struct StoredTag {
  EventTag tag;
  std::vector<TaggedEvent> events;
};

/// For who cannot do without the event of a row that is not readable: internal.
Error unreadable_event(const AuditLeaf& leaf);

/// What `SealRepository::clear_way` says of a row of seals that it removes.
std::string impossible_seal(SealNumber number);
/// What `SealRepository::clear_way` says of a leaf that it removes.
std::string stray_leaf(std::int64_t sequence, EventId event);

} // namespace baluhost
