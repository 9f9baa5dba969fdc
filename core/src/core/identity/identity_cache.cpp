#include "baluhost/core/identity/identity_cache.hpp"

#include "baluhost/ports/transactions.hpp"

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>

/// The lock is never held over a query. So a load may race with a change: it reads the old state,
/// the change is committed, `forget` empties the map, and only then would the load store what it
/// read. The generation, which `forget` raises, tells such a load that it is late.
namespace baluhost {

namespace {

/// A digest is as random as any hash of it.
struct HashOfSecret {
  std::size_t operator()(const KeyHash& secret) const noexcept {
    return std::hash<std::string_view>{}(secret.digest.view());
  }
};

} // namespace

struct IdentityCache::State {
  explicit State(std::size_t most) : capacity(most) {}

  std::size_t capacity;
  std::shared_mutex mutex;
  std::unordered_map<SessionId, SessionState> sessions;
  std::unordered_map<KeyHash, KeyState, HashOfSecret> keys;
  std::unordered_map<ShareId, ShareState> shares;
  std::uint64_t generation{0};
  std::optional<std::int64_t> version; ///< of the database, at the last poll

  void forget_locked() {
    sessions.clear();
    keys.clear();
    shares.clear();
    ++generation;
  }

  /// What `known` has by `key`, else what `load` finds, which is then known.
  template <class Map, class Load>
  Result<std::optional<typename Map::mapped_type>> find(Map& known,
                                                        const typename Map::key_type& key,
                                                        const Load& load) {
    std::uint64_t before = 0;
    {
      const std::shared_lock lock(mutex);
      if (const auto found = known.find(key); found != known.end())
        return std::optional{found->second};
      before = generation;
    }
    BALUHOST_TRY(auto loaded, load());
    // What is not there is not remembered: what never was would fill the memory.
    if (!loaded || capacity == 0) return loaded;

    const std::lock_guard lock(mutex);
    if (before != generation) return loaded;
    if (known.size() >= capacity && !known.contains(key)) known.erase(known.begin());
    known.insert_or_assign(key, *loaded);
    return loaded;
  }
};

IdentityCache::IdentityCache(Database& database, std::size_t capacity)
    : database_(database), state_(std::make_unique<State>(capacity)) {}

IdentityCache::~IdentityCache() = default;

Result<std::optional<SessionState>> IdentityCache::find(const SessionId& id) {
  return state_->find(state_->sessions, id, [&] {
    return query(database_, [&](ReadTransaction& tx) { return tx.sessions().find(id); });
  });
}

Result<std::optional<KeyState>> IdentityCache::find(const KeyHash& secret) {
  return state_->find(state_->keys, secret, [&] {
    return query(database_, [&](ReadTransaction& tx) { return tx.keys().find(secret); });
  });
}

Result<std::optional<ShareState>> IdentityCache::find(const ShareId& id) {
  return state_->find(state_->shares, id, [&] {
    return query(database_, [&](ReadTransaction& tx) { return tx.shares().find(id); });
  });
}

void IdentityCache::forget(const KeyHash& secret) {
  const std::lock_guard lock(state_->mutex);
  state_->keys.erase(secret);
}

void IdentityCache::forget() {
  const std::lock_guard lock(state_->mutex);
  state_->forget_locked();
}

Result<void> IdentityCache::poll() {
  auto version = query(database_, [](ReadTransaction& tx) { return tx.identity_version(); });

  const std::lock_guard lock(state_->mutex);
  if (!version) {
    state_->version.reset();
    state_->forget_locked();
    return std::move(version).error();
  }
  if (state_->version != *version) {
    state_->version = *version;
    state_->forget_locked();
  }
  return {};
}

} // namespace baluhost
