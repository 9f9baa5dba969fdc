#pragma once

#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"

#include <cstdint>
#include <memory>

namespace baluhost {

/// Of `with_space_floor`.
struct SpaceFloor {
  std::int64_t min_free_bytes{};
  std::int64_t min_free_inodes{1000}; ///< where the store counts them
};

/// `store`, which takes new content only while it leaves `floor` free: room for the database and
/// the record. A new blob, a new staging file and every write to one are refused with
/// insufficient_storage otherwise. The space is asked for every 100 ms and whenever what was
/// written since might have used it up. `clock` must outlive the store.
std::unique_ptr<BlobStore> with_space_floor(std::unique_ptr<BlobStore> store,
                                            const SpaceFloor& floor, const Clock& clock);

} // namespace baluhost
