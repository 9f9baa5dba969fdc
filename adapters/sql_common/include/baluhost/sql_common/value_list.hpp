#pragma once

#include "baluhost/domain/ids.hpp"
#include "baluhost/sql_common/argument.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <string>

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

} // namespace baluhost::sql
