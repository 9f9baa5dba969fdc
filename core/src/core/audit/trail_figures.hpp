#pragma once

#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/repositories/seal_repository.hpp"

#include <cstdint>
#include <optional>

namespace baluhost {

/// What waits for its seal, as the tags say.
struct UnsealedEvents {
  std::int64_t count{};
  std::optional<Timestamp> oldest;
};

[[nodiscard]] Result<UnsealedEvents> find_unsealed(const SealRepository& seals);

/// What is sealed, as seals and prune records say. Nothing vouches for it here.
struct SealedTrail {
  std::optional<Seal> newest_seal;

  /// How many events were not pruned.
  std::int64_t events{};

  /// When the last seal was made whose events were pruned.
  std::optional<Timestamp> pruned_before;
};

[[nodiscard]] Result<SealedTrail> find_sealed(const SealRepository& seals);

} // namespace baluhost
