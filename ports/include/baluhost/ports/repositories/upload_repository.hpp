#pragma once

#include "baluhost/domain/files/upload.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace baluhost {

/// Unfinished uploads.
class UploadRepository : public Repository {
 public:
  /// None: there is none of that id.
  [[nodiscard]] virtual Result<std::optional<PendingUpload>> find(const UploadId& id) const = 0;

  /// Those whose time is over at `now`.
  [[nodiscard]] virtual Result<std::vector<PendingUpload>> expired(Timestamp now,
                                                                   std::size_t limit) const = 0;

  /// By id, after `after`.
  [[nodiscard]] virtual Result<std::vector<UnfinishedUpload>> list_unfinished(
      const UploadFilter& filter, const std::optional<UploadId>& after,
      std::size_t limit) const = 0;

  /// Bytes announced by unfinished uploads into the home of `owner`, by username: they count
  /// against the quota. Costs the same, however many there are.
  [[nodiscard]] virtual Result<std::int64_t> reserved_bytes(const Username& owner) const = 0;

  /// How many unfinished uploads `creator` has. Costs the same, however many there are.
  [[nodiscard]] virtual Result<std::int64_t> unfinished(UserId creator) const = 0;

  /// A new one.
  [[nodiscard]] virtual Result<void> insert(const PendingUpload& upload) = 0;

  /// not_found.
  [[nodiscard]] virtual Result<void> advance(const UploadId& id, std::int64_t offset,
                                             Timestamp expires_at) = 0;

  /// not_found.
  [[nodiscard]] virtual Result<void> remove(const UploadId& id) = 0;
};

} // namespace baluhost
