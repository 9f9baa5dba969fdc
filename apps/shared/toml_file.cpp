#include "toml_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace baluhost {
namespace {

RawValue raw_value(const toml::node& node) {
  if (const auto* text = node.as_string()) return {RawValue::Kind::text, {text->get()}};
  if (const auto* number = node.as_integer())
    return {RawValue::Kind::integer, {std::to_string(number->get())}};
  if (const auto* flag = node.as_boolean())
    return {RawValue::Kind::boolean, {flag->get() ? "true" : "false"}};
  if (const auto* array = node.as_array()) {
    RawValue list{RawValue::Kind::list, {}};
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (!text) return {};
      list.texts.push_back(text->get());
    }
    return list;
  }
  return {};
}

void collect(const toml::table& table, const std::string& prefix, std::vector<TomlEntry>& entries) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string{key.str()};
    if (const auto* inner = node.as_table()) {
      collect(*inner, name + ".", entries);
    } else {
      entries.push_back({name, raw_value(node), node.source().begin.line});
    }
  }
}

} // namespace

Result<std::vector<TomlEntry>> read_toml_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return Error{Errc::invalid_request,
                 fmt::format("{}: cannot be read: {}", path, std::strerror(errno))};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  try {
    std::vector<TomlEntry> entries;
    collect(toml::parse(text), "", entries);
    return entries;
  } catch (const toml::parse_error& error) {
    return Error{Errc::invalid_request,
                 fmt::format("{}:{}: {}", path, error.source().begin.line, error.description())};
  }
}

} // namespace baluhost
