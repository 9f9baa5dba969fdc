#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"

#include <optional>

namespace baluhost {

/// The newest seal, as it is kept outside the database.
struct Anchor {
  SealNumber number;
  Sha256Digest seal_hash;
};

/// Remembers the newest seal outside the database, so that a cut tail or an old copy put back
/// shows. Safe from many threads and programs.
class AnchorLog {
 public:
  virtual ~AnchorLog() = default;

  /// Durable when it returns. unavailable when it could not be written; the seal stands
  /// nevertheless.
  [[nodiscard]] virtual Result<void> append(const Anchor& anchor) = 0;

  /// The newest whole anchor; none where there is no anchor at all.
  [[nodiscard]] virtual Result<std::optional<Anchor>> newest() const = 0;
};

} // namespace baluhost
