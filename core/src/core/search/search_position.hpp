#pragma once

#include "baluhost/domain/files/name_query.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// How well a name answers a query, the best first.
enum class Relevance { whole_name, beginning, words, inside };

/// Of a name that matches.
[[nodiscard]] Relevance relevance_of(const NameQuery& query, std::string_view key) noexcept;

/// Some of a part of what matches: names are put in order window by window, the newest first.
struct SearchWindow {
  NameQuery::Part part{NameQuery::Part::all};
  std::optional<FileId> from; ///< ids below this one; none: all
  std::optional<FileId> to;   ///< and from this one on; none: as far as the window goes
};

/// Where a page of results goes on: after a result of a window, or at its beginning.
struct SearchPosition {
  SearchWindow window;
  Relevance relevance{Relevance::whole_name};
  std::string path;

  [[nodiscard]] std::string key() const;

  /// invalid_request at "/cursor".
  static Result<SearchPosition> parse(std::string_view key);
};

/// Within a window.
[[nodiscard]] bool comes_before(const SearchPosition& a, const SearchPosition& b) noexcept;

} // namespace baluhost
