#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace baluhost {
namespace detail {

inline void append(std::string& out, std::string_view text) { out.append(text); }
inline void append(std::string& out, char letter) { out.push_back(letter); }
template <std::integral Number>
void append(std::string& out, Number number) {
  out.append(std::to_string(number));
}

} // namespace detail

/// Returns texts, letters and integers one after the other.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

} // namespace baluhost
