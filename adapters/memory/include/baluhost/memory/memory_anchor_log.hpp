#pragma once

#include "baluhost/ports/anchor_log.hpp"

#include <memory>

namespace baluhost {

/// Remembers the anchor of the highest number as long as it lives.
std::unique_ptr<AnchorLog> make_memory_anchor_log();

} // namespace baluhost
