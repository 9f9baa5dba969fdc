#pragma once

#include "baluhost/ports/anchor_log.hpp"

#include <functional>
#include <memory>

namespace baluhost::contract {

/// What every `AnchorLog` promises; a suite; `make` returns an empty one, once per section.
void anchor_log_contract(const std::function<std::unique_ptr<AnchorLog>()>& make);

} // namespace baluhost::contract
