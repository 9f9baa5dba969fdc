#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// One thing that is not as it was sealed.
struct VerifyProblem {
  std::string kind; ///< "event_changed", "event_missing", "event_unsealed", "leaf_mismatch",
                    ///< "root_mismatch", "count_mismatch", "sequence_gap", "chain_broken",
                    ///< "bad_signature", "unknown_key", "tail_missing", "anchor_missing",
                    ///< "anchor_mismatch", "prune_unproven", "bad_tag", …
  std::optional<SealNumber> seal;
  std::optional<EventId> event;
  std::string detail;
};

struct VerifyReport {
  bool ok{true};
  std::int64_t events{};
  std::int64_t seals{};
  std::int64_t unsealed{};
  Sha256Digest head; ///< hash of the newest seal; zero where there is none
  std::vector<VerifyProblem>
      problems; ///< at most 1,000; the rest is counted in the last one's detail
};

/// Called now and then with the number of events checked so far.
using VerifyProgress = std::function<void(std::int64_t events)>;

/// Checks the trail in `database`, in memory for what is unsealed. `anchor`: what the anchor log
/// says, or none where it is not to be used; `anchor_expected` makes its absence a finding. An
/// event without a seal is no finding if it bears a tag that fits and no server was alive more than
/// a minute after it: the next seal, or the next start, will cover it. `keys` without private ones
/// take every tag for one that fits.
[[nodiscard]] Result<VerifyReport> verify_trail(Database& database, const SealVerifier& keys,
                                                const Digester& digester,
                                                const std::optional<Anchor>& anchor,
                                                bool anchor_expected,
                                                const VerifyProgress& progress = {});

/// Checks an NDJSON export made with seals, with nothing but public keys.
[[nodiscard]] Result<VerifyReport> verify_export(std::istream& lines, const SealVerifier& keys,
                                                 const Digester& digester,
                                                 const std::optional<Anchor>& anchor,
                                                 const VerifyProgress& progress = {});

/// Checks the JSON that `AuditQueries::prove` gave, with nothing but public keys: true if it proves
/// its event. invalid_request if it cannot be read.
[[nodiscard]] Result<bool> check_inclusion_proof(std::string_view proof, const SealVerifier& keys,
                                                 const Digester& digester);

/// What the next seal's `previous` must be.
[[nodiscard]] Sha256Digest seal_hash(const Seal& seal, const Digester& digester);

} // namespace baluhost
