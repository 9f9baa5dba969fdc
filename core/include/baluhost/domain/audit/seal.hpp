#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/error.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>

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

/// What vouches for an event from its commit to its seal: a MAC by a key outside the database,
/// written in the event's own transaction and removed with its seal.
struct EventTag {
  EventId event;
  InstanceId writer;     ///< who wrote it: one run of one program, or a part of such a run
  std::int64_t number{}; ///< of the writer's events, from 1 without gaps in the order of their tags
  std::int64_t
      settled{};         ///< all the writer's numbers below this one were committed before this tag
  std::int64_t sealed{}; ///< all the writer's numbers up to this one were sealed before this tag
  Sha256Digest mac;      ///< HMAC-SHA-256 over `tagged_bytes`

  bool operator==(const EventTag&) const = default;
};

/// What a seal's signature covers; specified in docs/audit-format.md.
std::string signed_bytes(const Seal& seal);
std::string signed_bytes(const PruneRecord& record);
/// What a tag's MAC covers; `leaf` is that of its event. Specified in docs/audit-format.md.
std::string tagged_bytes(const EventTag& tag, const Sha256Digest& leaf);

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

/// A tag with what it vouches for, and the leaf of its event once that is sealed. Without an event
/// the row is gone or, if it is not `readable`, there is a row that no event is stored as.
struct TaggedEvent {
  EventTag tag;
  std::optional<AuditEvent> event;
  bool readable{true};
  std::optional<AuditLeaf> leaf;
};

/// For who cannot do without the event of a row that is not readable: internal.
Error unreadable_event(const AuditLeaf& leaf);

/// What `SealRepository::clear_way` says of a row of seals that it removes.
std::string impossible_seal(SealNumber number);
/// What `SealRepository::clear_way` says of a leaf that it removes.
std::string stray_leaf(std::int64_t sequence, EventId event);

} // namespace baluhost
