#include "json/json_reader.hpp"

#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/hex.hpp"
#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace baluhost {
namespace {

constexpr int kDeepest = 64;

Error unreadable(std::string_view what) { return invalid(std::string{what}); }

/// Walks over JSON text and tells where a value ends; every method is false at the first byte that
/// does not belong there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept
      : at_(text.data()), end_(text.data() + text.size()) {}

  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
  [[nodiscard]] const char* position() const noexcept { return at_; }
  [[nodiscard]] bool next_is(char c) const noexcept { return at_ != end_ && *at_ == c; }

  void space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  bool take(char c) noexcept {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  bool text() noexcept {
    if (!take('"')) return false;
    while (at_ != end_) {
      const char c = *at_++;
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  bool value(int depth = 0) noexcept {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"':
        return text();
      case '{':
        return depth < kDeepest && object(depth);
      case '[':
        return depth < kDeepest && array(depth);
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  /// What `element()` takes, with commas between.
  template <class Element>
  bool list(char open, char close, const Element& element) {
    if (!take(open)) return false;
    space();
    if (take(close)) return true;
    do {
      space();
      if (!element()) return false;
      space();
    } while (take(','));
    return take(close);
  }

 private:
  bool object(int depth) noexcept {
    return list('{', '}', [&] {
      if (!text()) return false;
      space();
      if (!take(':')) return false;
      space();
      return value(depth + 1);
    });
  }

  bool array(int depth) noexcept {
    return list('[', ']', [&] { return value(depth + 1); });
  }

  bool literal(std::string_view word) noexcept {
    if (!std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.starts_with(word))
      return false;
    at_ += word.size();
    return true;
  }

  bool digits() noexcept {
    if (at_ == end_ || !is_digit(*at_)) return false;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return true;
  }

  bool number() noexcept {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  bool escape() noexcept {
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::string_view{"\"\\/bfnrt"}.find(c) != std::string_view::npos;
    if (end_ - at_ < 4) return false;
    if (!std::all_of(at_, at_ + 4, [](char h) { return hex_value(h) >= 0; })) return false;
    at_ += 4;
    return true;
  }

  const char* at_;
  const char* end_;
};

std::string_view between(const char* first, const char* last) noexcept {
  return {first, static_cast<std::size_t>(last - first)};
}

/// The four hex digits at the beginning of `text`, which is then after them.
std::uint32_t take_hex(std::string_view& text) {
  std::uint32_t unit = 0;
  std::from_chars(text.data(), text.data() + std::min<std::size_t>(4, text.size()), unit, 16);
  text.remove_prefix(std::min<std::size_t>(4, text.size()));
  return unit;
}

/// Appends what the escape at the beginning of `rest` (after its backslash) stands for. False for
/// U+0000 and half a surrogate pair.
bool append_escaped(std::string& out, std::string_view& rest) {
  const char c = rest.front();
  rest.remove_prefix(1);
  switch (c) {
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'u':
      break;
    default:
      out += c;
      return true;
  }
  auto point = take_hex(rest);
  if (point >= 0xD800 && point < 0xDC00 && rest.starts_with("\\u")) {
    rest.remove_prefix(2);
    const auto low = take_hex(rest);
    if (low < 0xDC00 || low > 0xDFFF) return false;
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  }
  if (point == 0 || (point >= 0xD800 && point <= 0xDFFF)) return false;
  append_code_point(out, point);
  return true;
}

} // namespace

bool is_json_object_line(std::string_view text) noexcept {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  if (!text.starts_with('{') || std::any_of(text.begin(), text.end(), is_control) ||
      !is_valid_utf8(text))
    return false;
  Scanner scanner(text);
  return scanner.value() && scanner.at_end();
}

Result<std::string> read_json_text(std::string_view value) {
  Scanner scanner(value);
  if (!scanner.text() || !scanner.at_end()) return unreadable("is not a text");
  auto rest = value.substr(1, value.size() - 2);
  std::string text;
  text.reserve(rest.size());
  while (!rest.empty()) {
    const auto plain = std::min(rest.find('\\'), rest.size());
    text += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    if (!append_escaped(text, rest)) return unreadable("is not a text of Unicode characters");
  }
  return text;
}

Result<std::vector<std::string_view>> read_json_array(std::string_view text) {
  std::vector<std::string_view> elements;
  Scanner scanner(text);
  const auto element = [&] {
    const auto* first = scanner.position();
    if (!scanner.value(1)) return false;
    elements.push_back(between(first, scanner.position()));
    return true;
  };
  if (!scanner.list('[', ']', element) || !scanner.at_end()) return unreadable("is not an array");
  return elements;
}

Result<JsonMembers> JsonMembers::read(std::string_view text) {
  if (!is_valid_utf8(text)) return unreadable("is not UTF-8");
  JsonMembers object;
  Scanner scanner(text);
  scanner.space();
  if (!scanner.take('{')) return unreadable("is not an object");
  scanner.space();
  if (!scanner.next_is('}')) {
    do {
      scanner.space();
      const auto* name = scanner.position();
      if (!scanner.text()) return unreadable("is not JSON");
      const auto* name_end = scanner.position();
      scanner.space();
      if (!scanner.take(':')) return unreadable("is not JSON");
      scanner.space();
      const auto* value = scanner.position();
      if (!scanner.value(1)) return unreadable("is not JSON");
      const Member member{between(name + 1, name_end - 1), between(value, scanner.position())};
      if (object.has(member.name)) return unreadable("has a member twice");
      object.members_.push_back(member);
      scanner.space();
    } while (scanner.take(','));
  }
  if (!scanner.take('}')) return unreadable("is not JSON");
  scanner.space();
  if (!scanner.at_end()) return unreadable("has more after its end");
  return object;
}

bool JsonMembers::has(std::string_view name) const noexcept {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const Member& member) { return member.name == name; });
}

Result<std::string_view> JsonMembers::json(std::string_view name) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.name == name; });
  if (found == members_.end()) return unreadable("lacks the member " + std::string{name});
  const auto value = found->value;
  members_.erase(found);
  return value;
}

Result<std::string_view> JsonMembers::object(std::string_view name) {
  BALUHOST_TRY(const auto value, json(name));
  if (!value.starts_with('{')) return unreadable("is not an object");
  return value;
}

Result<std::string> JsonMembers::text(std::string_view name) {
  BALUHOST_TRY(const auto value, json(name));
  return read_json_text(value);
}

Result<std::optional<std::string>> JsonMembers::text_or_null(std::string_view name) {
  BALUHOST_TRY(const auto value, json(name));
  if (value == "null") return std::optional<std::string>{};
  BALUHOST_TRY(auto text, read_json_text(value));
  return std::optional{std::move(text)};
}

Result<std::int64_t> JsonMembers::integer(std::string_view name) {
  BALUHOST_TRY(const auto number, integer_or_null(name));
  if (!number) return unreadable("is not an integer");
  return *number;
}

Result<std::optional<std::int64_t>> JsonMembers::integer_or_null(std::string_view name) {
  BALUHOST_TRY(const auto value, json(name));
  if (value == "null") return std::optional<std::int64_t>{};
  std::int64_t number = 0;
  const auto* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return unreadable("is not an integer");
  return std::optional{number};
}

Result<bool> JsonMembers::boolean(std::string_view name) {
  BALUHOST_TRY(const auto value, json(name));
  if (value != "true" && value != "false") return unreadable("is not true or false");
  return value == "true";
}

Result<void> JsonMembers::nothing_left() const {
  if (members_.empty()) return {};
  return unreadable("has an unknown member");
}

} // namespace baluhost
