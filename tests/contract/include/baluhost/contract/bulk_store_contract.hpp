#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <functional>
#include <memory>

namespace baluhost::contract {

/// Called once per section: a new store of an empty database.
using MakeBulkStore = std::function<std::unique_ptr<BulkStore>()>;

/// What every `BulkStore` promises; a suite.
void bulk_store_contract(const MakeBulkStore& make);

} // namespace baluhost::contract
