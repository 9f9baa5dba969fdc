#pragma once

#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"

#include <functional>
#include <memory>

namespace baluhost::contract {

/// A store with what the suite needs to know around it.
struct BlobStoreUnderTest {
  std::unique_ptr<BlobStore> store; ///< new and empty
  /// Ends the store as a crash would, and opens it as the next process does. What is durable is
  /// there; a fake should lose the rest.
  std::function<std::unique_ptr<BlobStore>(std::unique_ptr<BlobStore>)> reopen;
  const Clock* clock{}; ///< the one that the store looks at; not at 0
  /// Whether a content takes as many bytes as it has, which `list` tells then; false for a store
  /// that encrypts or compresses.
  bool stores_as_is{true};
};

/// Called once per section.
using MakeBlobStore = std::function<BlobStoreUnderTest()>;

/// What every `BlobStore` promises; a suite.
void blob_store_contract(const MakeBlobStore& make);

} // namespace baluhost::contract
