#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace baluhost::bulk {

/// A cell and a row as of `bulk`, with text of their own.
using StoredCell = std::variant<std::monostate, std::int64_t, std::string>;
using StoredRow = std::vector<StoredCell>;

/// A copy that outlives what `row` refers to.
inline StoredRow stored(const Row& row) {
  StoredRow copy;
  copy.reserve(row.size());
  for (const auto& cell : row) {
    if (const auto* number = std::get_if<std::int64_t>(&cell))
      copy.emplace_back(*number);
    else if (const auto* text = std::get_if<std::string_view>(&cell))
      copy.emplace_back(std::string{*text});
    else
      copy.emplace_back();
  }
  return copy;
}

/// `row`, which must outlive it, as a store takes it.
inline Row view_of(const StoredRow& row) {
  Row views;
  views.reserve(row.size());
  for (const auto& cell : row) {
    if (const auto* number = std::get_if<std::int64_t>(&cell))
      views.emplace_back(*number);
    else if (const auto* text = std::get_if<std::string>(&cell))
      views.emplace_back(std::string_view{*text});
    else
      views.emplace_back();
  }
  return views;
}

} // namespace baluhost::bulk
