#pragma once

#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

/// A part of a list, as a client asks for it.
struct PageRequest {
  static constexpr std::size_t kMostItems = 1000;
  std::size_t limit{100};              ///< 1–1000
  std::optional<std::string> cursor{}; ///< `next_cursor` of the page before
};

/// A part of a list in its order. Keyset pages: rows that come and go between two pages neither
/// repeat nor hide others.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next_cursor; ///< none on the last page
};

/// An opaque cursor holding the `key` of the last item of a list. `list` names the list and its
/// filters: a cursor of one list is foreign to every other.
std::string make_cursor(std::string_view list, std::string_view key);

/// The key; invalid_request at "/cursor" if it is damaged or foreign.
Result<std::string> read_cursor(std::string_view list, std::string_view cursor);

/// The id after which the page begins, where the key of an item is its id; none: with the first.
/// As `read_cursor`.
template <class Id>
Result<std::optional<Id>> id_before(std::string_view list, const PageRequest& page) {
  if (!page.cursor) return std::optional<Id>{};
  BALUHOST_TRY(auto key, read_cursor(list, *page.cursor));
  return std::optional{Id{std::move(key)}};
}

/// What `read_cursor` says of a bad one; also for a key that a list cannot read.
Error invalid_cursor();

/// How many items to return: what is asked for, within the bounds.
std::size_t page_limit(const PageRequest& page) noexcept;

/// A page of `rows`, of which `limit` + 1 were asked for: the one too many shows that there is a
/// next page. `key_of` returns an item's key.
template <class T, class KeyOf>
Page<T> make_page(std::vector<T> rows, std::size_t limit, std::string_view list, KeyOf key_of) {
  Page<T> page{std::move(rows), {}};
  if (page.items.size() > limit) {
    page.items.erase(page.items.begin() + static_cast<std::ptrdiff_t>(limit), page.items.end());
    page.next_cursor = make_cursor(list, key_of(page.items.back()));
  }
  return page;
}

} // namespace baluhost
