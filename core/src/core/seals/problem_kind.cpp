#include "baluhost/core/seals/verify.hpp"

#include "baluhost/domain/names.hpp"

namespace baluhost {
namespace {

constexpr auto kProblems = names<ProblemKind>({{ProblemKind::event_changed, "event_changed"},
                                               {ProblemKind::event_missing, "event_missing"},
                                               {ProblemKind::event_unsealed, "event_unsealed"},
                                               {ProblemKind::leaf_mismatch, "leaf_mismatch"},
                                               {ProblemKind::root_mismatch, "root_mismatch"},
                                               {ProblemKind::count_mismatch, "count_mismatch"},
                                               {ProblemKind::sequence_gap, "sequence_gap"},
                                               {ProblemKind::chain_broken, "chain_broken"},
                                               {ProblemKind::bad_signature, "bad_signature"},
                                               {ProblemKind::unknown_key, "unknown_key"},
                                               {ProblemKind::seal_missing, "seal_missing"},
                                               {ProblemKind::seal_unreadable, "seal_unreadable"},
                                               {ProblemKind::seal_refused, "seal_refused"},
                                               {ProblemKind::row_forged, "row_forged"},
                                               {ProblemKind::tail_missing, "tail_missing"},
                                               {ProblemKind::anchor_missing, "anchor_missing"},
                                               {ProblemKind::anchor_mismatch, "anchor_mismatch"},
                                               {ProblemKind::prune_unproven, "prune_unproven"},
                                               {ProblemKind::bad_tag, "bad_tag"},
                                               {ProblemKind::line_unreadable, "line_unreadable"}});

} // namespace

std::string_view to_string(ProblemKind kind) noexcept { return name_of(kProblems, kind); }

} // namespace baluhost
