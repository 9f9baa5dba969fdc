#include "transfers/transfer_set.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace baluhost {
namespace {

TransferId before(TransferId id) { return TransferId{id.value - 1}; }
TransferId after(TransferId id) { return TransferId{id.value + 1}; }

/// A number as `std::to_string` writes those from 1 on.
std::optional<TransferId> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < 1 || text.front() == '0') return std::nullopt;
  return TransferId{value};
}

} // namespace

std::optional<TransferSet> TransferSet::parse(std::string_view text) {
  TransferSet set;
  TransferId highest{-1};
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto range = text.substr(0, comma);
    const auto dash = range.find('-');
    const auto first = parse_number(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(range.substr(dash + 1));
    // A range touches none before it, and one of a single number has no dash.
    if (!first || !last || *first <= after(highest) ||
        (dash != std::string_view::npos && *last <= *first))
      return std::nullopt;
    set.ranges_.emplace_hint(set.ranges_.end(), *first, *last);
    highest = *last;
    if (comma == text.size()) return set;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  return set;
}

std::string TransferSet::text() const {
  std::string text;
  for (const auto& [first, last] : ranges_) {
    if (!text.empty()) text += ',';
    text += std::to_string(first.value);
    if (first != last) text.append("-").append(std::to_string(last.value));
  }
  return text;
}

bool TransferSet::contains(TransferId id) const {
  const auto next = ranges_.upper_bound(id);
  return next != ranges_.begin() && std::prev(next)->second >= id;
}

std::pair<TransferId, TransferId> TransferSet::first_range() const {
  return {ranges_.begin()->first, ranges_.begin()->second};
}

void TransferSet::add(TransferId first, TransferId last) {
  const auto next = ranges_.lower_bound(first);
  if (next != ranges_.end() && next->first == after(last)) {
    last = next->second;
    ranges_.erase(next);
  }
  const auto place = ranges_.lower_bound(first);
  if (place != ranges_.begin() && std::prev(place)->second == before(first))
    std::prev(place)->second = last;
  else
    ranges_.emplace_hint(place, first, last);
}

bool TransferSet::remove(TransferId id) {
  if (!contains(id)) return false;
  remove(id, id);
  return true;
}

void TransferSet::remove(TransferId first, TransferId last) {
  auto range = ranges_.upper_bound(first);
  if (range != ranges_.begin() && std::prev(range)->second >= first) --range;
  while (range != ranges_.end() && range->first <= last) {
    const auto [start, end] = *range;
    range = ranges_.erase(range);
    if (start < first) ranges_.emplace_hint(range, start, before(first));
    if (end > last) ranges_.emplace_hint(range, after(last), end);
  }
}

} // namespace baluhost
