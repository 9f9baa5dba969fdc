#include "flat_json.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <algorithm>
#include <limits>
#include <utility>

// RapidJSON takes a NUL for the end of its input, so a text with one is refused before. Its
// recursive parser would let nesting overflow the stack: the iterative one cannot, and the handler
// stops at the second bracket anyway.
namespace baluhost {
namespace {

class FlatHandler {
 public:
  explicit FlatHandler(std::size_t max_members) : max_members_(max_members) {}

  bool Null() { return false; }
  bool Bool(bool) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool StartArray() { return false; }
  bool EndArray(rapidjson::SizeType) { return false; }
  bool Int(int value) { return number(value); }
  bool Uint(unsigned value) { return number(value); }
  bool Int64(std::int64_t value) { return number(value); }
  bool Uint64(std::uint64_t value) {
    return value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) &&
           number(static_cast<std::int64_t>(value));
  }
  bool StartObject() { return !std::exchange(inside_, true); }
  bool EndObject(rapidjson::SizeType) { return true; }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view name(text, size);
    const bool known = std::any_of(object.begin(), object.end(),
                                   [&](const FlatMember& m) { return m.name == name; });
    if (known || object.size() == max_members_) return false;
    object.push_back({std::string(name), {}});
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (!inside_) return false;
    object.back().value = std::string(text, size);
    return true;
  }

  FlatObject object;

 private:
  bool number(std::int64_t value) {
    if (!inside_) return false;
    object.back().value = value;
    return true;
  }

  std::size_t max_members_;
  bool inside_{false};
};

} // namespace

std::optional<FlatObject> parse_flat_object(std::string_view text, std::size_t max_members) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  FlatHandler handler(max_members);
  if (reader.Parse<kFlags>(stream, handler).IsError()) return std::nullopt;
  return std::move(handler.object);
}

} // namespace baluhost
