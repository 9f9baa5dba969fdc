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

/// In what way something is not as it was sealed.
enum class ProblemKind {
  event_changed,   ///< the event is not what was sealed
  event_missing,   ///< the event was written and is not there
  event_unsealed,  ///< no seal vouches for the event, and one should
  leaf_mismatch,   ///< the event is what was sealed, its stored leaf is not
  root_mismatch,   ///< the events of a seal are not those that were sealed
  count_mismatch,  ///< a seal counts other events than it covers
  sequence_gap,    ///< events and seals do not follow one another without a gap
  chain_broken,    ///< a seal does not name the one before it
  bad_signature,   ///< the signature does not fit the seal
  unknown_key,     ///< signed with a key that is not ours
  seal_missing,    ///< seals are gone from the middle or the beginning
  seal_unreadable, ///< a row cannot be read as a seal
  seal_refused,    ///< a start could not seal what was left
  row_forged,      ///< a row was in the way of a seal
  tail_missing,    ///< the newest seals or events are gone
  anchor_missing,  ///< there is no anchor, and one is expected
  anchor_mismatch, ///< the anchor holds another seal of that number
  prune_unproven,  ///< nothing vouches for a prune record
  bad_tag,         ///< a tag fits no event of ours
  line_unreadable, ///< a line of an export
};

/// The stable name of `kind`, as reports and the audit trail have it: "event_changed".
std::string_view to_string(ProblemKind kind) noexcept;

/// One thing that is not as it was sealed.
struct VerifyProblem {
  ProblemKind kind{};
  std::optional<SealNumber> seal{};
  std::optional<EventId> event{};
  std::string detail{};
};

/// What a verification found.
struct VerifyReport {
  bool ok{true};
  std::int64_t events{};
  std::int64_t seals{};
  std::int64_t unsealed{};
  Sha256Digest head; ///< hash of the newest seal; zero where there is none

  /// At most 1,000; the rest is counted in the last one's detail.
  std::vector<VerifyProblem> problems;
};

/// Called now and then with the number of events checked so far.
using VerifyProgress = std::function<void(std::int64_t events)>;

/// What it is that no anchor is there.
enum class MissingAnchor {
  finding, ///< `anchor_missing`: a cut tail would not show
  allowed
};

/// Checks the trail in `database`, in memory for what is unsealed. `anchor`: what the anchor log
/// says, or none where it is not to be used; `missing` says what its absence is then. An
/// event without a seal is no finding if it bears a tag that fits and no server was alive more than
/// a minute after it: the next seal, or the next start, will cover it. `keys` without private ones
/// take every tag for one that fits.
[[nodiscard]] Result<VerifyReport> verify_trail(Database& database, const SealVerifier& keys,
                                                const Digester& digester,
                                                const std::optional<Anchor>& anchor,
                                                MissingAnchor missing,
                                                const VerifyProgress& progress = {});

/// Checks an NDJSON export made with seals, with nothing but public keys. Without an anchor it is
/// not known whether more seals followed the last one; an export of nothing is a finding.
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
