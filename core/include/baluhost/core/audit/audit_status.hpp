#pragma once

#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baluhost {

/// How the trail is sealed, kept and verified, in one moment.
struct AuditStatus {
  /// What the anchor log has, and whether the seal of that number is the one that was anchored.
  struct AnchorState {
    SealNumber seal;
    bool matches{false};
  };
  /// The verification that ended last.
  struct Verification {
    Timestamp at;
    bool ok{false};
    std::optional<std::string> by;
  };

  std::optional<Seal> newest_seal;

  /// Hash of the newest seal; none where there is none, as of `public_key`.
  std::optional<Sha256Digest> head;

  /// Sealed events that were not pruned.
  std::int64_t events{};
  std::int64_t unsealed{};
  std::optional<Timestamp> oldest_unsealed_at;

  /// PEM, of the key that signed the newest seal.
  std::optional<std::string> public_key;
  std::optional<AnchorState> anchor;

  /// The newest that came to its end.
  std::optional<Verification> last_verification;
  std::int64_t retention_days{};

  /// What was sealed up to then is gone.
  std::optional<Timestamp> pruned_before;
};

} // namespace baluhost
