#pragma once

#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// A part of a list, as a client asks for it.
struct PageRequest {
  std::size_t limit{100};            ///< 1–1000
  std::optional<std::string> cursor; ///< `next_cursor` of the page before
};

/// A part of a list in its order. Keyset pages: rows that come and go between two pages neither repeat nor hide others.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next_cursor; ///< none on the last page
};

/// An opaque cursor holding the `key` of the last item of a list. `list` names the list and its filters: a cursor of one list is
/// foreign to every other.
std::string make_cursor(std::string_view list, std::string_view key);
/// The key; invalid_request at "cursor" if it is damaged or foreign.
Result<std::string> read_cursor(std::string_view list, std::string_view cursor);

} // namespace baluhost
