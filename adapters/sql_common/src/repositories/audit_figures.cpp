#include "baluhost/domain/details.hpp"
#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"

#include <algorithm>
#include <numeric>

// What no roll-up has is counted from the events that the filter lets through. Only a series of
// whole days of UTC takes its days from `audit_daily`.
namespace baluhost::sql {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

/// How many of a group succeeded, and how many failed.
const Columns kCounts = number("cast(sum(case when a.success then 1 else 0 end) as bigint)",
                               "cast(sum(case when a.success then 0 else 1 end) as bigint)");

AuditCount read_count(Row& row) {
  const std::int64_t succeeded = row.number();
  return {succeeded, row.number()};
}

class Busiest {
 public:
  Busiest(Connection& db, AuditFilter filter, std::size_t limit)
      : db_(db), filter_(std::move(filter)), logins_(filter_), limit_(limit) {
    logins_.type = EventType::security;
  }

  BusiestCounts by(const std::string& column, const std::optional<std::string>& action = {}) {
    auto [sql, values] = matching(action);
    sql += " and " + column + " is not null group by " + column + " order by count(*) desc, " +
           column + " limit ?";
    values.emplace_back(sql_limit(limit_));
    return all(db_.select(select(text(column) + kCounts, sql), values), [](Row& row) {
      std::string key = row.text();
      return std::pair{std::move(key), read_count(row)};
    });
  }

  /// An attempt at no account has its name in the details.
  BusiestCounts by_attempted_name() {
    const std::optional<std::string> action{to_string(Action::login_failed)};
    auto [sql, values] = matching(action);
    const std::string name = "coalesce(a.\"user\", a.details)";
    const auto columns = text(name) + flag("a.\"user\" is null") + kCounts;
    Cursor cursor = db_.select(select(columns, sql + " group by 1, 2"), values);
    std::map<std::string, AuditCount> counts;
    while (cursor.next()) {
      Row row = cursor.row();
      std::optional<std::string> key = row.text();
      if (row.flag()) key = text_member(*key, "attempted_username");
      const auto count = read_count(row);
      if (!key) continue;
      counts[*key].succeeded += count.succeeded;
      counts[*key].failed += count.failed;
    }
    BusiestCounts found(counts.begin(), counts.end());
    const auto total = [](const auto& entry) {
      return entry.second.succeeded + entry.second.failed;
    };
    std::stable_sort(found.begin(), found.end(),
                     [&](const auto& a, const auto& b) { return total(a) > total(b); });
    if (found.size() > limit_) found.resize(limit_);
    return found;
  }

 private:
  /// Refers to `filter_` and `action`.
  std::pair<std::string, Arguments> matching(const std::optional<std::string>& action) const {
    std::optional<std::string> prefix_end;
    auto conditions = conditions_of(action ? logins_ : filter_, SortOrder::ascending, std::nullopt,
                                    prefix_end, db_.dialect().has_long_resources());
    // By an expression: the index of types has the times as well, that of actions has not, and a
    // short range would read every such event of the trail.
    if (action) conditions.add("a.action || '' = ?", {*action});
    return {"from audit_logs a where " + conditions.where, std::move(conditions.values)};
  }

  Connection& db_;
  AuditFilter filter_;
  AuditFilter logins_; ///< `filter_`, and the type of failed logins
  std::size_t limit_;
};

class Series {
 public:
  Series(Connection& db, const AuditFilter& filter, std::span<const Timestamp> bounds)
      : db_(db), filter_(filter), bounds_(bounds), counts_(bounds.size() - 1) {}

  std::vector<CountsByType> count() {
    const auto from = std::max(filter_.from.value_or(bounds_.front()), bounds_.front());
    const auto to = std::min(filter_.to.value_or(bounds_.back()), bounds_.back());
    if (from >= to) return std::move(counts_);
    const auto unit = unit_of_bounds();
    const auto first_whole = floor_day(from) + (from.microseconds % kDay == 0 ? 0 : 1);
    const auto end_whole = floor_day(to);
    if (unit % kDay != 0 || bounds_.front().microseconds % kDay != 0 || filter_.account_since ||
        first_whole >= end_whole) {
      count_events(from, to, unit);
    } else {
      count_events(from, Timestamp{first_whole * kDay}, unit);
      count_days(first_whole, end_whole);
      count_events(Timestamp{end_whole * kDay}, to, unit);
    }
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
  static std::int64_t floor_day(Timestamp time) {
    return time.microseconds / kDay - (time.microseconds % kDay < 0 ? 1 : 0);
  }

  void add(Timestamp at, const std::string& type, const AuditCount& count) {
    if (count.succeeded == 0 && count.failed == 0) return;
    const auto after = std::upper_bound(bounds_.begin(), bounds_.end(), at);
    auto& counted = counts_[static_cast<std::size_t>(after - bounds_.begin()) - 1][type];
    counted.succeeded += count.succeeded;
    counted.failed += count.failed;
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
      add(at, type, read_count(row));
    }
  }

  /// Days from `first` on, before `end`.
  void count_days(std::int64_t first, std::int64_t end) {
    std::string sql = "from audit_daily where day >= ? and day < ?";
    Arguments values{first, end};
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
      add(at, type, read_count(row));
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
    Busiest busiest(db_, filter, limit);
    return BusiestEvents{.by_ip_address = busiest.by("a.ip_address"),
                         .by_resource = busiest.by("a.resource"),
                         .failed_logins_by_name = busiest.by_attempted_name(),
                         .failed_logins_by_ip_address = busiest.by(
                             "a.ip_address", std::string{to_string(Action::login_failed)})};
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
