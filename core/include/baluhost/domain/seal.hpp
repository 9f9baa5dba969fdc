#pragma once

#include "baluhost/domain/audit_event.hpp"
#include "baluhost/domain/digest.hpp"
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

/// A signed statement that certain events, in this order, are all there is between the previous seal and this one.
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

/// A signed statement that the events of all seals up to one were removed on purpose; their seals stay.
struct PruneRecord {
  SealNumber last_seal;      ///< the last whose events are gone
  std::int64_t last_sequence{};
  std::int64_t events{};     ///< how many this prune removed
  Timestamp pruned_at;
  std::string key_id;
  std::string signature;
};

/// What a seal's signature covers; specified in docs/audit-format.md.
std::string signed_bytes(const Seal& seal);
std::string signed_bytes(const PruneRecord& record);

} // namespace baluhost
