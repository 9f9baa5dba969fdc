#include "baluhost/sql_common/audit_query.hpp"

#include "baluhost/domain/text.hpp"
#include "long_resources.hpp"

namespace baluhost::sql {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;

/// Takes the last code point off valid UTF-8.
char32_t pop_code_point(std::string& text) {
  std::size_t start = text.size() - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  std::string_view last = std::string_view{text}.substr(start);
  const char32_t code = take_code_point(last);
  text.resize(start);
  return code;
}

} // namespace

std::optional<std::string> after_prefix(std::string_view prefix) {
  std::string text{prefix};
  while (!text.empty()) {
    const char32_t code = pop_code_point(text);
    if (code == kLastCodePoint) continue;
    append_code_point(text,
                      code == 0xD7FF ? 0xE000 : code + 1); // surrogates are no code points of UTF-8
    return text;
  }
  return std::nullopt;
}

bool matches_nothing(const AuditFilter& filter) {
  for (const auto* text :
       {&filter.action, &filter.user, &filter.resource, &filter.resource_prefix}) {
    if (*text && (!is_valid_utf8(**text) || (*text)->find('\0') != std::string::npos)) return true;
  }
  return false;
}

AuditConditions conditions_of(const AuditFilter& filter, SortOrder order,
                              const std::optional<EventPosition>& after,
                              std::optional<std::string>& prefix_end, bool long_resources) {
  AuditConditions conditions;
  if (filter.type) conditions.add("a.event_type = ?", {to_string(*filter.type)});
  if (filter.action) conditions.add("a.action = ?", {*filter.action});
  if (filter.user) conditions.add("a.\"user\" = ?", {*filter.user});
  if (filter.resource) add_resource(conditions, *filter.resource, long_resources);
  if (filter.resource_prefix) {
    prefix_end = after_prefix(*filter.resource_prefix);
    add_resource_range(conditions, *filter.resource_prefix, prefix_end, long_resources);
  }
  if (filter.success)
    conditions.add(*filter.success ? "a.success = true" : "a.success = false", {});
  if (filter.ip_address) conditions.add("a.ip_address = ?", {*filter.ip_address});
  // By an expression: the index is that of the user, whose events are in the order of their times.
  if (filter.account_since) conditions.add(kOfPresentAccount, {*filter.account_since});
  // One bound on the time from either side: of two, SQLite would walk its index from the wider. The
  // position bounds it too, where it is the narrower; the plain comparison says again what the pair
  // says, for planners that see nothing in pairs.
  const bool descending = order == SortOrder::descending;
  const bool bounds_above = after && descending && (!filter.to || after->timestamp < *filter.to);
  const bool bounds_below =
      after && !descending && (!filter.from || after->timestamp >= *filter.from);
  if (bounds_below) {
    conditions.add("a.timestamp >= ?", {after->timestamp});
  } else if (filter.from) {
    conditions.add("a.timestamp >= ?", {*filter.from});
  }
  if (bounds_above) {
    conditions.add("a.timestamp <= ?", {after->timestamp});
  } else if (filter.to) {
    conditions.add("a.timestamp < ?", {*filter.to});
  }
  if (bounds_above) conditions.add("(a.timestamp, a.id) < (?, ?)", {after->timestamp, after->id});
  if (bounds_below) conditions.add("(a.timestamp, a.id) > (?, ?)", {after->timestamp, after->id});
  return conditions;
}

} // namespace baluhost::sql
