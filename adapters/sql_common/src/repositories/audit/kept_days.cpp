#include "repositories/audit/kept_days.hpp"

#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "long_resources.hpp"

#include <algorithm>
#include <optional>

namespace baluhost::sql {
namespace {

constexpr std::size_t kListed = 16'384;
constexpr std::size_t kMostBytesListed = std::size_t{4} << 20;
constexpr std::size_t kMostStrangers = 10'000;

/// Takes strangers out of a list by events; who then may come after others leaves it.
void leave_strangers(TopList& list) {
  const auto last = list.keys.empty() ? KeyTotals::value_type{} : list.keys.back();
  const bool has_others = list.most_left > 0;
  for (auto& [key, total] : list.keys)
    if (const auto strange = list.strangers.find(key); strange != list.strangers.end())
      total -= strange->second;
  std::erase_if(list.keys, [&](const auto& of) {
    if (!list.strangers.contains(of.first)) return false;
    if (!has_others) return of.second == 0;
    if (!is_busier(last.second, last.first, of.second, of.first)) return false;
    list.most_left = std::max(list.most_left, of.second);
    return true;
  });
}

} // namespace

KeptDays::KeptDays(Connection& db, const SpanParts& parts) : db_(db), parts_(parts) {
  static const Query days = select(number("day", "run", "first_id", "last_id", "most_left"),
                                   "from audit_rolled where state = 2 and day >= ? and day < ? "
                                   "order by day");
  for (Cursor cursor = db_.select(days, {parts_.kept->first, parts_.kept->end}); cursor.next();) {
    Row row = cursor.row();
    const std::int64_t day = row.number();
    version_.emplace_back(day, row.number());
    Block block{.moments = {Timestamp{first_moment(day)}, Timestamp{first_moment(day + 1)}}};
    block.first = EventId{row.number()};
    block.last = EventId{row.number()};
    block.most_left = row.number();
    first_ = days_.empty() ? block.first : std::min(first_, block.first);
    last_ = days_.empty() ? block.last : std::max(last_, block.last);
    days_.push_back(block);
  }
}

std::shared_ptr<const TopList> KeptDays::busiest() const {
  auto list = std::make_shared<TopList>();
  list->is_by_ids = db_.dialect().has_ids_in_indexes() && find_strangers(*list);
  read_busiest(*list);
  if (!list->strangers.empty()) leave_strangers(*list);
  std::sort(list->keys.begin(), list->keys.end());
  return list;
}

void KeptDays::read_busiest(TopList& list) const {
  std::string sql = "from audit_logs a where a.resource is not null";
  Arguments values;
  if (list.is_by_ids) {
    sql += " and a.id + 0 >= ? and a.id + 0 <= ? group by a.resource";
    values = {first_, last_};
  } else {
    add_condition(list, sql, values);
    sql += " group by 1";
  }
  values.emplace_back(sql_limit(kListed + 1));
  const auto key = list.is_by_ids ? "a.resource" : as_group("a.resource");
  std::size_t bytes = 0;
  for (Cursor cursor = db_.select(
           select(text(key) + number("count(*)"), sql + " order by count(*) desc, 1 limit ?"),
           values);
       cursor.next();) {
    Row row = cursor.row();
    std::string resource = row.text();
    const std::int64_t total = row.number();
    bytes += resource.size();
    if (list.keys.size() == kListed || bytes > kMostBytesListed) {
      list.most_left = total;
      return;
    }
    list.keys.emplace_back(std::move(resource), total);
  }
}

/// An index has the ids of all events of a resource. Most often the days have all of those from
/// their first on; if others are between, they are found by their time. False: too many.
bool KeptDays::find_strangers(TopList& list) const {
  const auto of_days =
      db_.number(std::string{"select cast(sum(k.succeeded + k.failed) as bigint) "} + kFromKeptKeys,
                 {static_cast<int>(FigureKind::action), parts_.kept->first, parts_.kept->end});
  if (last_.value - first_.value + 1 == of_days.value_or(0)) return true;
  std::vector<Moments> others{{{}, Timestamp{first_moment(parts_.kept->first)}},
                              {Timestamp{first_moment(parts_.kept->end)}, {}}};
  for (const auto& loose : parts_.loose)
    others.push_back({Timestamp{first_moment(loose.first)}, Timestamp{first_moment(loose.end)}});
  std::size_t found = 0;
  for (const auto& moments : others) {
    if (find_strangers(moments, list, found)) continue;
    list.strangers.clear();
    return false;
  }
  return true;
}

bool KeptDays::find_strangers(const Moments& moments, TopList& list, std::size_t& found) const {
  std::string sql =
      "from audit_logs a where a.resource is not null and a.id + 0 >= ? and a.id + 0 <= ?";
  Arguments values{first_, last_};
  within(moments, sql, values);
  values.emplace_back(sql_limit(kMostStrangers));
  for (Cursor cursor = db_.select(select(text("a.resource"), sql + " limit ?"), values);
       cursor.next();) {
    Row row = cursor.row();
    ++list.strangers[row.text()];
    if (++found == kMostStrangers) return false;
  }
  return true;
}

/// To one on `audit_logs a`: of a kept day. Strangers may be among those.
void KeptDays::add_condition(const TopList& list, std::string& sql, Arguments& values) const {
  if (list.is_by_ids) {
    sql += " and a.id >= ? and a.id <= ?";
    values.insert(values.end(), {Argument{first_}, Argument{last_}});
    return;
  }
  sql += " and a.timestamp >= ? and a.timestamp < ?";
  values.emplace_back(first_moment(parts_.kept->first));
  values.emplace_back(first_moment(parts_.kept->end));
  for (const auto& loose : parts_.loose) {
    sql += " and not (a.timestamp >= ? and a.timestamp < ?)";
    values.emplace_back(first_moment(loose.first));
    values.emplace_back(first_moment(loose.end));
  }
}

KeptDays::Totals KeptDays::totals_of(std::vector<std::string_view> keys,
                                     const TopList& list) const {
  Totals totals;
  if (!db_.dialect().has_long_resources()) {
    add_totals(keys, list, totals);
    return totals;
  }
  const auto long_ones =
      std::partition(keys.begin(), keys.end(), [](auto key) { return key.size() <= kLongestKey; });
  add_totals({keys.begin(), long_ones}, list, totals);
  add_totals({long_ones, keys.end()}, list, totals);
  return totals;
}

/// `keys` are all in one index.
void KeptDays::add_totals(std::span<const std::string_view> keys, const TopList& list,
                          Totals& totals) const {
  if (keys.empty()) return;
  const ValueList<std::string_view> values_of_keys(keys);
  std::string sql = concat("from audit_logs a where a.resource in (", values_of_keys.sql, ")",
                           in_its_index(keys.front(), db_.dialect()));
  Arguments values = values_of_keys.arguments;
  add_condition(list, sql, values);
  Cursor cursor = db_.select(
      select(text("a.resource") + number("count(*)"), sql + " group by a.resource"), values);
  while (cursor.next()) {
    Row row = cursor.row();
    const std::string key = row.text();
    const auto strange = list.strangers.find(key);
    totals[key] = row.number() - (strange == list.strangers.end() ? 0 : strange->second);
  }
}

AuditCount KeptDays::count_of(const std::string& key) const {
  std::vector<std::int64_t> kept;
  AuditCount count = count_kept(key, kept);
  std::optional<Block> run;
  const auto end_run = [&] {
    if (run) add(count, count_resource(db_, key, *run));
    run.reset();
  };
  for (const auto& day : days_) {
    const auto number = floor_day(day.moments.from->microseconds);
    const bool is_kept = std::binary_search(kept.begin(), kept.end(), number);
    if (is_kept || (run && run->moments.to != day.moments.from)) end_run();
    if (is_kept || day.most_left == 0) continue;
    if (!run) run = Block{.moments = {day.moments.from, {}}, .first = day.first, .last = day.last};
    run->moments.to = day.moments.to;
    run->first = std::min(run->first, day.first);
    run->last = std::max(run->last, day.last);
  }
  end_run();
  return count;
}

/// `kept`: the days that did.
AuditCount KeptDays::count_kept(const std::string& key, std::vector<std::int64_t>& kept) const {
  static const Query kept_query =
      select(number("k.day", "k.succeeded", "k.failed"),
             "from audit_rolled r cross join audit_keys k where r.state = 2 and r.day >= ? and "
             "r.day < ? and k.kind = ? and k.day = r.day and k.key = ?");
  AuditCount count;
  for (Cursor cursor = db_.select(kept_query, {parts_.kept->first, parts_.kept->end,
                                               static_cast<int>(FigureKind::resource), key});
       cursor.next();) {
    Row row = cursor.row();
    kept.push_back(row.number());
    add(count, read_count(row));
  }
  std::sort(kept.begin(), kept.end());
  return count;
}

} // namespace baluhost::sql
