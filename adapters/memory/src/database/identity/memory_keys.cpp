#include "database/identity/identity_repositories.hpp"
#include "database/repositories.hpp"

namespace baluhost::memory {
namespace {

std::vector<Key> keys_of(const State& state, UserId owner) {
  std::vector<Key> keys;
  for (const auto& id : seconds_of(state.keys_of_user, owner))
    keys.push_back(state.keys.find(id)->key);
  return keys;
}

void erase(State& state, const KeyId& id) {
  const auto row = *state.keys.find(id);
  state.keys.erase(id);
  state.key_by_secret.erase(row.secret);
  state.keys_of_user.erase({row.key.owner, id});
  ++state.identity_version;
}

} // namespace

Result<std::optional<KeyState>> MemoryKeys::find(const KeyId& id) const {
  const auto* row = state_.keys.find(id);
  if (row == nullptr) return std::optional<KeyState>{};
  return std::optional{KeyState{row->key, state_.users.find(row->key.owner)->user,
                                has_second_factor(state_, row->key.owner)}};
}

Result<std::optional<KeyState>> MemoryKeys::find(const KeyHash& secret) const {
  const auto* id = state_.key_by_secret.find(secret);
  if (id == nullptr) return std::optional<KeyState>{};
  return find(*id);
}

Result<std::vector<PlacedKey>> MemoryKeys::list(UserId owner, const std::optional<KeyId>& after,
                                                std::size_t limit) const {
  std::vector<PlacedKey> keys;
  for (auto& key : keys_of(state_, owner)) {
    if (keys.size() == limit) break;
    if (after && key.id <= *after) continue;
    const auto root = key.root;
    keys.push_back({std::move(key), std::nullopt});
    if (!root) continue;
    if (auto path = MemoryFiles{state_}.path_of(*root)) keys.back().path = *std::move(path);
  }
  return keys;
}

Result<std::int64_t> MemoryKeys::count(UserId owner) const {
  return static_cast<std::int64_t>(keys_of(state_, owner).size());
}

Result<void> MemoryKeys::insert(const Key& key, const KeyHash& secret) {
  if (!state_.users.contains(key.owner)) return Error{Errc::internal, "a key of no user"};
  if (state_.keys.contains(key.id) || state_.key_by_secret.contains(secret))
    return Error{Errc::internal, "a key twice"};
  state_.keys.put(key.id, {key, secret});
  state_.key_by_secret.put(secret, key.id);
  state_.keys_of_user.put({key.owner, key.id}, {});
  ++state_.identity_version;
  return {};
}

Result<void> MemoryKeys::remove(const KeyId& id) {
  if (!state_.keys.contains(id)) return Error{Errc::not_found, "no such key"};
  erase(state_, id);
  return {};
}

Result<std::int64_t> MemoryKeys::remove_all(UserId owner) {
  const auto keys = keys_of(state_, owner);
  for (const auto& key : keys) erase(state_, key.id);
  return static_cast<std::int64_t>(keys.size());
}

Result<void> MemoryKeys::note_uses(std::span<const KeyUse> uses) {
  for (const auto& use : uses) {
    const auto* found = state_.keys.find(use.key);
    if (found == nullptr || found->key.last_used_at.value_or(Timestamp{}) >= use.at) continue;
    auto row = *found;
    row.key.last_used_at = use.at;
    row.key.last_used_ip = use.ip_address;
    state_.keys.put(use.key, std::move(row));
  }
  return {};
}

Result<std::int64_t> MemoryKeys::forget_expired(Timestamp before, std::size_t limit) {
  const auto gone = some_of(state_.keys, limit, [&](const KeyRow& row) {
    return row.key.expires_at && *row.key.expires_at < before;
  });
  for (const auto& row : gone) erase(state_, row.key.id);
  return static_cast<std::int64_t>(gone.size());
}

} // namespace baluhost::memory
