#include "baluhost/test/json.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <stdexcept>

namespace baluhost::test {
namespace {

[[noreturn]] void fail(const std::string& what, const Json& json) {
  throw std::runtime_error{what + " in " + json.dump()};
}

} // namespace

Json Json::parse(std::string_view text) {
  Json json;
  json.document_ = std::make_shared<rapidjson::Document>();
  json.document_->Parse(text.data(), text.size());
  if (json.document_->HasParseError())
    throw std::runtime_error{"no JSON: " + std::string{text.substr(0, 500)}};
  json.value_ = json.document_.get();
  return json;
}

bool Json::has(const char* member) const { return value_->IsObject() && value_->HasMember(member); }

Json Json::operator[](const char* member) const {
  if (!has(member)) fail(std::string{"no member "} + member, *this);
  Json inner = *this;
  inner.value_ = &(*value_)[member];
  return inner;
}

Json Json::operator[](std::size_t index) const {
  if (!value_->IsArray() || index >= value_->Size())
    fail("no element " + std::to_string(index), *this);
  Json inner = *this;
  inner.value_ = &(*value_)[static_cast<rapidjson::SizeType>(index)];
  return inner;
}

std::size_t Json::size() const {
  if (value_->IsArray()) return value_->Size();
  if (value_->IsObject()) return value_->MemberCount();
  fail("no array or object", *this);
}

std::vector<std::string> Json::keys() const {
  if (!value_->IsObject()) fail("no object", *this);
  std::vector<std::string> names;
  for (const auto& member : value_->GetObject())
    names.emplace_back(member.name.GetString(), member.name.GetStringLength());
  std::ranges::sort(names);
  return names;
}

std::string Json::text() const {
  if (!value_->IsString()) fail("no text", *this);
  return {value_->GetString(), value_->GetStringLength()};
}

std::int64_t Json::integer() const {
  if (!value_->IsInt64()) fail("no integer", *this);
  return value_->GetInt64();
}

double Json::number() const {
  if (!value_->IsNumber()) fail("no number", *this);
  return value_->GetDouble();
}

bool Json::flag() const {
  if (!value_->IsBool()) fail("no boolean", *this);
  return value_->GetBool();
}

bool Json::is_null() const { return value_->IsNull(); }
bool Json::is_integer() const { return value_->IsInt64(); }

std::string Json::dump() const {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer writer{buffer};
  value_->Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace baluhost::test
