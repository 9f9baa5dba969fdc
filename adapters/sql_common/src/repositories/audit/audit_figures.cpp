#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/audit/busiest_resources.hpp"
#include "repositories/audit/day_count.hpp"
#include "repositories/audit/days.hpp"
#include "repositories/repositories.hpp"

#include <algorithm>
#include <numeric>

// Days whose figures are kept are taken from these; all else is counted from the events that the
// filter lets through.
namespace baluhost::sql {
namespace {

BusiestCounts busiest_of(const std::map<std::string, AuditCount>& counts, std::size_t limit) {
  BusiestCounts found(counts.begin(), counts.end());
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
    return total_of(a.second) > total_of(b.second);
  });
  if (found.size() > limit) found.resize(limit);
  return found;
}

/// Which of the events that the filter lets through.
enum class Events { all, failed_logins };

/// All of it from the events.
class Counted {
 public:
  Counted(Connection& db, AuditFilter filter, std::size_t limit)
      : db_(db), filter_(std::move(filter)), logins_(filter_), limit_(limit) {
    logins_.type = EventType::security;
  }

  BusiestCounts by(const std::string& column, Events events) {
    auto [sql, values] = matching(events);
    sql = "from audit_logs a where " + sql + " and " + column +
          " is not null group by 1 order by count(*) desc, 1 limit ?";
    values.emplace_back(sql_limit(limit_));
    return all(db_.select(select(text(as_group(column)) + kCounts, sql), values), [](Row& row) {
      std::string key = row.text();
      return std::pair{std::move(key), read_count(row)};
    });
  }

  BusiestCounts by_attempted_name() {
    const auto [sql, values] = matching(Events::failed_logins);
    return busiest_of(failed_login_names(db_, sql, values), limit_);
  }

 private:
  /// Refers to `filter_`.
  std::pair<std::string, Arguments> matching(Events events) {
    const bool failed_logins = events == Events::failed_logins;
    auto conditions = conditions_of(failed_logins ? logins_ : filter_, SortOrder::ascending,
                                    std::nullopt, prefix_end_, db_.dialect().has_long_resources());
    if (failed_logins) conditions.add(kIsFailedLogin, {});
    return {std::move(conditions.where), std::move(conditions.values)};
  }

  Connection& db_;
  AuditFilter filter_;
  AuditFilter logins_; ///< `filter_`, and the type of failed logins
  std::size_t limit_;
  std::optional<std::string> prefix_end_;
};

/// By the figures of kept days, and the events of what is left of the range.
class Kept {
 public:
  Kept(Connection& db, SpanParts parts, std::size_t limit)
      : db_(db), parts_(std::move(parts)), limit_(limit) {}

  BusiestCounts by_address(FigureKind kind) {
    const std::string condition =
        kind == FigureKind::ip_address ? "true" : std::string{kIsFailedLogin};
    std::string sql = "select k.key as key, k.succeeded as succeeded, k.failed as failed ";
    sql += kFromKeptKeys;
    auto values = days(kind);
    for (const auto& moments : parts_.events) {
      sql +=
          " union all select a.ip_address, case when a.success then 1 else 0 end, case when "
          "a.success then 0 else 1 end from audit_logs a where a.ip_address is not null and " +
          condition;
      within(moments, sql, values);
    }
    values.emplace_back(sql_limit(limit_));
    const auto query = select(text("key") + kSums,
                              "from (" + sql +
                                  ") u group by key order by sum(succeeded) + sum(failed) desc, "
                                  "key limit ?");
    return all(db_.select(query, values), [](Row& row) {
      std::string key = row.text();
      return std::pair{std::move(key), read_count(row)};
    });
  }

  BusiestCounts by_attempted_name() {
    std::map<std::string, AuditCount> counts;
    const auto query =
        select(text("k.key") + kSums, std::string{kFromKeptKeys} + " group by k.key");
    Cursor cursor = db_.select(query, days(FigureKind::failed_login_name));
    while (cursor.next()) {
      Row row = cursor.row();
      const std::string key = row.text();
      counts[key] = read_count(row);
    }
    for (const auto& moments : parts_.events) {
      std::string condition = kIsFailedLogin;
      Arguments values;
      within(moments, condition, values);
      for (const auto& [key, count] : failed_login_names(db_, condition, values))
        add(counts[key], count);
    }
    return busiest_of(counts, limit_);
  }

  [[nodiscard]] const SpanParts& parts() const noexcept { return parts_; }

 private:
  static inline const Columns kSums =
      number("cast(sum(succeeded) as bigint)", "cast(sum(failed) as bigint)");

  [[nodiscard]] Arguments days(FigureKind kind) const {
    return {static_cast<int>(kind), parts_.kept->first, parts_.kept->end};
  }

  Connection& db_;
  SpanParts parts_;
  std::size_t limit_;
};

BusiestEvents count_all(Connection& db, const AuditFilter& filter, std::size_t limit) {
  Counted counted(db, filter, limit);
  return BusiestEvents{
      .by_ip_address = counted.by("a.ip_address", Events::all),
      .by_resource = counted.by("a.resource", Events::all),
      .failed_logins_by_name = counted.by_attempted_name(),
      .failed_logins_by_ip_address = counted.by("a.ip_address", Events::failed_logins)};
}

class Series {
 public:
  Series(Connection& db, const AuditFilter& filter, std::span<const Timestamp> bounds)
      : db_(db), filter_(filter), bounds_(bounds), counts_(bounds.size() - 1) {}

  std::vector<CountsByType> count() {
    const auto from = std::max(filter_.from.value_or(bounds_.front()), bounds_.front());
    const auto to = std::min(filter_.to.value_or(bounds_.back()), bounds_.back());
    if (from >= to) return std::move(counts_);
    const auto unit = unit_of_bounds();
    const auto origin = bounds_.front().microseconds;
    const bool of_days = unit % kDay == 0 && origin % kDay == 0 && !filter_.account_since;
    const bool of_quarters = unit % kQuarter == 0 && origin % kQuarter == 0;
    auto parts = filter_.user || filter_.account_since || !of_quarters
                     ? SpanParts{.events = {{from, to}}}
                     : parts_of(db_, from, to);
    if (parts.kept) {
      of_days ? count_kept_days(*parts.kept) : count_kept_quarters(*parts.kept, unit);
    } else if (const auto whole = whole_days(from, to); whole && of_days) {
      // These are in `audit_daily`, which knows users too.
      parts.loose = {*whole};
      parts.events = {{from, Timestamp{first_moment(whole->first)}},
                      {Timestamp{first_moment(whole->end)}, to}};
    }
    for (const auto& moments : parts.events) {
      if (!(of_days && is_whole(moments) && parts.kept))
        count_events(moments.from.value_or(from), moments.to.value_or(to), unit);
    }
    if (of_days)
      for (const auto& loose : parts.loose) count_days(loose);
    return std::move(counts_);
  }

 private:
  /// All bounds lie so many microseconds, or a multiple of it, after the first.
  [[nodiscard]] std::int64_t unit_of_bounds() const {
    std::int64_t unit = 0;
    for (const auto& bound : bounds_)
      unit = std::gcd(unit, bound.microseconds - bounds_.front().microseconds);
    return unit;
  }
  static bool is_whole(const Moments& moments) {
    return moments.from && moments.to && moments.from->microseconds % kDay == 0 &&
           moments.to->microseconds % kDay == 0;
  }

  void count_at(Timestamp at, const std::string& type, const AuditCount& count) {
    if (count == AuditCount{}) return;
    const auto after = std::upper_bound(bounds_.begin(), bounds_.end(), at);
    add(counts_[static_cast<std::size_t>(after - bounds_.begin()) - 1][type], count);
  }

  /// By the unit of the bounds: a group is never in two intervals.
  void count_events(Timestamp from, Timestamp to, std::int64_t unit) {
    if (from >= to) return;
    const auto origin = bounds_.front().microseconds;
    std::string sql = "from audit_logs a where a.timestamp >= ? and a.timestamp < ?";
    Arguments values{origin, unit, from, to};
    if (filter_.user) {
      sql += " and a.\"user\" = ?";
      values.emplace_back(*filter_.user);
    }
    if (filter_.account_since) {
      (sql += " and ") += kOfPresentAccount;
      values.emplace_back(*filter_.account_since);
    }
    const auto columns = number("(a.timestamp - cast(? as bigint)) / cast(? as bigint)") +
                         text("a.event_type") + kCounts;
    Cursor cursor = db_.select(select(columns, sql + " group by 1, 2"), values);
    while (cursor.next()) {
      Row row = cursor.row();
      const Timestamp at{origin + row.number() * unit};
      const std::string type = row.text();
      count_at(at, type, read_count(row));
    }
  }

  void count_kept_quarters(const DaySpan& span, std::int64_t unit) {
    const auto origin = bounds_.front().microseconds;
    const auto columns =
        number("((q.day * 96 + q.quarter) * 900000000 - cast(? as bigint)) / cast(? as bigint)") +
        text("q.event_type") +
        number("cast(sum(q.succeeded) as bigint)", "cast(sum(q.failed) as bigint)");
    Cursor cursor =
        db_.select(select(columns,
                          "from audit_quarters q join audit_rolled r on r.day = q.day and r.state "
                          "= 2 where q.day >= ? and q.day < ? group by 1, 2"),
                   {origin, unit, span.first, span.end});
    while (cursor.next()) {
      Row row = cursor.row();
      const Timestamp at{origin + row.number() * unit};
      const std::string type = row.text();
      count_at(at, type, read_count(row));
    }
  }

  void count_kept_days(const DaySpan& span) {
    const auto query =
        select(number("k.day") + text("k.key") + number("k.succeeded", "k.failed"), kFromKeptKeys);
    Cursor cursor = db_.select(query, {static_cast<int>(FigureKind::action), span.first, span.end});
    while (cursor.next()) {
      Row row = cursor.row();
      const Timestamp at{row.number() * kDay};
      const std::string key = row.text();
      count_at(at, key.substr(0, key.find(' ')), read_count(row));
    }
  }

  void count_days(const DaySpan& span) {
    std::string sql = "from audit_daily where day >= ? and day < ?";
    Arguments values{span.first, span.end};
    std::string user_key; // as the roll-up has it
    if (filter_.user) {
      sql += " and user_key = ?";
      user_key = "=" + *filter_.user;
      values.emplace_back(user_key);
    }
    const auto columns = number("day") + text("event_type") +
                         number("cast(sum(case when success then events else 0 end) as bigint)",
                                "cast(sum(case when success then 0 else events end) as bigint)");
    Cursor cursor = db_.select(select(columns, sql + " group by day, event_type"), values);
    while (cursor.next()) {
      Row row = cursor.row();
      const Timestamp at{row.number() * kDay};
      const std::string type = row.text();
      count_at(at, type, read_count(row));
    }
  }

  Connection& db_;
  const AuditFilter& filter_;
  std::span<const Timestamp> bounds_;
  std::vector<CountsByType> counts_;
};

} // namespace

Result<BusiestEvents> SqlAudit::busiest(const AuditFilter& filter, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<BusiestEvents> {
    if (matches_nothing(filter)) return BusiestEvents{};
    if (!is_of_all(filter)) return count_all(db_, filter, limit);
    auto parts = parts_of(db_, filter.from, filter.to);
    if (!parts.kept) return count_all(db_, filter, limit);
    Kept kept(db_, std::move(parts), limit);
    auto resources = busiest_resources(db_, kept.parts(), limit);
    if (!resources) resources = Counted(db_, filter, limit).by("a.resource", Events::all);
    return BusiestEvents{
        .by_ip_address = kept.by_address(FigureKind::ip_address),
        .by_resource = *std::move(resources),
        .failed_logins_by_name = kept.by_attempted_name(),
        .failed_logins_by_ip_address = kept.by_address(FigureKind::failed_login_address)};
  });
}

Result<std::vector<CountsByType>> SqlAudit::series(const AuditFilter& filter,
                                                   std::span<const Timestamp> bounds) const {
  return guarded(db_, [&]() -> Result<std::vector<CountsByType>> {
    if (bounds.size() < 2) return std::vector<CountsByType>{};
    if (matches_nothing(filter)) return std::vector<CountsByType>(bounds.size() - 1);
    return Series(db_, filter, bounds).count();
  });
}

} // namespace baluhost::sql
