#pragma once

#include "baluhost/domain/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace baluhost::http {

/// What a member or parameter holds, as its type's `parse` read it: an error says that it stands at
/// `pointer`.
template <class T>
Result<T> at(std::string_view pointer, Result<T> parsed) {
  if (!parsed) return std::move(parsed).error().at(pointer);
  return parsed;
}

/// The same of one that may be left out: none where there is no `text`.
template <class Parse>
auto optional_at(std::string_view pointer, const std::optional<std::string>& text, Parse parse)
    -> Result<std::optional<typename decltype(parse(*text))::value_type>> {
  if (!text) return std::nullopt;
  BALUHOST_TRY(auto value, at(pointer, parse(*text)));
  return std::optional{std::move(value)};
}

} // namespace baluhost::http
