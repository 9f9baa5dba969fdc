#pragma once

#include "baluhost/domain/error.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <cstdint>
#include <memory>

namespace baluhost {

/// Of `make_memory_blob_store`.
struct MemoryBlobStoreOptions {
  std::int64_t capacity_bytes{std::int64_t{1}
                              << 40}; ///< of all that is published, staged and being received
  bool sha1{false};                   ///< also compute the SHA-1 of what is stored
};

/// A blob store that fails when it is told to.
class MemoryBlobStore : public BlobStore {
 public:
  /// The `nth` write from now on (1: the next), to whatever writer or staged blob, fails with
  /// `code`.
  virtual void fail_write(int nth, Errc code = Errc::unavailable) = 0;

  /// The `nth` publish from now on fails with `code`; the content is gone.
  virtual void fail_publish(int nth, Errc code = Errc::unavailable) = 0;

  /// The `nth` sync from now on fails with unavailable.
  virtual void fail_sync(int nth) = 0;

  /// The `nth` read from an open blob from now on fails with unavailable.
  virtual void fail_read(int nth) = 0;

  /// Turns one byte of a published blob around, as a bad disk would. False if there is no such
  /// byte.
  virtual bool damage(const BlobId& id, std::int64_t offset) = 0;

  /// What another process would find after a crash: every blob, and of what was staged the synced
  /// bytes. To be called when nothing of this store is in use any more.
  virtual std::unique_ptr<MemoryBlobStore> reopen() = 0;
};

/// Blobs in memory. The references must outlive the store and everything opened from it.
std::unique_ptr<MemoryBlobStore> make_memory_blob_store(const MemoryBlobStoreOptions& options,
                                                        const Digester& digester,
                                                        RandomSource& random, const Clock& clock);

} // namespace baluhost
