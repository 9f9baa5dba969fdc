#include "baluhost/core/identity/identity_cache.hpp"

#include "baluhost/ports/transactions.hpp"

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

/// The lock is never held over a query. So a load may race with a change: it reads the old state,
/// the change is committed, `forget` empties the map, and only then would the load store what it
/// read. The generation, which `forget` raises, tells such a load that it is late.
namespace baluhost {

struct IdentityCache::State {
  explicit State(std::size_t most) : capacity(most) {}

  std::size_t capacity;
  std::shared_mutex mutex;
  std::unordered_map<SessionId, SessionState> sessions;
  std::uint64_t generation{0};
  std::optional<std::int64_t> version; ///< of the database, at the last poll

  void forget_locked() {
    sessions.clear();
    ++generation;
  }
};

IdentityCache::IdentityCache(Database& database, std::size_t capacity)
    : database_(database), state_(std::make_unique<State>(capacity)) {}

IdentityCache::~IdentityCache() = default;

Result<std::optional<SessionState>> IdentityCache::find(const SessionId& id) {
  std::uint64_t generation = 0;
  {
    const std::shared_lock lock(state_->mutex);
    if (const auto found = state_->sessions.find(id); found != state_->sessions.end()) {
      return std::optional<SessionState>{found->second};
    }
    generation = state_->generation;
  }

  BALUHOST_TRY(auto loaded,
               query(database_, [&](ReadTransaction& tx) { return tx.sessions().find(id); }));
  // What is not there is not remembered: ids of sessions that never were would fill the memory.
  if (!loaded || state_->capacity == 0) return loaded;

  const std::lock_guard lock(state_->mutex);
  if (generation != state_->generation) return loaded;
  auto& sessions = state_->sessions;
  if (sessions.size() >= state_->capacity && !sessions.contains(id))
    sessions.erase(sessions.begin());
  sessions.insert_or_assign(id, *loaded);
  return loaded;
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
