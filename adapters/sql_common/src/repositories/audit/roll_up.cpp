#include "repositories/audit/roll_up.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/day_figures.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/search_keys.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "repositories/audit/day_count.hpp"
#include "repositories/audit/days.hpp"

// A row of `audit_rolled` goes, by a trigger, when an event of its day comes, goes or changes. On
// SQLite nobody else writes meanwhile. On PostgreSQL a transaction that began before the mark was
// committed does not see it, and leaves it: it has a smaller number than the transaction that
// settles, which begins after that commit, and the count waits until all such have ended.
namespace baluhost::sql {
namespace {

/// What `audit_rolled.state` says.
constexpr int kKept = 2, kTooLarge = 3; // 0: marked, 1: settled

/// Days far from all others are left alone: their moments are not to be computed.
constexpr std::int64_t kFarthestDay = 100'000'000;

constexpr std::size_t kRowsAtOnce = 512;

DayFigures kept_figures(Connection& db, std::int64_t day) {
  DayFigures figures{.day = day};
  static const Query about = select(number("state", "first_id", "last_id", "most_left"),
                                    "from audit_rolled where day = ?");
  if (Cursor cursor = db.select(about, {day}); cursor.next()) {
    Row row = cursor.row();
    figures.is_too_large = row.number() == kTooLarge;
    figures.first = EventId{row.number()};
    figures.last = EventId{row.number()};
    figures.most_left = row.number();
  }
  static const Query keys =
      select(number("kind") + text("key") + number("succeeded", "failed", "bytes"),
             "from audit_keys where kind in (1, 2, 3, 4, 5, 6) and day = ? order by kind, key");
  for (Cursor cursor = db.select(keys, {day}); cursor.next();) {
    Row row = cursor.row();
    KeyFigure figure{.kind = static_cast<FigureKind>(row.number()), .key = row.text()};
    figure.count = read_count(row);
    figure.bytes = row.number();
    figures.keys.push_back(std::move(figure));
  }
  static const Query quarters =
      select(number("quarter") + text("event_type") + number("succeeded", "failed"),
             "from audit_quarters where day = ? order by quarter, event_type");
  for (Cursor cursor = db.select(quarters, {day}); cursor.next();) {
    Row row = cursor.row();
    QuarterFigure figure{.quarter = row.number(), .event_type = row.text()};
    figure.count = read_count(row);
    figures.quarters.push_back(std::move(figure));
  }
  return figures;
}

/// The events of each type, as actions and as quarters of an hour have them.
bool is_consistent(const DayFigures& figures) {
  std::map<std::string, AuditCount> by_action, by_quarter;
  for (const auto& figure : figures.keys)
    if (figure.kind == FigureKind::action)
      add(by_action[figure.key.substr(0, figure.key.find(' '))], figure.count);
  for (const auto& figure : figures.quarters) add(by_quarter[figure.event_type], figure.count);
  return by_action == by_quarter;
}

void write_keys(Connection& db, const DayFigures& figures) {
  in_portions(std::span{figures.keys}, kRowsAtOnce, [&](std::span<const KeyFigure> some) {
    const ValueRows rows(some, "(?, ?, ?, ?, ?, ?)", [&](const KeyFigure& figure) -> Arguments {
      return {static_cast<int>(figure.kind), figures.day,         figure.key,
              figure.count.succeeded,        figure.count.failed, figure.bytes};
    });
    db.execute(
        "insert into audit_keys (kind, day, key, succeeded, failed, bytes) values " + rows.sql,
        rows.arguments);
  });
}

void write_quarters(Connection& db, const DayFigures& figures) {
  in_portions(std::span{figures.quarters}, kRowsAtOnce, [&](std::span<const QuarterFigure> some) {
    const ValueRows rows(some, "(?, ?, ?, ?, ?)", [&](const QuarterFigure& figure) -> Arguments {
      return {figures.day, figure.quarter, figure.event_type, figure.count.succeeded,
              figure.count.failed};
    });
    db.execute("insert into audit_quarters (day, quarter, event_type, succeeded, failed) values " +
                   rows.sql,
               rows.arguments);
  });
}

} // namespace

Result<std::optional<std::int64_t>> SqlRollUp::next(std::int64_t before) const {
  return guarded(db_, [&]() -> Result<std::optional<std::int64_t>> {
    // By a look into the index for each day.
    return db_.number(
        "with recursive d(day) as (select max(day) from audit_daily where day < ? union all select "
        "(select max(n.day) from audit_daily n where n.day < d.day and n.day > ?) from d where "
        "d.day is not null) select d.day from d left join audit_rolled r on r.day = d.day where "
        "d.day is not null and d.day < ? and coalesce(r.state, 0) < 2 order by d.day desc limit 1",
        {before, -kFarthestDay, std::min(before, kFarthestDay)});
  });
}

Result<void> SqlRollUp::mark(std::int64_t day) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(concat("insert into audit_rolled (day, run, state, first_id, last_id, most_left) "
                       "values (?, ",
                       db_.dialect().transaction_number(),
                       ", 0, 0, 0, 0) on conflict (day) do update set run = excluded.run, state = "
                       "0"),
                {day});
    return {};
  });
}

Result<void> SqlRollUp::settle(std::int64_t day) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(concat("update audit_rolled set run = ", db_.dialect().transaction_number(),
                       ", state = 1 where day = ? and state < 2"),
                {day});
    return {};
  });
}

Result<std::optional<DayFigures>> SqlRollUp::count(std::int64_t day) const {
  return guarded(db_, [&]() -> Result<std::optional<DayFigures>> {
    const auto run =
        db_.number(concat("select run from audit_rolled where day = ? and state = 1 and ",
                          db_.dialect().is_over()),
                   {day});
    if (!run) return std::optional<DayFigures>{};
    auto figures = count_day(db_, day);
    figures.run = *run;
    return std::optional{std::move(figures)};
  });
}

Result<bool> SqlRollUp::keep(const DayFigures& figures) {
  return guarded(db_, [&]() -> Result<bool> {
    const auto changed = db_.execute(
        "update audit_rolled set state = ?, first_id = ?, last_id = ?, most_left = ? where day = ? "
        "and run = ? and state = 1",
        {figures.is_too_large ? kTooLarge : kKept, figures.first, figures.last, figures.most_left,
         figures.day, figures.run});
    if (changed == 0) return false;
    db_.execute("delete from audit_keys where kind in (1, 2, 3, 4, 5, 6) and day = ?",
                {figures.day});
    db_.execute("delete from audit_quarters where day = ?", {figures.day});
    write_keys(db_, figures);
    write_quarters(db_, figures);
    return true;
  });
}

Result<std::vector<std::int64_t>> wrong_days(Connection& db) {
  return guarded(db, [&]() -> Result<std::vector<std::int64_t>> {
    static const Query query =
        select(number("day"), "from audit_rolled where state >= 2 order by day");
    std::vector<std::int64_t> wrong;
    for (const auto day : all(db.select(query), read_number<std::int64_t>)) {
      const auto figures = kept_figures(db, day);
      if (!figures.is_same(count_day(db, day)) ||
          (!figures.is_too_large && !is_consistent(figures)))
        wrong.push_back(day);
    }
    return wrong;
  });
}

void forget_figures(Connection& db) {
  db.execute("delete from audit_rolled");
  db.execute("delete from audit_keys");
  db.execute("delete from audit_quarters");
}

std::string wrong_days_sentence(const std::vector<std::int64_t>& days) {
  return concat("the figures of ", days.size(),
                " days of the audit trail are not those of their "
                "events, first of ",
                Timestamp{days.front() * kDay}.to_date(), ": ", kReindex);
}

} // namespace baluhost::sql
