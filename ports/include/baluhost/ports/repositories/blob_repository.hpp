#pragma once

#include "baluhost/domain/files/upload.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace baluhost {

/// What is known of blobs besides the files that refer to them.
class BlobRepository : public Repository {
 public:
  /// Blobs that no row needs any more.
  [[nodiscard]] virtual Result<std::vector<DoomedBlob>> doomed(std::size_t limit) const = 0;

  /// The blob is removed: its row goes.
  [[nodiscard]] virtual Result<void> forget_doomed(const BlobId& blob) = 0;

  /// Marks a blob as damaged, once; false if it was marked before.
  [[nodiscard]] virtual Result<bool> mark_damaged(const BlobId& blob, std::string_view finding,
                                                  Timestamp now) = 0;

  /// True if it was marked.
  [[nodiscard]] virtual Result<bool> clear_damaged(const BlobId& blob) = 0;

  /// The first `limit` blobs, by id, that were marked with the finding "missing" and that files
  /// still refer to.
  [[nodiscard]] virtual Result<std::vector<BlobId>> missing(std::size_t limit) const = 0;
};

} // namespace baluhost
