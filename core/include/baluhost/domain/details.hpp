#pragma once

#include "baluhost/domain/timestamp.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace baluhost {

/// A JSON object under construction: members in the order they were added, numbers exact, text
/// escaped (RFC 8259), invalid UTF-8 and U+0000 replaced. Its text is stored byte for byte and
/// never re-serialised.
class JsonObject {
 public:
  /// Makes room for a text of so many bytes, so that it need not grow member by member.
  void reserve(std::size_t bytes) { json_.reserve(bytes); }

  /// Adds a member, and returns the object.
  JsonObject& add(std::string_view key, std::string_view text);
  JsonObject& add(std::string_view key, const char* text) {
    return add(key, std::string_view{text});
  }
  JsonObject& add(std::string_view key, std::int64_t number);
  JsonObject& add(std::string_view key, int number) { return add(key, std::int64_t{number}); }

  /// Three decimals at most.
  JsonObject& add(std::string_view key, double number);
  JsonObject& add(std::string_view key, bool flag);

  /// By RFC 3339.
  JsonObject& add(std::string_view key, Timestamp time) { return add(key, time.to_rfc3339()); }
  JsonObject& add_null(std::string_view key);

  /// `value`, what has a `str()` by that, or null where there is none.
  template <class T>
  JsonObject& add_or_null(std::string_view key, const std::optional<T>& value) {
    if (!value) return add_null(key);
    if constexpr (requires { value->str(); })
      return add(key, value->str());
    else
      return add(key, *value);
  }

  /// `json` must be valid JSON.
  JsonObject& add_json(std::string_view key, std::string_view json);

  /// The JSON text.
  [[nodiscard]] std::string str() const& { return json_ + '}'; }
  [[nodiscard]] std::string str() && { return std::move(json_ += '}'); }

 private:
  void key(std::string_view key);
  std::string json_{"{"};
};

/// The text member `key` of `json`, which a `JsonObject` has written; none if there is none. One of
/// a deeper object counts as well.
std::optional<std::string> text_member(std::string_view json, std::string_view key);

/// Quoted and escaped.
std::string json_text(std::string_view text);

/// Of ready JSON values.
std::string json_array(std::span<const std::string> json_values);

} // namespace baluhost
