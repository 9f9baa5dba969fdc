#include "repositories/audit/days.hpp"

namespace baluhost::sql {
namespace {

/// So many parts are counted one by one, at most.
constexpr std::size_t kMostParts = 16;

struct Day {
  std::int64_t number{};
  bool is_kept{};
};

/// Days with events, by a look into the index for each.
std::vector<Day> days_with_events(Connection& db, const DaySpan& span) {
  static const Query query = select(
      "with recursive d(day) as (select min(day) from audit_daily where day >= ? and day < ? union "
      "all select (select min(n.day) from audit_daily n where n.day > d.day and n.day < ?) from d "
      "where d.day is not null)",
      number("d.day") + flag("r.state = 2"),
      "from d left join audit_rolled r on r.day = d.day where d.day is not null order by d.day");
  return all(db.select(query, {span.first, span.end, span.end}), [](Row& row) {
    const std::int64_t day = row.number();
    return Day{day, row.flag()};
  });
}

std::optional<Timestamp> begin_of(std::int64_t day) {
  const auto moment = first_moment(day);
  return moment == kFirstMoment ? std::nullopt : std::optional{Timestamp{moment}};
}
std::optional<Timestamp> end_of(std::int64_t day) {
  const auto moment = first_moment(day);
  return moment == kLastMoment ? std::nullopt : std::optional{Timestamp{moment}};
}

} // namespace

std::optional<DaySpan> whole_days(const std::optional<Timestamp>& from,
                                  const std::optional<Timestamp>& to) {
  const auto begin = from ? from->microseconds : kFirstMoment;
  const std::int64_t first = floor_day(begin) + (from && from->microseconds % kDay != 0 ? 1 : 0);
  const std::int64_t end = to ? floor_day(to->microseconds) : floor_day(kLastMoment) + 1;
  return first < end ? std::optional{DaySpan{first, end}} : std::nullopt;
}

SpanParts parts_of(Connection& db, const DaySpan& span) {
  SpanParts parts;
  bool has_kept = false;
  for (const auto& day : days_with_events(db, span)) {
    has_kept = has_kept || day.is_kept;
    if (day.is_kept) continue;
    if (!parts.loose.empty() && parts.loose.back().end == day.number)
      ++parts.loose.back().end;
    else
      parts.loose.push_back({day.number, day.number + 1});
  }
  if (!has_kept || parts.loose.size() > kMostParts) return {};
  parts.kept = span;
  for (const auto& loose : parts.loose)
    parts.events.push_back({begin_of(loose.first), end_of(loose.end)});
  return parts;
}

SpanParts parts_of(Connection& db, const std::optional<Timestamp>& from,
                   const std::optional<Timestamp>& to) {
  const auto whole = whole_days(from, to);
  auto parts = whole ? parts_of(db, *whole) : SpanParts{};
  if (!parts.kept) return SpanParts{.kept = {}, .loose = {}, .events = {{from, to}}};
  if (from && first_moment(whole->first) > from->microseconds)
    parts.events.push_back({from, begin_of(whole->first)});
  if (to && first_moment(whole->end) < to->microseconds)
    parts.events.push_back({begin_of(whole->end), to});
  return parts;
}

void within(const Moments& moments, std::string& conditions, Arguments& values) {
  if (moments.from) {
    conditions += " and a.timestamp >= ?";
    values.emplace_back(*moments.from);
  }
  if (moments.to) {
    conditions += " and a.timestamp < ?";
    values.emplace_back(*moments.to);
  }
}

bool is_of_all(const AuditFilter& filter) {
  return !filter.type && !filter.action && !filter.user && !filter.resource &&
         !filter.resource_prefix && !filter.success && !filter.ip_address && !filter.account_since;
}

} // namespace baluhost::sql
