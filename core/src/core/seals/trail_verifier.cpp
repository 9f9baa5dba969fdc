#include "baluhost/core/seals/trail_verifier.hpp"

#include "seals/chain_verifier.hpp"

#include <string>

namespace baluhost {

TrailVerifier::TrailVerifier(const SealVerifier& keys, const Digester& digester)
    : check_(std::make_unique<ChainVerifier>(keys, digester, std::nullopt, VerifyProgress{})) {}

TrailVerifier::~TrailVerifier() = default;

void TrailVerifier::leaf(const AuditLeaf& leaf, const Sha256Digest& of_event) {
  check_->leaf(leaf, of_event);
}

void TrailVerifier::seal(const Seal& seal) {
  if (!check_->last_seal() && seal.number.value != 1) {
    check_->problem("seal_missing", SealNumber{1}, std::nullopt,
                    "the first seal here is " + std::to_string(seal.number.value));
  }
  check_->seal(seal);
}

void TrailVerifier::prune(const PruneRecord& record, const std::optional<Seal>& last) {
  check_->prune(record, last);
}

VerifyReport TrailVerifier::finish() { return check_->finish(check_->first_sequence(), false); }

} // namespace baluhost
