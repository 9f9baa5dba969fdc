#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace baluhost::memory {

/// An ordered map whose copies cost nothing and never see later changes: a treap with path copying.
/// A copy may be read while the original changes on another thread; one object is for one thread at
/// a time. Changes and look-ups cost O(log n).
template <class Key, class Value>
class PersistentMap {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool contains(const Key& key) const { return find(key) != nullptr; }

  /// The value of `key`, or null; it lives as long as this map holds it.
  [[nodiscard]] const Value* find(const Key& key) const {
    const Node* node = root_.get();
    while (node != nullptr) {
      if (key < node->entry->first) {
        node = node->left.get();
      } else if (node->entry->first < key) {
        node = node->right.get();
      } else {
        return &node->entry->second;
      }
    }
    return nullptr;
  }

  /// Inserts the entry or replaces the value of `key`.
  void put(Key key, Value value) {
    const bool replaces = contains(key);
    auto entry = std::make_shared<const Entry>(std::move(key), std::move(value));
    if (replaces) {
      root_ = replaced(*root_, std::move(entry));
    } else {
      root_ = inserted(root_, std::move(entry), next_priority());
      ++size_;
    }
  }

  /// False if `key` is not there.
  bool erase(const Key& key) {
    if (!contains(key)) return false;
    root_ = erased(*root_, key);
    --size_;
    return true;
  }

  /// The last entry's key, or null.
  [[nodiscard]] const Key* last_key() const {
    const Node* node = root_.get();
    if (node == nullptr) return nullptr;
    while (node->right) node = node->right.get();
    return &node->entry->first;
  }

  /// Visits entries in order until `visit(key, value)` returns false.
  template <class F>
  void each(F&& visit) const {
    ascend(
        root_.get(), [](const Key&) { return true; }, visit);
  }
  /// As `each`, of entries from `key` on.
  template <class F>
  void each_from(const Key& key, F&& visit) const {
    ascend(
        root_.get(), [&](const Key& k) { return !(k < key); }, visit);
  }
  /// As `each`, of entries after `key`.
  template <class F>
  void each_after(const Key& key, F&& visit) const {
    ascend(
        root_.get(), [&](const Key& k) { return key < k; }, visit);
  }
  /// The values after `key`, `limit` at most.
  [[nodiscard]] std::vector<Value> values_after(const Key& key, std::size_t limit) const {
    std::vector<Value> values;
    each_after(key, [&](const Key&, const Value& value) {
      if (values.size() >= limit) return false;
      values.push_back(value);
      return true;
    });
    return values;
  }
  /// As `each`, of entries before `key`, in descending order.
  template <class F>
  void each_before(const Key& key, F&& visit) const {
    descend(root_.get(), key, visit);
  }

 private:
  using Entry = std::pair<const Key, Value>;
  struct Node;
  using Link = std::shared_ptr<const Node>;
  struct Node {
    std::shared_ptr<const Entry> entry;
    std::uint64_t priority;
    Link left;
    Link right;
  };

  static Link make(std::shared_ptr<const Entry> entry, std::uint64_t priority, Link left,
                   Link right) {
    return std::make_shared<const Node>(
        Node{std::move(entry), priority, std::move(left), std::move(right)});
  }
  static Link with_left(const Node& node, Link left) {
    return make(node.entry, node.priority, std::move(left), node.right);
  }
  static Link with_right(const Node& node, Link right) {
    return make(node.entry, node.priority, node.left, std::move(right));
  }

  /// Scrambled counters (splitmix64): as good as random for balance, and the same in every run.
  static std::uint64_t next_priority() {
    static std::atomic<std::uint64_t> counter{0};
    std::uint64_t z = counter.fetch_add(0x9e3779b97f4a7c15U, std::memory_order_relaxed);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  static Link replaced(const Node& node, std::shared_ptr<const Entry> entry) {
    if (entry->first < node.entry->first)
      return with_left(node, replaced(*node.left, std::move(entry)));
    if (node.entry->first < entry->first)
      return with_right(node, replaced(*node.right, std::move(entry)));
    return make(std::move(entry), node.priority, node.left, node.right);
  }

  static Link inserted(const Link& node, std::shared_ptr<const Entry> entry,
                       std::uint64_t priority) {
    if (!node) return make(std::move(entry), priority, nullptr, nullptr);
    if (priority > node->priority) {
      auto [left, right] = split(node, entry->first);
      return make(std::move(entry), priority, std::move(left), std::move(right));
    }
    if (entry->first < node->entry->first)
      return with_left(*node, inserted(node->left, std::move(entry), priority));
    return with_right(*node, inserted(node->right, std::move(entry), priority));
  }

  /// What is before `key` and what is after it.
  static std::pair<Link, Link> split(const Link& node, const Key& key) {
    if (!node) return {};
    if (key < node->entry->first) {
      auto [left, right] = split(node->left, key);
      return {std::move(left), with_left(*node, std::move(right))};
    }
    auto [left, right] = split(node->right, key);
    return {with_right(*node, std::move(left)), std::move(right)};
  }

  static Link erased(const Node& node, const Key& key) {
    if (key < node.entry->first) return with_left(node, erased(*node.left, key));
    if (node.entry->first < key) return with_right(node, erased(*node.right, key));
    return merged(node.left, node.right);
  }

  static Link merged(const Link& left, const Link& right) {
    if (!left) return right;
    if (!right) return left;
    if (left->priority > right->priority) return with_right(*left, merged(left->right, right));
    return with_left(*right, merged(left, right->left));
  }

  template <class Begun, class F>
  static bool ascend(const Node* node, const Begun& begun, F& visit) {
    if (node == nullptr) return true;
    if (begun(node->entry->first)) {
      if (!ascend(node->left.get(), begun, visit)) return false;
      if (!visit(node->entry->first, node->entry->second)) return false;
    }
    return ascend(node->right.get(), begun, visit);
  }

  template <class F>
  static bool descend(const Node* node, const Key& before, F& visit) {
    if (node == nullptr) return true;
    if (node->entry->first < before) {
      if (!descend(node->right.get(), before, visit)) return false;
      if (!visit(node->entry->first, node->entry->second)) return false;
    }
    return descend(node->left.get(), before, visit);
  }

  Link root_;
  std::size_t size_{0};
};

/// The value that `found` points to, or none.
template <class T>
std::optional<T> copy_of(const T* found) {
  return found == nullptr ? std::nullopt : std::optional<T>{*found};
}

} // namespace baluhost::memory
