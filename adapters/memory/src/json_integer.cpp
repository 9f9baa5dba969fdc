#include "json_integer.hpp"

#include <charconv>

/// Details are written by us, and the statistics need one number of them: a walk over the members
/// of the outermost object is enough, and spares the fakes a JSON library.
namespace baluhost::memory {
namespace {

constexpr auto kNone = std::string_view::npos;

/// The position after the string that begins at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (std::size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return kNone;
}

/// The position of the comma or brace that ends the value at `at`.
std::size_t end_of_value(std::string_view json, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      i = end_of_string(json, i);
      if (i == kNone) return kNone;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}')) return i;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++i;
  }
  return kNone;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == kNone) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

} // namespace

std::optional<std::int64_t> json_integer(std::string_view json, std::string_view key) {
  json = trimmed(json);
  if (json.empty() || json.front() != '{') return std::nullopt;
  for (std::size_t at = 1; at < json.size();) {
    const auto quote = json.find('"', at);
    if (quote == kNone) return std::nullopt;
    const auto name_end = end_of_string(json, quote);
    if (name_end == kNone) return std::nullopt;
    const auto colon = json.find(':', name_end);
    if (colon == kNone) return std::nullopt;
    const auto value_end = end_of_value(json, colon + 1);
    if (value_end == kNone) return std::nullopt;
    if (json.substr(quote + 1, name_end - quote - 2) == key) {
      const auto text = trimmed(json.substr(colon + 1, value_end - colon - 1));
      std::int64_t value{};
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
      return value;
    }
    at = value_end + 1;
  }
  return std::nullopt;
}

} // namespace baluhost::memory
