#pragma once

#include "bulk/bulk_state.hpp"

#include <memory>

namespace baluhost::memory {

std::unique_ptr<BulkReader> make_bulk_reader(SharedBulkState& shared, bool notices_changes);
std::unique_ptr<BulkWriter> make_bulk_writer(SharedBulkState& shared, bool notices_changes);

} // namespace baluhost::memory
