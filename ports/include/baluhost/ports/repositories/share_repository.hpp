#pragma once

#include "baluhost/domain/identity/share.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace baluhost {

/// Share links. One goes with its file and with its creator; one that has ended with its home.
class ShareRepository : public Repository {
 public:
  /// The share with its creator, in one query; one that has ended too.
  [[nodiscard]] virtual Result<std::optional<ShareState>> find(const ShareId& id) const = 0;

  /// Those that have not ended, newest first, after `after`, with their paths, in one query. Of
  /// what is in the trash only those that are `asleep` or below a root there, with the paths that
  /// they had.
  [[nodiscard]] virtual Result<std::vector<PlacedShare>> list(const ShareFilter& filter,
                                                              const std::optional<ShareId>& after,
                                                              std::size_t limit) const = 0;

  /// How many of `creator` have not ended.
  [[nodiscard]] virtual Result<std::int64_t> count(UserId creator) const = 0;

  /// not_found: the file or the creator.
  [[nodiscard]] virtual Result<void> insert(const Share& share) = 0;

  /// Another `generation` with another secret or password. not_found: there is none, or it ended.
  [[nodiscard]] virtual Result<void> update(const ShareId& id, const ShareChanges& changes) = 0;

  /// Counts one use and sets `last_used_at`, as one conditional update decides between parallel
  /// ones. False, and nothing counted: it has ended, expired or is used up, or has another
  /// generation.
  [[nodiscard]] virtual Result<bool> use(const ShareId& id, std::int64_t generation,
                                         Timestamp now) = 0;

  /// Counts uploaded bytes, as one conditional update decides. payload_too_large, and nothing
  /// counted: they are more than `max_bytes` has room for. not_found: there is none, or it ended.
  [[nodiscard]] virtual Result<void> add_bytes(const ShareId& id, std::int64_t bytes) = 0;

  /// It lets go of its file: its `file` is the home from then on. not_found: there is none, or it
  /// ended before.
  [[nodiscard]] virtual Result<void> end(const ShareId& id, Timestamp now) = 0;

  /// Forgets those that ended before `before`, at most `limit`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> forget_ended(Timestamp before, std::size_t limit) = 0;
};

} // namespace baluhost
