#include "fields/conditional.hpp"

#include "fields/http_names.hpp"

namespace baluhost::http {
namespace {

/// Takes one entity tag off the front of `rest`; none where there is none.
std::optional<std::string> take_etag(std::string_view& rest) {
  const std::size_t weak = rest.substr(0, 2) == "W/" ? 2 : 0;
  if (rest.size() < weak + 2 || rest[weak] != '"') return std::nullopt;
  const auto close = rest.find('"', weak + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const auto tag = rest.substr(0, close + 1);
  for (const char c : tag)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return std::nullopt;
  rest.remove_prefix(tag.size());
  return std::string{tag};
}

} // namespace

Result<Condition> parse_condition(const std::optional<std::string>& header) {
  Condition condition;
  if (!header) return condition;
  condition.present = true;
  std::string_view rest = trimmed(*header);
  if (rest == "*") {
    condition.any = true;
    return condition;
  }
  bool separated = true;
  while (!rest.empty()) {
    if (rest.front() == ',' || rest.front() == ' ' || rest.front() == '\t') {
      separated = separated || rest.front() == ',';
      rest.remove_prefix(1);
      continue;
    }
    auto tag = take_etag(rest);
    if (!tag || !separated) return invalid("a list of entity tags is malformed");
    condition.etags.push_back(*std::move(tag));
    separated = false;
  }
  if (condition.etags.empty()) return invalid("a list of entity tags is empty");
  return condition;
}

Result<Preconditions> read_preconditions(const RequestHead& head) {
  Preconditions conditions;
  BALUHOST_TRY(conditions.if_match, parse_condition(head.list("if-match")));
  BALUHOST_TRY(conditions.if_none_match, parse_condition(head.list("if-none-match")));
  conditions.if_unmodified_since = parse_condition_date(head.field("if-unmodified-since"));
  return conditions;
}

std::optional<Timestamp> parse_condition_date(std::string_view header) {
  if (header.data() == nullptr) return std::nullopt;
  const auto date = Timestamp::parse_http_date(header);
  return date ? std::optional{*date} : std::nullopt;
}

IfRange parse_if_range(std::string_view header) {
  if (header.data() == nullptr) return {};
  auto rest = header;
  if (auto tag = take_etag(rest); tag && rest.empty()) return {.etag = std::move(tag)};
  if (const auto date = parse_condition_date(header)) return {.date = date};
  return {.etag = std::string{header}};
}

} // namespace baluhost::http
