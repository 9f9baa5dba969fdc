#include "baluhost/domain/details.hpp"

#include "baluhost/domain/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace baluhost {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

} // namespace

void JsonObject::key(std::string_view key) {
  if (!members_.empty()) members_ += ',';
  members_ += json_text(key);
  members_ += ':';
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) {
  key(name);
  members_ += json_text(text);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, std::int64_t number) {
  key(name);
  members_ += std::to_string(number);
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
  members_ += digits == "-0" ? "0" : digits;
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, bool flag) {
  return add_json(name, flag ? "true" : "false");
}

JsonObject& JsonObject::add_null(std::string_view name) { return add_json(name, "null"); }

JsonObject& JsonObject::add_json(std::string_view name, std::string_view json) {
  key(name);
  members_ += json;
  return *this;
}

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  quoted.reserve(text.size() + 2);
  for (const char c : clamp_text(text, text.size())) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\b':
        quoted += "\\b";
        break;
      case '\f':
        quoted += "\\f";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (byte < 0x20 || byte == 0x7F) {
          quoted += "\\u00";
          quoted += kHex[byte >> 4];
          quoted += kHex[byte & 15];
        } else {
          quoted += c;
        }
    }
  }
  return quoted += '"';
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
