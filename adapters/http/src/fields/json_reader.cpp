#include "fields/json_reader.hpp"

#include "baluhost/domain/text.hpp"
#include "fields/http_names.hpp"

#include <limits>
#include <unordered_set>

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/document.h>

// RapidJSON reads correctly but generously: it takes a NUL for the end of its input, keeps
// duplicate members, lets U+0000 and lone surrogates through and, without the iterative flag, lets
// nesting eat the stack. NULs and depth are checked on the bytes before it sees them, the rest on
// the tree it made.
namespace baluhost::http {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

bool too_deep(std::string_view json) noexcept {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    }
  }
  return false;
}

std::string_view view(const rapidjson::Value& text) {
  return {text.GetString(), text.GetStringLength()};
}

bool is_clean(std::string_view text) {
  return text.find('\0') == std::string_view::npos && is_valid_utf8(text);
}

/// One reference token of an RFC 6901 pointer, fit to be shown.
std::string token(std::string_view member) {
  std::string out{"/"};
  for (const char c : clamp_text(member, 64)) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out.push_back(c);
  }
  return out;
}

/// Members once each, all text clean, in the whole tree. Depth is bounded already.
Result<void> check_tree(const rapidjson::Value& value, const std::string& at) {
  if (value.IsString() && !is_clean(view(value)))
    return invalid("holds U+0000 or broken Unicode").at(at);
  if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
      BALUHOST_CHECK(check_tree(value[i], at + "/" + std::to_string(i)));
  }
  if (value.IsObject()) {
    std::unordered_set<std::string_view> seen;
    for (const auto& member : value.GetObject()) {
      if (!is_clean(view(member.name)))
        return invalid("a member's name holds U+0000 or broken Unicode").at(at);
      const auto pointer = at + token(view(member.name));
      if (!seen.insert(view(member.name)).second) return invalid("is there twice").at(pointer);
      BALUHOST_CHECK(check_tree(member.value, pointer));
    }
  }
  return {};
}

Error wrong(std::string_view member, std::string detail) {
  return invalid(std::move(detail)).at(token(member));
}

} // namespace

struct JsonReader::State {
  rapidjson::Document document;

  [[nodiscard]] const rapidjson::Value* find(std::string_view member) const {
    const auto at = document.FindMember(rapidjson::StringRef(member.data(), member.size()));
    return at == document.MemberEnd() ? nullptr : &at->value;
  }
};

JsonReader::JsonReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

Result<JsonReader> JsonReader::parse(std::string_view body, std::string_view members) {
  if (body.find('\0') != std::string_view::npos) return invalid("the JSON holds a NUL");
  if (too_deep(body)) return invalid("the JSON is nested too deeply");
  if (body.starts_with("\xef\xbb\xbf"))
    return invalid("the JSON begins with a byte order mark"); // RapidJSON skips it
  auto state = std::make_unique<State>();
  state->document.Parse<kFlags>(body.data(), body.size());
  if (state->document.HasParseError()) return invalid("the body is no valid JSON");
  if (!state->document.IsObject()) return invalid("the body must be a JSON object");
  BALUHOST_CHECK(check_tree(state->document, ""));
  Error unknown = invalid("a member is not known here");
  unknown.fields.clear();
  for (const auto& member : state->document.GetObject())
    if (!words_have(members, view(member.name)))
      unknown.fields.push_back({token(view(member.name)), "is not known here"});
  if (!unknown.fields.empty()) return unknown;
  return JsonReader{std::move(state)};
}

bool JsonReader::has(std::string_view member) const { return state_->find(member) != nullptr; }

bool JsonReader::is_null(std::string_view member) const {
  const auto* value = state_->find(member);
  return value != nullptr && value->IsNull();
}

Result<std::string> JsonReader::text(std::string_view member) const {
  BALUHOST_TRY(auto value, optional_text(member));
  if (!value) return wrong(member, "is required");
  return *std::move(value);
}

Result<std::optional<std::string>> JsonReader::optional_text(std::string_view member) const {
  const auto* value = state_->find(member);
  if (value == nullptr) return std::optional<std::string>{};
  if (!value->IsString()) return wrong(member, "must be text");
  return std::optional{std::string{view(*value)}};
}

Result<bool> JsonReader::flag(std::string_view member, bool if_absent) const {
  BALUHOST_TRY(const auto value, optional_flag(member));
  return value.value_or(if_absent);
}

Result<std::optional<bool>> JsonReader::optional_flag(std::string_view member) const {
  const auto* value = state_->find(member);
  if (value == nullptr) return std::optional<bool>{};
  if (!value->IsBool()) return wrong(member, "must be true or false");
  return std::optional{value->GetBool()};
}

Result<std::optional<std::int64_t>> JsonReader::optional_size(std::string_view member) const {
  const auto* value = state_->find(member);
  if (value == nullptr) return std::optional<std::int64_t>{};
  if (!value->IsInt64()) return wrong(member, "must be a whole number");
  if (value->GetInt64() < 0) return wrong(member, "must not be negative");
  return std::optional{value->GetInt64()};
}

Result<std::vector<std::string>> JsonReader::texts(std::string_view member) const {
  const auto* value = state_->find(member);
  if (value == nullptr) return wrong(member, "is required");
  if (!value->IsArray()) return wrong(member, "must be an array of text");
  std::vector<std::string> texts;
  for (rapidjson::SizeType i = 0; i < value->Size(); ++i) {
    const auto& element = (*value)[i];
    if (!element.IsString())
      return invalid("must be text").at(token(member) + "/" + std::to_string(i));
    texts.emplace_back(view(element));
  }
  return texts;
}

} // namespace baluhost::http
