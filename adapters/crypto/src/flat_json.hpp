#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace baluhost {

struct FlatMember {
  std::string name;
  std::variant<std::string, std::int64_t> value;
};
using FlatObject = std::vector<FlatMember>;

/// One JSON object (RFC 8259) of strings and whole numbers of 64 bits, each name once, at most
/// `max_members`; all that a token's header and claims may hold. None for anything else: nesting,
/// fractions, exponents, literals, a NUL, invalid UTF-8, trailing bytes.
std::optional<FlatObject> parse_flat_object(std::string_view text, std::size_t max_members);

/// The value of `name` if it is there and a `T`.
template <class T>
const T* member(const FlatObject& object, std::string_view name) noexcept {
  for (const auto& candidate : object) {
    if (candidate.name == name) return std::get_if<T>(&candidate.value);
  }
  return nullptr;
}

} // namespace baluhost
