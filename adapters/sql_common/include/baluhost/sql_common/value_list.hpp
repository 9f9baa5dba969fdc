#pragma once

#include "baluhost/domain/ids.hpp"
#include "baluhost/sql_common/argument.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace baluhost::sql {

/// A list of values as SQL takes it, each `item` with one `?`, and its arguments. Lengths are
/// rounded up to a power of two, so that few statements are prepared; the last value fills the
/// rest.
template <class Value>
struct ValueList {
  explicit ValueList(std::span<const Value> values, std::string_view item = "?") {
    const std::size_t size = std::bit_ceil(values.size());
    for (std::size_t i = 0; i < size; ++i) {
      sql += i == 0 ? "" : ", ";
      sql += item;
      arguments.emplace_back(values[std::min(i, values.size() - 1)]);
    }
  }

  std::string sql;
  Arguments arguments;
};

/// The rows after `values`, of each of `items` one as `row` has it, and their arguments:
/// `arguments_of(item)`, which borrow what a text borrows.
struct ValueRows {
  template <class Item, class ArgumentsOf>
  ValueRows(std::span<const Item> items, std::string_view row, const ArgumentsOf& arguments_of) {
    for (const Item& item : items) {
      sql += arguments.empty() ? "" : ", ";
      sql += row;
      const Arguments of_item = arguments_of(item);
      arguments.insert(arguments.end(), of_item.begin(), of_item.end());
    }
  }

  std::string sql;
  Arguments arguments;
};

/// Rows that one statement inserts, at most.
inline constexpr std::size_t kRowsPerInsert = 64;

/// A list's limit as SQL takes it.
inline std::int64_t sql_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::size_t{1} << 31));
}

/// Calls `write` with portions of `rows` whose sizes are powers of two, `most` at the most, so that
/// few statements are prepared.
template <class T, class Write>
void in_portions(std::span<T> rows, std::size_t most, const Write& write) {
  while (!rows.empty()) {
    const std::size_t size = std::min(most, std::bit_floor(rows.size()));
    write(rows.first(size));
    rows = rows.subspan(size);
  }
}

} // namespace baluhost::sql
