#pragma once

#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace baluhost {

/// What a sweep removed.
struct SweepResult {
  std::int64_t blobs{};
  std::int64_t bytes{};
};

/// Removes doomed blobs. Cheap: looks at the list of doomed ones only. `bytes` counts what could be
/// measured. A blob that cannot be removed stays on the list and holds up no other, unless there
/// are hundreds of them; the error is then that of the last one.
[[nodiscard]] Result<SweepResult> sweep_doomed(Database& database, BlobStore& blobs);

/// Removes what was received of uploads that are no more.
[[nodiscard]] Result<void> sweep_staged(Database& database, BlobStore& blobs);

/// Removes every published blob that no file refers to and that is older than `older_than` (an
/// upload about to commit has published its blob but not its row), and staging files without an
/// upload. Walks the store.
[[nodiscard]] Result<SweepResult> sweep_orphans(
    Database& database, BlobStore& blobs, Timestamp older_than,
    const std::function<void(std::int64_t seen)>& progress = {});

/// Removes what is left of trees that were removed at least `age` ago, with an event for each file,
/// in transactions that others' writes go between. Ends when nothing is left, or `go_on`, which is
/// called between them, returns false.
[[nodiscard]] Result<void> clear_removed_trees(Database& database, const Clock& clock,
                                               std::chrono::microseconds age,
                                               const std::function<bool()>& go_on);

} // namespace baluhost
