#include "baluhost/domain/details.hpp"

#include "baluhost/domain/hex.hpp"
#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace baluhost {
namespace {

constexpr bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != 0x7F && c != '"' && c != '\\';
}

constexpr auto kOdd = [] {
  std::array<bool, 256> odd{};
  for (std::size_t i = 0; i < odd.size(); ++i)
    odd[i] = i >= 0x80 || !is_plain(static_cast<char>(i));
  return odd;
}();

/// Looks at all of it, which is faster for a name or a path than to stop at the first.
bool is_plain_ascii(std::string_view text) noexcept {
  bool is_odd = false;
  for (const char c : text) is_odd |= kOdd[static_cast<unsigned char>(c)];
  return !is_odd;
}

void append_escape(std::string& json, char c) {
  constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  json += '\\';
  if (const auto named = kMeanings.find(c); named != std::string_view::npos) {
    json += kNames[named];
    return;
  }
  json += 'u';
  append_hex(json, static_cast<unsigned char>(c), 4);
}

/// `text` is valid UTF-8 without NUL.
void append_escaped(std::string& json, std::string_view text) {
  while (!text.empty()) {
    const auto plain = std::ranges::find_if_not(text, is_plain);
    json.append(text.begin(), plain);
    if (plain == text.end()) return;
    append_escape(json, *plain);
    text = {plain + 1, text.end()};
  }
}

void append_text(std::string& json, std::string_view text) {
  json += '"';
  if (is_plain_ascii(text))
    json += text;
  else if (is_valid_utf8(text) && text.find('\0') == std::string_view::npos)
    append_escaped(json, text);
  else
    append_escaped(json, clamp_text(text, text.size()));
  json += '"';
}

} // namespace

void JsonObject::key(std::string_view key) {
  if (json_.size() > 1) json_ += ',';
  append_text(json_, key);
  json_ += ':';
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) {
  key(name);
  append_text(json_, text);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, std::int64_t number) {
  key(name);
  json_ += std::to_string(number);
  return *this;
}

// JSON has neither infinity nor NaN: null.
JsonObject& JsonObject::add(std::string_view name, double number) {
  if (!std::isfinite(number)) return add_null(name);
  key(name);
  std::array<char, 320> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::fixed, 3)
                       .ptr;
  std::string_view digits{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  digits = digits.substr(0, digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.remove_suffix(1);
  json_ += digits == "-0" ? "0" : digits;
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, bool flag) {
  return add_json(name, flag ? "true" : "false");
}

JsonObject& JsonObject::add_null(std::string_view name) { return add_json(name, "null"); }

JsonObject& JsonObject::add_json(std::string_view name, std::string_view json) {
  key(name);
  json_ += json;
  return *this;
}

std::string json_text(std::string_view text) {
  std::string quoted;
  quoted.reserve(text.size() + 2);
  append_text(quoted, text);
  return quoted;
}

std::string json_array(std::span<const std::string> json_values) {
  std::string array = "[";
  for (const auto& value : json_values) {
    if (array.size() > 1) array += ',';
    array += value;
  }
  return array += ']';
}

std::optional<std::string> text_member(std::string_view json, std::string_view key) {
  // Within a text the quotes of a name would be escaped.
  const std::string begin = '"' + std::string{key} + "\":\"";
  const auto found = json.find(begin);
  if (found == std::string_view::npos) return std::nullopt;
  std::string text;
  for (auto rest = json.substr(found + begin.size()); !rest.empty(); rest.remove_prefix(1)) {
    if (rest.front() == '"') return text;
    if (rest.front() != '\\') {
      text += rest.front();
      continue;
    }
    rest.remove_prefix(1);
    if (rest.empty()) break;
    constexpr std::string_view kNames = "bfnrt", kMeanings = "\b\f\n\r\t";
    if (const auto name = kNames.find(rest.front()); name != std::string_view::npos) {
      text += kMeanings[name];
    } else if (rest.front() != 'u') {
      text += rest.front();
    } else {
      unsigned code = 0;
      if (rest.size() < 5) break;
      const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + 5, code, 16);
      if (error != std::errc{} || end != rest.data() + 5) break;
      append_code_point(text, code);
      rest.remove_prefix(4);
    }
  }
  return std::nullopt;
}

} // namespace baluhost
