#pragma once

#include "baluhost/filesystem/space_reserve.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <memory>

namespace baluhost {

/// A database that keeps the last space for what frees space. `write` looks at what its events are
/// for (`space_use`):
/// - what grows it goes on while the floor is free and the reserve is whole, else it is
/// insufficient_storage;
/// - what puts reading on record goes on until half of the reserve is used up;
/// - who signs in does so at any time, 60 times a minute each where space is short;
/// - what frees space always goes on, and `bookkeep` too. Where the disk has no room for it the
/// reserve gives it. Pages that rows have left in the database count as free.
class RecordFloor : public Database {
 public:
  /// Makes the reserve again where there is space for it. Call it every few seconds, from one
  /// thread.
  [[nodiscard]] virtual Result<void> keep_reserve() = 0;
};

/// Of `with_record_floor`.
struct RecordFloorOptions {
  /// On the database's file system; none where that is another machine's: then the database's own
  /// refusal for lack of room makes what only grows it wait for a second, so that what frees space
  /// goes first.
  std::shared_ptr<SpaceReserve> reserve;
  /// The floor; 64 MiB and a sixteenth of the file system at most.
  std::int64_t min_free_bytes{};
};

/// `clock` must outlive it.
std::unique_ptr<RecordFloor> with_record_floor(std::unique_ptr<Database> inner,
                                               RecordFloorOptions options, const Clock& clock);

/// An anchor log on the reserve's file system: where that is full, the reserve gives it room.
std::unique_ptr<AnchorLog> with_reserve(std::unique_ptr<AnchorLog> inner,
                                        std::shared_ptr<SpaceReserve> reserve);

} // namespace baluhost
