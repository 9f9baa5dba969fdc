#pragma once

#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

namespace baluhost {

class Database;

/// Keeps the figures of days that were over for some hours at `now`, the newest first, as long as
/// `goes_on` says so; see `RollUpRepository`. May be called at any time, by several at once.
Result<void> roll_up_trail(Database& database, Timestamp now, FunctionRef<bool()> goes_on);

} // namespace baluhost
