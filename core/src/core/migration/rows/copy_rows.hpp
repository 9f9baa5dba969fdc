#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <cstdint>
#include <optional>

namespace baluhost::migration {

enum class Transactions {
  callers, ///< one around everything, which is the caller's
  own      ///< one for each table; of an appended one, for each batch
};

struct CopyOptions {
  std::optional<std::int64_t> after{}; ///< only rows with a larger key
  Transactions transactions{Transactions::own};
  std::int64_t batch{50'000};
};

/// Copies the rows of `table`, and the last identity where the database assigns them. `seen` is
/// called with each row; false stops the copy. Errors of either side, with the table's name.
Result<void> copy_rows(BulkReader& source, BulkWriter& target, const bulk::Table& table,
                       const CopyOptions& options, FunctionRef<bool(const bulk::Row&)> seen);

} // namespace baluhost::migration
