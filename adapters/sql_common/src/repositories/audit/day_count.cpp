#include "repositories/audit/day_count.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "long_resources.hpp"
#include "repositories/audit/days.hpp"

#include <algorithm>
#include <map>

namespace baluhost::sql {
namespace {

/// A day with more has all of its events counted each time: there its figures save nothing, and to
/// write them takes long.
constexpr std::size_t kMostKeys = 10'000;

class Counting {
 public:
  Counting(Connection& db, std::int64_t day)
      : db_(db), range_{first_moment(day), first_moment(day + 1)} {
    figures_.day = day;
  }

  DayFigures count() {
    count_quarters();
    count_keys(FigureKind::ip_address, "a.ip_address is not null");
    count_keys(FigureKind::failed_login_address,
               std::string{kIsFailedLogin} + " and a.ip_address is not null");
    const std::string logins = std::string{kInRange} + " and " + kIsFailedLogin;
    for (const auto& [name, count] : failed_login_names(db_, logins, range_))
      add_key(FigureKind::failed_login_name, name, count);
    count_resources();
    count_by_roll_up();
    note_ids();
    if (figures_.keys.size() > kMostKeys + kKeptResources || has_bad_key_) {
      return DayFigures{.day = figures_.day,
                        .is_too_large = true,
                        .first = figures_.first,
                        .last = figures_.last};
    }
    return std::move(figures_);
  }

 private:
  static constexpr const char* kInRange = "a.timestamp >= ? and a.timestamp < ?";

  void add_key(FigureKind kind, const std::string& key, const AuditCount& count,
               std::int64_t bytes = 0) {
    if (key.size() > kLongestKey || key.find('\0') != std::string::npos) {
      has_bad_key_ = true;
    } else {
      figures_.keys.push_back({kind, key, count, bytes});
    }
  }

  void count_quarters() {
    const auto columns =
        number("(a.timestamp - cast(? as bigint)) / 900000000") + text("a.event_type") + kCounts;
    Cursor cursor = db_.select(select(columns, std::string{"from audit_logs a where "} + kInRange +
                                                   " group by 1, 2 order by 1, 2"),
                               {range_[0], range_[0], range_[1]});
    while (cursor.next()) {
      Row row = cursor.row();
      QuarterFigure figure{.quarter = row.number(), .event_type = row.text()};
      figure.count = read_count(row);
      figures_.quarters.push_back(std::move(figure));
    }
  }

  void count_keys(FigureKind kind, const std::string& condition) {
    auto values = range_;
    values.emplace_back(sql_limit(kMostKeys + 1));
    Cursor cursor = db_.select(select(text(as_group("a.ip_address")) + kCounts,
                                      std::string{"from audit_logs a where "} + kInRange + " and " +
                                          condition + " group by 1 order by 1 limit ?"),
                               values);
    while (cursor.next()) {
      Row row = cursor.row();
      const std::string key = row.text();
      add_key(kind, key, read_count(row));
    }
  }

  void count_resources() {
    auto values = range_;
    values.emplace_back(sql_limit(kKeptResources + 1));
    Cursor cursor = db_.select(
        select(text(as_group("a.resource")) + kCounts,
               std::string{"from audit_logs a where "} + kInRange +
                   " and a.resource is not null group by 1 order by count(*) desc, 1 limit ?"),
        values);
    std::map<std::string, AuditCount> kept;
    for (std::size_t rows = 1; cursor.next(); ++rows) {
      Row row = cursor.row();
      const std::string key = row.text();
      const AuditCount count = read_count(row);
      if (rows > kKeptResources || key.size() > kLongestKey) {
        figures_.most_left = std::max(figures_.most_left, total_of(count));
      } else {
        kept.emplace(key, count);
      }
    }
    for (const auto& [key, count] : kept) add_key(FigureKind::resource, key, count);
  }

  /// What `audit_daily` has is as right, and is there.
  void count_by_roll_up() {
    std::map<std::string, AuditCount> users;
    std::map<std::string, KeyFigure> actions;
    const auto columns =
        text("event_type", "action", "user_key") + flag("success") + number("events", "bytes");
    Cursor cursor = db_.select(select(columns, "from audit_daily where day = ?"), {figures_.day});
    while (cursor.next()) {
      Row row = cursor.row();
      const std::string type = row.text();
      auto& action = actions[type + ' ' + row.text()];
      const std::string user_key = row.text();
      const bool success = row.flag();
      const std::int64_t events = row.number();
      const AuditCount count{success ? events : 0, success ? 0 : events};
      if (__builtin_add_overflow(action.bytes, row.number(), &action.bytes)) has_bad_key_ = true;
      add(action.count, count);
      if (!user_key.empty()) add(users[user_key.substr(1)], count);
    }
    // Pruned days may leave groups that count nothing.
    for (const auto& [user, count] : users)
      if (count != AuditCount{}) add_key(FigureKind::user, user, count);
    for (const auto& [key, action] : actions)
      if (action.count != AuditCount{})
        add_key(FigureKind::action, key, action.count, action.bytes);
  }

  void note_ids() {
    const auto query = select(number("coalesce(min(a.id), 0)", "coalesce(max(a.id), 0)"),
                              std::string{"from audit_logs a where "} + kInRange);
    Cursor cursor = db_.select(query, range_);
    if (!cursor.next()) return;
    Row row = cursor.row();
    figures_.first = EventId{row.number()};
    figures_.last = EventId{row.number()};
  }

  Connection& db_;
  const Arguments range_;
  DayFigures figures_;
  bool has_bad_key_{false};
};

} // namespace

DayFigures count_day(Connection& db, std::int64_t day) { return Counting(db, day).count(); }

std::map<std::string, AuditCount> failed_login_names(Connection& db, const std::string& condition,
                                                     const Arguments& values) {
  const auto columns =
      text("coalesce(a.\"user\", a.details)") + flag("a.\"user\" is null") + kCounts;
  Cursor cursor =
      db.select(select(columns, "from audit_logs a where " + condition + " group by 1, 2"), values);
  std::map<std::string, AuditCount> counts;
  while (cursor.next()) {
    Row row = cursor.row();
    std::optional<std::string> key = row.text();
    if (row.flag()) key = text_member(*key, "attempted_username");
    const auto count = read_count(row);
    if (key) add(counts[*key], count);
  }
  return counts;
}

} // namespace baluhost::sql
