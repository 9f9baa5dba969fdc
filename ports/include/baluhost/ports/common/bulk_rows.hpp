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

/// `row` with every text as a `Text`.
template <class Text, class From>
std::vector<std::variant<std::monostate, std::int64_t, Text>> with_texts(const From& row) {
  std::vector<std::variant<std::monostate, std::int64_t, Text>> copy;
  copy.reserve(row.size());
  for (const auto& cell : row) {
    if (const auto* number = std::get_if<1>(&cell))
      copy.emplace_back(*number);
    else if (const auto* text = std::get_if<2>(&cell))
      copy.emplace_back(Text{*text});
    else
      copy.emplace_back();
  }
  return copy;
}

/// A copy that outlives what `row` refers to.
inline StoredRow stored(const Row& row) { return with_texts<std::string>(row); }

/// `row`, which must outlive it, as a store takes it.
inline Row view_of(const StoredRow& row) { return with_texts<std::string_view>(row); }

} // namespace baluhost::bulk
