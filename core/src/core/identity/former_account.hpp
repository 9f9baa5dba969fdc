#pragma once

#include "baluhost/ports/database.hpp"

#include <span>

namespace baluhost {

/// Holds the account of each of `events` until the end of the transaction, and marks the events of
/// accounts that are gone, so that whoever has the name by now is not shown them. For the events of
/// what began when the account was there and no change has held it since.
Result<void> mark_former_accounts(WriteTransaction& tx, std::span<NewAuditEvent> events);

} // namespace baluhost
