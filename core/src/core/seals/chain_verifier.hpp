#pragma once

#include "baluhost/core/seals/verify.hpp"
#include "seals/merkle.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// The rules that a trail must keep, whether it comes from a database or from a file: fed with the
/// events of a seal in the order of their sequence, then the seal, and so on. Takes constant
/// memory.
class ChainVerifier {
 public:
  static constexpr std::size_t kMostProblems = 1000;

  ChainVerifier(const SealVerifier& keys, const Digester& digester,
                const std::optional<Anchor>& anchor, VerifyProgress progress);

  /// Without a stored leaf.
  void event(std::int64_t sequence, const AuditEvent& event);

  /// `event` none: the row is gone.
  void event(const AuditLeaf& leaf, const std::optional<AuditEvent>& event);

  /// `is_now`: the leaf of its event as it is.
  void leaf(const AuditLeaf& leaf, const Sha256Digest& is_now);

  /// The row of the event is there, and cannot be read as one.
  void unreadable_event(const AuditLeaf& leaf);

  /// The row at `sequence` cannot be read as a leaf; its seal's root goes unchecked.
  void unreadable_leaf(std::int64_t sequence);
  void seal(const Seal& seal);

  /// `last`: the seal that the record names, or one before it where an export ends earlier; none
  /// where there is no such seal.
  void prune(const PruneRecord& record, const std::optional<Seal>& last);
  void problem(VerifyProblem found);

  [[nodiscard]] const std::optional<Seal>& last_seal() const noexcept { return last_; }

  /// Fed since the last seal.
  [[nodiscard]] bool has_open_events() const noexcept { return open_.started; }

  /// How many were fed.
  [[nodiscard]] std::int64_t events() const noexcept { return report_.events; }

  /// Of all that were fed.
  [[nodiscard]] std::optional<std::int64_t> first_sequence() const noexcept {
    return first_sequence_;
  }

  /// The verdict. Sequences below `first_present`, the first that is still there, may be gone where
  /// a prune record says so; none: whatever a prune record names may be gone. A seal that was seen
  /// with some of its events only is no pruned one, unless they are gone by now.
  VerifyReport finish(std::optional<std::int64_t> first_present, MissingAnchor missing);

 private:
  struct Mismatch {
    std::optional<EventId> event;
    std::int64_t sequence{};
  };

  /// What was fed since the last seal.
  struct Open {
    bool started{false};
    bool complete{true}; ///< each event in its place, each with its leaf
    bool partial{false}; ///< some are gone
    std::int64_t first{};
    std::int64_t last{};
    std::optional<EventId> only_event; ///< of the first
    std::vector<Mismatch> mismatches;

    /// Over the events as they are now; only once it differs from the tree over the leaves.
    std::optional<MerkleTree> recomputed;
  };

  /// A run of sequences of which nothing is left.
  struct Missing {
    SealNumber seal;
    std::int64_t first{};
    std::int64_t last{};
  };

  Sha256Digest leaf_of(const AuditEvent& event);
  void look_into(const AuditEvent& event);
  void add(const AuditLeaf& leaf, const Sha256Digest& is_now);
  bool place(std::int64_t sequence, std::optional<EventId> id);
  void mismatch(std::optional<EventId> id, std::int64_t sequence);
  void check_chain(const Seal& seal);
  void check_signature(const Seal& seal);
  template <class Signed>
  bool is_signed(const Signed& what, VerifyProblem unfit, std::string_view named,
                 std::string_view its);
  void check_events(const Seal& seal);
  void check_root(const Seal& seal);
  void check_anchor(MissingAnchor missing);
  void missing(SealNumber seal, std::int64_t first, std::int64_t last);
  void report_missing(std::optional<std::int64_t> first_present);
  void close();

  const SealVerifier& keys_;
  const Digester& digester_;
  std::optional<Anchor> anchor_;
  const VerifyProgress progress_;
  VerifyReport report_;
  std::int64_t unlisted_problems_{0};
  std::string buffer_;
  MerkleTree tree_;
  Open open_;
  std::optional<Seal> last_;
  std::optional<SealNumber> first_seal_;
  std::optional<std::int64_t> first_sequence_;
  std::int64_t reached_{}; ///< the last that was fed
  std::vector<Missing> missing_;
  std::vector<Missing> partial_;      ///< seals with some of their events
  std::optional<PruneRecord> pruned_; ///< the one that reaches farthest
  bool anchor_seen_{false};
};

} // namespace baluhost
