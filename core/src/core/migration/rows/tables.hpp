#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <algorithm>
#include <span>

namespace baluhost::migration {

/// The one table that has this content.
inline const bulk::Table& table_of(std::span<const bulk::Table> tables, bulk::Content content) {
  return *std::ranges::find(tables, content, &bulk::Table::content);
}

} // namespace baluhost::migration
