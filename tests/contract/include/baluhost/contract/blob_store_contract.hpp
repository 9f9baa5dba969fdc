#pragma once

#include "baluhost/ports/blob_store.hpp"

#include <functional>
#include <memory>

namespace baluhost::contract {

/// Gives a new, empty store; called once per section.
using MakeBlobStore = std::function<std::unique_ptr<BlobStore>()>;

/// What every `BlobStore` promises, as Catch2 sections.
void blob_store_contract(const MakeBlobStore& make);

} // namespace baluhost::contract
