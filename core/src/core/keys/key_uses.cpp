#include "baluhost/core/keys/key_uses.hpp"

#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

constexpr auto kBetweenWrites = std::chrono::minutes{1};

} // namespace

struct KeyUses::State {
  struct Entry {
    KeyUse last;
    Timestamp written; ///< when the last write was
    bool is_written{false};
  };

  std::size_t capacity;
  mutable std::mutex mutex;
  std::unordered_map<KeyId, Entry> entries;
};

KeyUses::KeyUses(Database& database, std::size_t capacity)
    : database_(database), state_(std::make_unique<State>()) {
  state_->capacity = capacity;
}

KeyUses::~KeyUses() = default;

void KeyUses::note(KeyUse use) {
  const std::lock_guard lock(state_->mutex);
  auto& entries = state_->entries;
  const auto found = entries.find(use.key);
  if (found != entries.end()) {
    found->second.last = std::move(use);
    found->second.is_written = false;
  } else if (entries.size() < state_->capacity) {
    auto id = use.key;
    entries.emplace(std::move(id), State::Entry{.last = std::move(use), .written = {}});
  }
}

std::optional<KeyUse> KeyUses::latest(const KeyId& key) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->entries.find(key);
  return found == state_->entries.end() ? std::nullopt : std::optional{found->second.last};
}

Result<void> KeyUses::write(Timestamp now) {
  std::vector<KeyUse> due;
  {
    const std::lock_guard lock(state_->mutex);
    auto& entries = state_->entries;
    for (auto item = entries.begin(); item != entries.end();) {
      auto& entry = item->second;
      const bool is_due = now - entry.written >= kBetweenWrites;
      if (is_due && entry.is_written) {
        item = entries.erase(item);
        continue;
      }
      if (is_due) {
        entry.is_written = true;
        entry.written = now;
        due.push_back(entry.last);
      }
      ++item;
    }
  }
  if (due.empty()) return {};
  auto written =
      database_.bookkeep([&](Bookkeeping& tx) -> Result<void> { return tx.keys().note_uses(due); });
  if (written) return {};
  const std::lock_guard lock(state_->mutex);
  for (const auto& use : due) {
    if (const auto found = state_->entries.find(use.key); found != state_->entries.end()) {
      found->second.is_written = false;
      found->second.written = {};
    }
  }
  return written;
}

} // namespace baluhost
