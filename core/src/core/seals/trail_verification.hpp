#pragma once

#include "baluhost/core/seals/verify.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace baluhost {

/// `verify_trail` step by step, so that it can be shown and ended. One thread at a time.
class TrailVerification {
 public:
  virtual ~TrailVerification() = default;

  /// Checks some hundred sealed events further. False: it was all.
  [[nodiscard]] virtual Result<bool> advance() = 0;

  /// How many were checked so far.
  [[nodiscard]] virtual std::int64_t events() const noexcept = 0;

  /// The verdict, once, after the last step. Looks at what is not sealed as well.
  [[nodiscard]] virtual Result<VerifyReport> finish() = 0;
};

[[nodiscard]] std::unique_ptr<TrailVerification> make_trail_verification(
    Database& database, const SealVerifier& keys, const Digester& digester,
    const std::optional<Anchor>& anchor, MissingAnchor missing, VerifyProgress progress);

} // namespace baluhost
