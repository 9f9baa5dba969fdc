#pragma once

#include "baluhost/core/seals/verify.hpp"

#include <memory>
#include <optional>

namespace baluhost {

class ChainVerifier;

/// Checks a trail that its caller reads, and whose events it hashes: fed with the leaves of a seal
/// in the order of their sequence, then the seal, and so on; at the end with the prune records.
/// Takes constant memory.
class TrailVerifier {
 public:
  TrailVerifier(const SealVerifier& keys, const Digester& digester);
  ~TrailVerifier();
  void leaf(const AuditLeaf& leaf,
            const Sha256Digest& of_event); ///< `of_event`: the digest of the event's canonical
                                           ///< encoding as it is now
  void seal(const Seal& seal);
  void prune(
      const PruneRecord& record,
      const std::optional<Seal>& last); ///< `last`: the seal that the record names, if it is there
  /// The verdict, once. What is no event's leaf is not known here; nor whether the trail goes on.
  [[nodiscard]] VerifyReport finish();

 private:
  std::unique_ptr<ChainVerifier> check_;
};

} // namespace baluhost
