#include "audit/trail_figures.hpp"

#include <algorithm>
#include <limits>

namespace baluhost {
namespace {

constexpr std::size_t kTagsPerRead = 100;

} // namespace

Result<UnsealedEvents> find_unsealed(const SealRepository& seals) {
  UnsealedEvents found;
  EventId after{std::numeric_limits<std::int64_t>::min()};
  for (;;) {
    BALUHOST_TRY(const auto page, seals.tags(after, kTagsPerRead));
    for (const auto& tag : page) {
      for (const auto& tagged : tag.events) {
        if (tagged.leaf || !tagged.event) continue;
        ++found.count;
        const auto at = tagged.event->timestamp;
        found.oldest = std::min(found.oldest.value_or(at), at);
      }
    }
    if (page.size() < kTagsPerRead) return found;
    after = page.back().tag.event;
  }
}

Result<SealedTrail> find_sealed(const SealRepository& seals) {
  SealedTrail found;
  BALUHOST_TRY(found.newest_seal, seals.newest());
  if (!found.newest_seal || !has_consistent_numbers(*found.newest_seal)) return found;
  found.events = found.newest_seal->last_sequence;
  BALUHOST_TRY(const auto records, seals.prunes());
  std::int64_t pruned = 0;
  for (const auto& record : records) pruned = std::max(pruned, record.last_sequence);
  pruned = std::min(pruned, found.events);
  if (pruned == 0) return found;
  found.events -= pruned;
  BALUHOST_TRY(const auto last, seals.seal_of(pruned));
  if (last) found.pruned_before = last->sealed_at;
  return found;
}

} // namespace baluhost
