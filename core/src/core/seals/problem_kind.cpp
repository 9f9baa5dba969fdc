#include "baluhost/core/seals/verify.hpp"

namespace baluhost {

std::string_view to_string(ProblemKind kind) noexcept {
  switch (kind) {
    case ProblemKind::event_changed:
      return "event_changed";
    case ProblemKind::event_missing:
      return "event_missing";
    case ProblemKind::event_unsealed:
      return "event_unsealed";
    case ProblemKind::leaf_mismatch:
      return "leaf_mismatch";
    case ProblemKind::root_mismatch:
      return "root_mismatch";
    case ProblemKind::count_mismatch:
      return "count_mismatch";
    case ProblemKind::sequence_gap:
      return "sequence_gap";
    case ProblemKind::chain_broken:
      return "chain_broken";
    case ProblemKind::bad_signature:
      return "bad_signature";
    case ProblemKind::unknown_key:
      return "unknown_key";
    case ProblemKind::seal_missing:
      return "seal_missing";
    case ProblemKind::seal_unreadable:
      return "seal_unreadable";
    case ProblemKind::seal_refused:
      return "seal_refused";
    case ProblemKind::row_forged:
      return "row_forged";
    case ProblemKind::tail_missing:
      return "tail_missing";
    case ProblemKind::anchor_missing:
      return "anchor_missing";
    case ProblemKind::anchor_mismatch:
      return "anchor_mismatch";
    case ProblemKind::prune_unproven:
      return "prune_unproven";
    case ProblemKind::bad_tag:
      return "bad_tag";
    case ProblemKind::line_unreadable:
      return "line_unreadable";
  }
  return "";
}

} // namespace baluhost
