#pragma once

#include "baluhost/domain/result.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace baluhost {

/// The values of an enumeration, each with its name.
template <class Enum, std::size_t Count>
using Names = std::array<std::pair<Enum, std::string_view>, Count>;

/// A list of them, as it is written.
template <class Enum, std::size_t Count>
constexpr Names<Enum, Count> names(const std::pair<Enum, std::string_view> (&list)[Count]) {
  return std::to_array(list);
}

/// Empty for what is no value.
template <class Enum, std::size_t Count>
constexpr std::string_view name_of(const Names<Enum, Count>& names, Enum value) noexcept {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return {};
}

/// The value that `text` names; else invalid_request, with `rule` as its detail.
template <class Enum, std::size_t Count>
Result<Enum> parse_name(const Names<Enum, Count>& names, std::string_view text, const char* rule) {
  for (const auto& [value, name] : names) {
    if (text == name) return value;
  }
  return invalid(rule);
}

} // namespace baluhost
