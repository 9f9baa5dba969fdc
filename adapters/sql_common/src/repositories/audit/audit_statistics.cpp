#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/audit/days.hpp"
#include "repositories/repositories.hpp"

/// Whole days come from the figures that are kept of them, or from the roll-up `audit_daily`, which
/// the database keeps in step with `audit_logs` row by row; the parts of days at the ends of the
/// range are counted from the events themselves.
namespace baluhost::sql {
namespace {

/// Pruned days may leave groups that count nothing.
bool is_none(const AuditCount& count) { return count.succeeded == 0 && count.failed == 0; }

/// A failed upload has none.
void add_bytes(AuditStatistics& statistics, std::string_view action, std::int64_t bytes) {
  if (action == to_string(Action::upload)) statistics.bytes_uploaded += bytes;
  if (action == to_string(Action::download)) statistics.bytes_downloaded += bytes;
}

class Counting {
 public:
  Counting(Connection& db, const std::optional<std::string>& user,
           const std::optional<EventId>& account_since)
      : db_(db), user_(user), account_since_(account_since) {}

  /// Days of `span` whose figures are kept.
  void add_kept(const DaySpan& span) {
    const auto query =
        select(number("k.day") + text("k.key") + number("k.succeeded", "k.failed", "k.bytes"),
               kFromKeptKeys);
    Cursor cursor = db_.select(query, {static_cast<int>(FigureKind::action), span.first, span.end});
    while (cursor.next()) {
      Row row = cursor.row();
      const std::int64_t day = row.number();
      const std::string key = row.text();
      const auto end_of_type = key.find(' ');
      const auto count = read_count(row);
      add_group(day, key.substr(0, end_of_type), key.substr(end_of_type + 1), count, row.number());
    }
    const auto users = select(
        text("k.key") + number("cast(sum(k.succeeded) as bigint)", "cast(sum(k.failed) as bigint)"),
        std::string{kFromKeptKeys} + " group by k.key");
    Cursor user = db_.select(users, {static_cast<int>(FigureKind::user), span.first, span.end});
    while (user.next()) {
      Row row = user.row();
      const std::string name = row.text();
      add(statistics.by_user[name], read_count(row));
    }
  }

  /// Days from `first` on, before `end`.
  void add_days(std::int64_t first, std::int64_t end) {
    if (first >= end) return;
    // In the order of the roll-up's key, so that nothing is sorted or hashed; what is left to add
    // up is some ten rows a day.
    each_sum(number("day") + text("event_type", "action"), first, end, [&](Row& row) {
      const std::int64_t day = row.number();
      const std::string type = row.text(), action = row.text();
      const AuditCount count{row.number(), row.number()};
      add_group(day, type, action, count, row.number());
    });
    each_sum(text("user_key"), first, end, [&](Row& row) {
      const std::string key = row.text();
      const AuditCount count{row.number(), row.number()};
      row.skip_rest();
      if (!key.empty() && !is_none(count)) add(statistics.by_user[key.substr(1)], count);
    });
  }

  /// Events from `from` on, before `to`, all of one day.
  void add_part(std::int64_t from, std::int64_t to) {
    if (from >= to) return;
    std::string sql = "from audit_logs a where a.timestamp >= ? and a.timestamp < ?";
    Arguments values{from, to};
    if (user_) {
      sql += " and a.\"user\" = ?";
      values.emplace_back(*user_);
    }
    if (account_since_) {
      (sql += " and ") += kOfPresentAccount;
      values.emplace_back(*account_since_);
    }
    sql += " group by 1, 2, 3, 4, 7";
    add_rows(select(counted_by("0"), sql), values, 1, Timestamp{from}.to_date());
  }

  /// Takes away what days from `first` on, before `end`, have of former accounts of the user's
  /// name. There are few such events.
  void subtract_former(std::int64_t first, std::int64_t end) {
    if (!account_since_ || !user_ || first >= end) return;
    const auto query = select(counted_by("a.timestamp"),
                              "from audit_former o join audit_logs a on a.id = o.event_id where "
                              "a.\"user\" = ? and a.timestamp >= ?"
                              " and a.timestamp < ? group by 1, 2, 3, 4, 7");
    add_rows(query, {*user_, first_moment(first), first_moment(end)}, -1, {});
    for (auto* counts : {&statistics.by_event_type, &statistics.by_action, &statistics.by_user,
                         &statistics.by_day}) {
      std::erase_if(*counts, [](const auto& entry) { return is_none(entry.second); });
    }
  }

  AuditStatistics statistics;

 private:
  void add_group(std::int64_t day, const std::string& type, const std::string& action,
                 const AuditCount& count, std::int64_t bytes) {
    if (is_none(count)) return;
    add(statistics.total, count);
    add(statistics.by_event_type[type], count);
    add(statistics.by_action[action], count);
    add(statistics.by_day[Timestamp{day * kDay}.to_date()], count);
    add_bytes(statistics, action, bytes);
  }

  /// Columns for `add_rows`; `time` tells the day.
  Columns counted_by(std::string_view time) const {
    const auto& dialect = db_.dialect();
    return text("a.event_type", "a.action", "a.\"user\"") + flag("a.success") +
           number("count(*)",
                  "cast(sum(case a.action when 'upload' then case when a.success then " +
                      dialect.json_integer("a.details", "file_size") +
                      " else 0 end when 'download' then " +
                      dialect.json_integer("a.details", "bytes_sent") + " else 0 end) as bigint)",
                  time);
  }

  /// Adds each group `sign` times. `day`: of all rows, or each has its time.
  void add_rows(const Query& query, const Arguments& values, std::int64_t sign,
                const std::optional<std::string>& day) {
    Cursor cursor = db_.select(query, values);
    while (cursor.next()) {
      Row row = cursor.row();
      const std::string type = row.text(), action = row.text();
      const auto user = row.maybe_text();
      const bool success = row.flag();
      const std::int64_t count = sign * row.number();
      const std::int64_t bytes = sign * row.number();
      const Timestamp time{row.number()};
      add(statistics.total, success, count);
      add(statistics.by_event_type[type], success, count);
      add(statistics.by_action[action], success, count);
      if (user) add(statistics.by_user[*user], success, count);
      add(statistics.by_day[day ? *day : time.to_date()], success, count);
      add_bytes(statistics, action, bytes);
    }
  }

  /// `keys`, then how many succeeded and failed, and the bytes.
  template <class Visit>
  void each_sum(const Columns& keys, std::int64_t first, std::int64_t end, const Visit& visit) {
    const auto columns =
        keys + number("cast(sum(case when success then events else 0 end) as bigint)",
                      "cast(sum(case when success then 0 else events end) as bigint)",
                      "cast(sum(bytes) as bigint)");
    std::string sql = "from audit_daily where day >= ? and day < ?";
    Arguments values{first, end};
    std::string user_key; // as the roll-up has it: "=" and the user, or "" for none
    if (user_) {
      sql += " and user_key = ?";
      user_key = "=" + *user_;
      values.emplace_back(user_key);
    }
    Cursor cursor = db_.select(select(columns, sql + " group by " + keys.list()), values);
    while (cursor.next()) {
      Row row = cursor.row();
      visit(row);
    }
  }

  Connection& db_;
  const std::optional<std::string>& user_;
  const std::optional<EventId>& account_since_;
};

void add_whole_days(Connection& db, Counting& counting, const DaySpan& span, bool of_all) {
  // Empty where nothing is kept of them.
  const auto parts = of_all ? parts_of(db, span) : SpanParts{};
  if (!parts.kept) return counting.add_days(span.first, span.end);
  counting.add_kept(span);
  for (const auto& loose : parts.loose) counting.add_days(loose.first, loose.end);
}

} // namespace

Result<AuditStatistics> SqlAudit::statistics(const std::optional<Timestamp>& from,
                                             const std::optional<Timestamp>& to,
                                             const std::optional<std::string>& user,
                                             const std::optional<EventId>& account_since) const {
  return guarded(db_, [&]() -> Result<AuditStatistics> {
    Counting counting(db_, user, account_since);
    const std::int64_t begin = from ? from->microseconds : kFirstMoment;
    const std::int64_t end = to ? to->microseconds : kLastMoment;
    // An account's first day is never whole: what came before the account is told by ids alone.
    const bool whole_at_once = !account_since && begin % kDay == 0;
    const std::int64_t first_whole =
        from ? floor_day(begin) + (whole_at_once ? 0 : 1) : floor_day(kFirstMoment);
    const std::int64_t end_whole = to ? floor_day(end) : floor_day(kLastMoment) + 1;
    if (begin >= end) return AuditStatistics{};
    if (first_whole > end_whole) {
      counting.add_part(begin, end);
    } else {
      if (from) counting.add_part(begin, first_moment(first_whole));
      add_whole_days(db_, counting, {first_whole, end_whole}, !user && !account_since);
      counting.subtract_former(first_whole, end_whole);
      if (to) counting.add_part(end_whole * kDay, end);
    }
    return std::move(counting.statistics);
  });
}

} // namespace baluhost::sql
