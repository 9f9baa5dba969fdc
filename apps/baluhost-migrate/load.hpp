#pragma once

#include "checksum.hpp"
#include "context.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baluhost::migrate {

enum class Transactions {
  callers, ///< one around everything, which is the caller's
  own,     ///< one for each table; of an appended one, for each batch
};

/// Copies the rows of `table`, and where the database gives ids sets what it gave last. `seen` is
/// called with each row.
Result<void> copy_rows(Store& source, Store& target, const Table& table,
                       std::optional<std::int64_t> after, Transactions transactions,
                       std::int64_t batch, FunctionRef<void(const Row&)> seen);

struct Loaded {
  std::int64_t rows{};
  std::size_t parts{};            ///< keys, indexes and references that were made
  Checksums read;                 ///< of the rows that were copied
  Checksums written;              ///< of the rows that were found in the target afterwards
  std::optional<ChainHead> chain; ///< of the target, where the rows that were found prove it
  std::map<std::string_view, double> seconds; ///< by table
  double copying{};
  double indexing{};
  double reading{};
};

/// Fills a target that has its schema and nothing else, by several connections at once: what is
/// copied gets its indexes and is read back while the rest is still on its way. Reads `backup`, or
/// the source's snapshot where there is none.
Result<Loaded> load(Context& context, const std::optional<std::string>& backup);

} // namespace baluhost::migrate
