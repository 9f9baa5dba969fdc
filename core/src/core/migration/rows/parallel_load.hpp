#pragma once

#include "migration/context.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace baluhost::migration {

struct Loaded {
  std::int64_t rows{};
  std::size_t parts{};            ///< keys, indexes and references that were made
  Checksums read;                 ///< of the rows that were copied
  Checksums written;              ///< of the rows that were found in the target afterwards
  std::optional<ChainHead> chain; ///< of the target, where the rows that were found prove it
  std::map<std::string_view, double> seconds; ///< that copying took, by table
  double copying{};
  double indexing{};
  double reading{};
};

/// Fills a target that has its schema and nothing else, by several connections at once: what is
/// copied gets its indexes and is read back while the rest is still on its way. Reads `backup`, or
/// the source's snapshot where it is null.
Result<Loaded> load_in_parallel(Context& context, BulkStore* backup);

} // namespace baluhost::migration
