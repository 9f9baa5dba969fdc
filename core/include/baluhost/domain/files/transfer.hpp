#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baluhost {

/// Downloads of one instance that were put on record together, before their first bytes.
struct TransferGroup {
  InstanceId instance;

  /// Its downloads are numbered from here on, without a gap.
  TransferId first;
  std::int64_t downloads{};

  /// Every number from this one to before `first` was given to a download that is on record.
  TransferId since;

  /// A JSON array: of each download, in order, the event to write if nobody ends it.
  std::string events;

  /// HMAC-SHA-256 over `tagged_bytes`. None: written by a process that does not seal, or before
  /// there were such.
  std::optional<Sha256Digest> mac{};

  /// The number of the last one.
  [[nodiscard]] TransferId last() const noexcept { return TransferId{first.value + downloads - 1}; }
};

/// Which downloads of an instance are under way.
struct OpenTransfers {
  /// The last one that this tells of. All later ones are under way.
  TransferId begun{};

  /// Those up to `begun`: "5,17-40", in order. Empty: none.
  std::string open;

  /// As of `TransferGroup`.
  std::optional<Sha256Digest> mac{};

  bool operator==(const OpenTransfers&) const = default;
};

/// What the MAC covers. Specified in docs/audit-format.md.
std::string tagged_bytes(const TransferGroup& group);
std::string tagged_bytes(const InstanceId& instance, const OpenTransfers& transfers);

/// One run of a server or tool, for telling an orderly stop from a crash.
struct Instance {
  InstanceId id;
  Timestamp started_at;

  /// Renewed every few seconds: others may recover what an instance left that is silent for long.
  Timestamp seen_at;
  OpenTransfers transfers{};
};

} // namespace baluhost
