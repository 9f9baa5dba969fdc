#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/ports/digester.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace baluhost {

/// The hash of one input of a tree: H(00 || input), RFC 6962 section 2.1.
Sha256Digest merkle_leaf(const Digester& digester, std::string_view input);

/// The Merkle tree hash of RFC 6962 section 2.1 over inputs that come one after the other; takes
/// memory for the logarithm of their number.
class MerkleTree {
 public:
  explicit MerkleTree(const Digester& digester) : digester_(&digester) {}

  void add(std::string_view input);
  void clear() noexcept;
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }

  /// H() where there is no input.
  [[nodiscard]] Sha256Digest root() const;

 private:
  const Digester* digester_;
  std::int64_t size_{0};

  /// Roots of complete subtrees, the largest first: one for each 1 in the binary form of `size_`
  std::vector<Sha256Digest> complete_;
};

/// The audit path of RFC 6962 section 2.1.1 for the leaf at `index`, from the leaf upwards.
std::vector<Sha256Digest> inclusion_path(const Digester& digester,
                                         std::span<const Sha256Digest> leaves, std::size_t index);

/// The root that `path` leads to from `leaf` at `index` of `size` leaves (RFC 9162 section
/// 2.1.3.2); none if a path of that length cannot belong there.
std::optional<Sha256Digest> root_of_path(const Digester& digester, const Sha256Digest& leaf,
                                         std::int64_t index, std::int64_t size,
                                         std::span<const Sha256Digest> path);

} // namespace baluhost
