#include "fields/query.hpp"

#include "baluhost/domain/percent.hpp"
#include "baluhost/domain/text.hpp"
#include "fields/http_names.hpp"
#include "fields/whole_number.hpp"

namespace baluhost::http {
namespace {

Error broken(std::string_view name, std::string detail) {
  return invalid(std::move(detail)).at("/" + std::string{name});
}

bool has_control(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  return false;
}

} // namespace

Result<Query> Query::parse(std::string_view raw, std::string_view allowed) {
  Query query;
  while (!raw.empty()) {
    auto pair = take_until(raw, '&');
    if (pair.empty()) return invalid("the query has an empty parameter");
    const auto name = percent_decode(take_until(pair, '='), Plus::space);
    const auto value = percent_decode(pair, Plus::space);
    if (!name || !value) return invalid("the query has a broken percent-encoding");
    if (!words_have(allowed, *name))
      return invalid("the query has a parameter that is not known here");
    if (query.text(*name)) return broken(*name, "is there twice");
    if (!is_valid_utf8(*value) || has_control(*value)) return broken(*name, "is no clean text");
    query.parameters_.emplace_back(*name, *value);
  }
  return query;
}

std::optional<std::string> Query::text(std::string_view name) const {
  for (const auto& [key, value] : parameters_)
    if (key == name) return value;
  return std::nullopt;
}

Result<bool> Query::flag(std::string_view name) const {
  BALUHOST_TRY(const auto value, optional_flag(name));
  return value.value_or(false);
}

Result<std::optional<bool>> Query::optional_flag(std::string_view name) const {
  const auto value = text(name);
  if (!value) return std::optional<bool>{};
  if (*value == "true") return std::optional{true};
  if (*value == "false") return std::optional{false};
  return broken(name, "must be true or false");
}

Result<std::optional<std::int64_t>> Query::number(std::string_view name) const {
  const auto value = text(name);
  if (!value) return std::optional<std::int64_t>{};
  auto number = parse_whole_number(*value);
  if (!number) return std::move(number).error().at("/" + std::string{name});
  return std::optional{*number};
}

Result<PageRequest> Query::page() const {
  PageRequest page;
  BALUHOST_TRY(const auto limit, number("limit"));
  if (limit) {
    if (*limit < 1 || *limit > 1000) return broken("limit", "must be between 1 and 1000");
    page.limit = static_cast<std::size_t>(*limit);
  }
  page.cursor = text("cursor");
  return page;
}

} // namespace baluhost::http
