#include "repositories/audit/resources_of_span.hpp"

#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "repositories/audit/busiest_resources.hpp"
#include "repositories/audit/remembered_lists.hpp"

#include <algorithm>
#include <span>

// All kept days of the range are one block, whose busiest are counted once: their events do not
// change as long as the days stay kept. What is left of the range is counted in full. Who is in
// neither comes after all of the list, and so is not among the busiest. Who is in the rest alone
// has at most what the list says of others on top; those for whom that is enough are counted.
namespace baluhost::sql {
namespace {

constexpr std::size_t kListed = 16'384;
constexpr std::size_t kMostBytesListed = std::size_t{4} << 20;
/// The rest of a range may be about as many resources.
constexpr std::size_t kMostOfRest = 500'000;
constexpr std::size_t kMostBytesOfRest = std::size_t{64} << 20;
constexpr std::size_t kMostStrangers = 10'000;
constexpr std::size_t kCountedAtOnce = 512;
/// What an index of PostgreSQL holds.
constexpr std::size_t kLongestKey = 2600;

struct Found {
  const std::string* key;
  std::int64_t total;
};

bool precedes(const Found& a, const Found& b) {
  return a.total != b.total ? a.total > b.total : *a.key < *b.key;
}

class Span {
  using KeyCount = BusiestCounts::value_type;
  using Totals = std::unordered_map<std::string, std::int64_t>;

 public:
  Span(Connection& db, const Parts& parts, std::size_t limit)
      : db_(db), parts_(parts), limit_(limit) {}

  std::optional<BusiestCounts> find(bool may_be_made) {
    read_days();
    if (days_.empty()) return std::nullopt;
    if (db_.remembered) list_ = db_.remembered->find(version_);
    if (!list_ && !may_be_made) return std::nullopt;
    if (!count_rest()) return std::nullopt;
    if (!list_) {
      list_ = make_list();
      if (db_.remembered) db_.remembered->keep(version_, list_);
    }
    return find_in_list();
  }

 private:
  void read_days() {
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

  bool count_rest() {
    if (parts_.events.empty()) return true;
    std::string sql;
    Arguments values;
    for (const auto& moments : parts_.events) {
      sql += sql.empty() ? "from (" : " union all ";
      sql += "select " + as_group("a.resource") +
             " as key, case when a.success then 1 else 0 end as succeeded, case when a.success "
             "then 0 else 1 end as failed from audit_logs a where a.resource is not null";
      within(moments, sql, values);
    }
    values.emplace_back(sql_limit(kMostOfRest + 1));
    const auto columns =
        text("key") + number("cast(sum(succeeded) as bigint)", "cast(sum(failed) as bigint)");
    std::size_t bytes = 0;
    for (Cursor cursor = db_.select(select(columns, sql + ") u group by key limit ?"), values);
         cursor.next();) {
      Row row = cursor.row();
      std::string key = row.text();
      bytes += sizeof(KeyCount) + key.size();
      if (rest_.size() == kMostOfRest || bytes > kMostBytesOfRest) return false;
      rest_.emplace_back(std::move(key), read_count(row));
    }
    const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
    if (!std::is_sorted(rest_.begin(), rest_.end(), by_key))
      std::sort(rest_.begin(), rest_.end(), by_key);
    return true;
  }

  /// A condition on `audit_logs a`: of a kept day.
  void of_kept_days(std::string& sql, Arguments& values) const {
    sql += " and a.timestamp >= ? and a.timestamp < ?";
    values.emplace_back(first_moment(parts_.kept->first));
    values.emplace_back(first_moment(parts_.kept->end));
    for (const auto& loose : parts_.loose) {
      sql += " and not (a.timestamp >= ? and a.timestamp < ?)";
      values.emplace_back(first_moment(loose.first));
      values.emplace_back(first_moment(loose.end));
    }
  }

  std::shared_ptr<const TopList> make_list() {
    auto list = std::make_shared<TopList>();
    list->is_by_ids = db_.dialect().has_ids_in_indexes() && find_strangers(*list);
    std::string sql = "from audit_logs a where a.resource is not null";
    Arguments values;
    if (list->is_by_ids) {
      sql += " and a.id + 0 >= ? and a.id + 0 <= ? group by a.resource";
      values = {first_, last_};
    } else {
      of_kept_days(sql, values);
      sql += " group by 1";
    }
    values.emplace_back(sql_limit(kListed + 1));
    const auto key = list->is_by_ids ? "a.resource" : as_group("a.resource");
    std::size_t bytes = 0;
    for (Cursor cursor = db_.select(
             select(text(key) + number("count(*)"), sql + " order by count(*) desc, 1 limit ?"),
             values);
         cursor.next();) {
      Row row = cursor.row();
      std::string resource = row.text();
      const std::int64_t total = row.number();
      bytes += resource.size();
      if (list->keys.size() == kListed || bytes > kMostBytesListed) {
        list->most_left = total;
        break;
      }
      list->keys.emplace_back(std::move(resource), total);
    }
    if (!list->strangers.empty()) leave_strangers(*list);
    std::sort(list->keys.begin(), list->keys.end());
    return list;
  }

  /// Takes strangers out of a list by events; who then may come after others leaves it.
  static void leave_strangers(TopList& list) {
    const auto last = list.keys.empty() ? KeyTotals::value_type{} : list.keys.back();
    const bool has_others = list.most_left > 0;
    for (auto& [key, total] : list.keys)
      if (const auto strange = list.strangers.find(key); strange != list.strangers.end())
        total -= strange->second;
    std::erase_if(list.keys, [&](const auto& of) {
      if (!list.strangers.contains(of.first)) return false;
      if (!has_others) return of.second == 0;
      if (!precedes({&last.first, last.second}, {&of.first, of.second})) return false;
      list.most_left = std::max(list.most_left, of.second);
      return true;
    });
  }

  /// An index has the ids of all events of a resource. Most often the days have all of those from
  /// their first on; if others are between, they are found by their time. False: too many.
  bool find_strangers(TopList& list) {
    const auto of_days = db_.number(
        std::string{"select cast(sum(k.succeeded + k.failed) as bigint) "} + kFromKeptKeys,
        {static_cast<int>(FigureKind::action), parts_.kept->first, parts_.kept->end});
    if (last_.value - first_.value + 1 == of_days.value_or(0)) return true;
    std::vector<Moments> others{{{}, Timestamp{first_moment(parts_.kept->first)}},
                                {Timestamp{first_moment(parts_.kept->end)}, {}}};
    for (const auto& loose : parts_.loose)
      others.push_back({Timestamp{first_moment(loose.first)}, Timestamp{first_moment(loose.end)}});
    std::size_t found = 0;
    for (const auto& moments : others) {
      std::string sql =
          "from audit_logs a where a.resource is not null and a.id + 0 >= ? and a.id + 0 <= ?";
      Arguments values{first_, last_};
      within(moments, sql, values);
      values.emplace_back(sql_limit(kMostStrangers));
      Cursor cursor = db_.select(select(text("a.resource"), sql + " limit ?"), values);
      while (cursor.next()) {
        Row row = cursor.row();
        ++list.strangers[row.text()];
        if (++found == kMostStrangers) {
          list.strangers.clear();
          return false;
        }
      }
    }
    return true;
  }

  std::optional<BusiestCounts> find_in_list() {
    std::vector<Found> found;
    std::vector<const KeyCount*> others; ///< of the rest
    auto rest = rest_.cbegin();
    for (const auto& [key, count] : list_->keys) {
      for (; rest != rest_.cend() && rest->first < key; ++rest) others.push_back(&*rest);
      const bool is_both = rest != rest_.cend() && rest->first == key;
      found.push_back({&key, count + (is_both ? total_of(rest->second) : 0)});
      if (is_both) ++rest;
    }
    for (; rest != rest_.cend(); ++rest) others.push_back(&*rest);
    keep_busiest(found);
    if (found.size() < limit_ && list_->most_left > 0) return std::nullopt;
    std::vector<const KeyCount*> open;
    for (const auto* other : others) {
      const Found most{&other->first, list_->most_left + total_of(other->second)};
      if (found.size() == limit_ && !precedes(most, found.back())) continue;
      open.push_back(other);
    }
    count_open(open, found);
    keep_busiest(found);
    BusiestCounts busiest;
    for (const auto& [key, total] : found) busiest.emplace_back(*key, count_of(*key));
    return busiest;
  }

  void keep_busiest(std::vector<Found>& found) const {
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(limit_, found.size()));
    std::partial_sort(found.begin(), end, found.end(), precedes);
    found.erase(end, found.end());
  }

  /// Adds those of the rest that the list does not have, with what days have of them.
  void count_open(std::span<const KeyCount* const> open, std::vector<Found>& found) {
    const auto add_all = [&](const auto& in_days) {
      for (const auto* of : open.first(std::min(open.size(), kCountedAtOnce))) {
        const auto in_day = in_days.find(of->first);
        found.push_back(
            {&of->first, total_of(of->second) + (in_day == in_days.end() ? 0 : in_day->second)});
      }
    };
    for (; !open.empty(); open = open.subspan(std::min(open.size(), kCountedAtOnce))) {
      if (list_->most_left == 0) {
        add_all(Totals{});
      } else {
        std::vector<std::string_view> keys;
        for (const auto* of : open.first(std::min(open.size(), kCountedAtOnce)))
          keys.push_back(of->first);
        add_all(totals_in_days(std::move(keys)));
      }
    }
  }

  Totals totals_in_days(std::vector<std::string_view> keys) {
    Totals totals;
    if (!db_.dialect().has_long_resources()) {
      add_totals(keys, "", totals);
    } else {
      const auto long_ones = std::partition(keys.begin(), keys.end(),
                                            [](auto key) { return key.size() <= kLongestKey; });
      add_totals({keys.begin(), long_ones}, " and octet_length(a.resource) <= 2600", totals);
      add_totals({long_ones, keys.end()}, " and octet_length(a.resource) > 2600", totals);
    }
    return totals;
  }

  void add_totals(std::span<const std::string_view> keys, std::string_view condition,
                  Totals& totals) {
    if (keys.empty()) return;
    const ValueList<std::string_view> list(keys);
    std::string sql = concat("from audit_logs a where a.resource in (", list.sql, ")", condition);
    Arguments values = list.arguments;
    if (list_->is_by_ids) {
      sql += " and a.id >= ? and a.id <= ?";
      values.insert(values.end(), {Argument{first_}, Argument{last_}});
    } else {
      of_kept_days(sql, values);
    }
    Cursor cursor = db_.select(
        select(text("a.resource") + number("count(*)"), sql + " group by a.resource"), values);
    while (cursor.next()) {
      Row row = cursor.row();
      const std::string key = row.text();
      const auto strange = list_->strangers.find(key);
      totals[key] = row.number() - (strange == list_->strangers.end() ? 0 : strange->second);
    }
  }

  AuditCount count_of(const std::string& key) {
    auto in_days = list_->count_of(key);
    if (!in_days) {
      in_days = count_in_days(key);
      list_->note_count(key, *in_days);
    }
    const auto rest =
        std::lower_bound(rest_.begin(), rest_.end(), key,
                         [](const auto& of, const auto& to) { return of.first < to; });
    if (rest != rest_.end() && rest->first == key) add(*in_days, rest->second);
    return *in_days;
  }

  /// By what is kept, and for days that did not keep it by its events.
  AuditCount count_in_days(const std::string& key) {
    static const Query kept_query =
        select(number("k.day", "k.succeeded", "k.failed"),
               "from audit_rolled r cross join audit_keys k where r.state = 2 and r.day >= ? and "
               "r.day < ? and k.kind = ? and k.day = r.day and k.key = ?");
    AuditCount count;
    std::vector<std::int64_t> kept;
    for (Cursor cursor = db_.select(kept_query, {parts_.kept->first, parts_.kept->end,
                                                 static_cast<int>(FigureKind::resource), key});
         cursor.next();) {
      Row row = cursor.row();
      kept.push_back(row.number());
      add(count, read_count(row));
    }
    std::sort(kept.begin(), kept.end());
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
      if (!run)
        run = Block{.moments = {day.moments.from, {}}, .first = day.first, .last = day.last};
      run->moments.to = day.moments.to;
      run->first = std::min(run->first, day.first);
      run->last = std::max(run->last, day.last);
    }
    end_run();
    return count;
  }

  Connection& db_;
  const Parts& parts_;
  const std::size_t limit_;
  std::vector<Block> days_;
  RememberedLists::Version version_;
  EventId first_, last_; ///< of all days
  std::shared_ptr<const TopList> list_;
  BusiestCounts rest_; ///< of what is no kept day, by key
};

} // namespace

std::optional<BusiestCounts> resources_of_span(Connection& db, const Parts& parts,
                                               std::size_t limit, bool may_be_made) {
  return Span(db, parts, limit).find(may_be_made);
}

} // namespace baluhost::sql
