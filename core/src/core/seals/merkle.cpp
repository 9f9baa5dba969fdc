#include "seals/merkle.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string>

namespace baluhost {
namespace {

Sha256Digest node(const Digester& digester, const Sha256Digest& left, const Sha256Digest& right) {
  std::array<char, 65> bytes;
  bytes[0] = 1;
  std::memcpy(bytes.data() + 1, left.bytes.data(), 32);
  std::memcpy(bytes.data() + 33, right.bytes.data(), 32);
  return digester.sha256({bytes.data(), bytes.size()});
}

Sha256Digest root_of(const Digester& digester, std::span<const Sha256Digest> leaves) {
  if (leaves.size() == 1) return leaves.front();
  const auto k = std::bit_floor(leaves.size() - 1);
  return node(digester, root_of(digester, leaves.first(k)), root_of(digester, leaves.subspan(k)));
}

} // namespace

Sha256Digest merkle_leaf(const Digester& digester, std::string_view input) {
  std::array<char, 33> bytes;
  if (input.size() == bytes.size() - 1) {
    bytes[0] = 0;
    std::memcpy(bytes.data() + 1, input.data(), input.size());
    return digester.sha256({bytes.data(), bytes.size()});
  }
  std::string longer(1, '\0');
  longer += input;
  return digester.sha256(longer);
}

void MerkleTree::add(std::string_view input) {
  Sha256Digest subtree = merkle_leaf(*digester_, input);
  for (auto carry = size_++; (carry & 1) != 0; carry >>= 1) {
    subtree = node(*digester_, complete_.back(), subtree);
    complete_.pop_back();
  }
  complete_.push_back(subtree);
}

void MerkleTree::clear() noexcept {
  size_ = 0;
  complete_.clear();
}

Sha256Digest MerkleTree::root() const {
  if (complete_.empty()) return digester_->sha256({});
  Sha256Digest root = complete_.back();
  for (auto larger = complete_.rbegin() + 1; larger != complete_.rend(); ++larger)
    root = node(*digester_, *larger, root);
  return root;
}

std::vector<Sha256Digest> inclusion_path(const Digester& digester,
                                         std::span<const Sha256Digest> leaves, std::size_t index) {
  if (leaves.size() <= 1) return {};
  const auto k = std::bit_floor(leaves.size() - 1);
  const auto left = leaves.first(k);
  const auto right = leaves.subspan(k);
  auto path = index < k ? inclusion_path(digester, left, index)
                        : inclusion_path(digester, right, index - k);
  path.push_back(root_of(digester, index < k ? right : left));
  return path;
}

std::optional<Sha256Digest> root_of_path(const Digester& digester, const Sha256Digest& leaf,
                                         std::int64_t index, std::int64_t size,
                                         std::span<const Sha256Digest> path) {
  if (index < 0 || index >= size) return std::nullopt;
  Sha256Digest root = leaf;
  auto last = size - 1;
  for (const auto& sibling : path) {
    if (last == 0) return std::nullopt;
    if ((index & 1) != 0 || index == last) {
      root = node(digester, sibling, root);
      while ((index & 1) == 0 && index != 0) {
        index >>= 1;
        last >>= 1;
      }
    } else {
      root = node(digester, root, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return root;
}

} // namespace baluhost
