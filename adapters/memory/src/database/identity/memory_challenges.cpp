#include "database/identity/identity_repositories.hpp"

#include <algorithm>

namespace baluhost::memory {
namespace {

std::vector<Challenge> challenges_of(const State& state, UserId user) {
  std::vector<Challenge> challenges;
  for (const auto& hash : seconds_of(state.challenges_of_user, user))
    challenges.push_back(*state.challenges.find(hash));
  return challenges;
}

void erase(State& state, const Challenge& challenge) {
  state.challenges.erase(challenge.hash);
  state.challenges_of_user.erase({challenge.user, challenge.hash});
}

} // namespace

Result<std::optional<Challenge>> MemoryChallenges::find(const ChallengeHash& hash) const {
  return copy_of(state_.challenges.find(hash));
}

Result<void> MemoryChallenges::insert(const Challenge& challenge, std::size_t most) {
  if (!state_.users.contains(challenge.user))
    return Error{Errc::internal, "a challenge of no user"};
  auto others = challenges_of(state_, challenge.user);
  std::ranges::sort(others, [](const Challenge& a, const Challenge& b) {
    return a.created_at != b.created_at ? a.created_at > b.created_at : a.hash > b.hash;
  });
  for (std::size_t i = most - 1; i < others.size(); ++i) erase(state_, others[i]);
  state_.challenges.put(challenge.hash, challenge);
  state_.challenges_of_user.put({challenge.user, challenge.hash}, {});
  return {};
}

Result<bool> MemoryChallenges::count_try(const ChallengeHash& hash, int most, Timestamp now) {
  const auto* found = state_.challenges.find(hash);
  if (found == nullptr || found->tries >= most || found->expires_at <= now) return false;
  auto challenge = *found;
  ++challenge.tries;
  state_.challenges.put(hash, challenge);
  return true;
}

Result<bool> MemoryChallenges::remove(const ChallengeHash& hash) {
  const auto found = copy_of(state_.challenges.find(hash));
  if (found) erase(state_, *found);
  return found.has_value();
}

Result<void> MemoryChallenges::remove_all(UserId user) {
  for (const auto& challenge : challenges_of(state_, user)) erase(state_, challenge);
  return {};
}

Result<std::int64_t> MemoryChallenges::forget_expired(Timestamp before, std::size_t limit) {
  const auto gone = some_of(state_.challenges, limit, [&](const Challenge& challenge) {
    return challenge.expires_at < before;
  });
  for (const auto& challenge : gone) erase(state_, challenge);
  return static_cast<std::int64_t>(gone.size());
}

} // namespace baluhost::memory
