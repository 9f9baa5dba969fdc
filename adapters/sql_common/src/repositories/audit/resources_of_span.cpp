#include "repositories/audit/resources_of_span.hpp"

#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "repositories/audit/kept_days.hpp"

#include <algorithm>
#include <span>

// All kept days of the range are one block, whose busiest are counted once: their events do not
// change as long as the days stay kept. What is left of the range is counted in full. Who is in
// neither comes after all of the list, and so is not among the busiest. Who is in the rest alone
// has at most what the list says of others on top; those for whom that is enough are counted.
namespace baluhost::sql {
namespace {

/// The rest of a range may be about as many resources.
constexpr std::size_t kMostOfRest = 500'000;
constexpr std::size_t kMostBytesOfRest = std::size_t{64} << 20;
constexpr std::size_t kCountedAtOnce = 512;

struct Found {
  const std::string* key;
  std::int64_t total;
};

bool precedes(const Found& a, const Found& b) {
  return is_busier(a.total, *a.key, b.total, *b.key);
}

class Span {
  using KeyCount = BusiestCounts::value_type;

 public:
  Span(Connection& db, const SpanParts& parts, std::size_t limit)
      : db_(db), parts_(parts), limit_(limit), days_(db, parts) {}

  std::optional<BusiestCounts> find(MissingList missing) {
    if (days_.empty()) return std::nullopt;
    if (db_.remembered) list_ = db_.remembered->find(days_.version());
    if (!list_ && missing == MissingList::skip) return std::nullopt;
    if (!count_rest()) return std::nullopt;
    if (!list_) {
      list_ = days_.busiest();
      if (db_.remembered) db_.remembered->keep(days_.version(), list_);
    }
    return find_in_list();
  }

 private:
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
        add_all(KeptDays::Totals{});
      } else {
        std::vector<std::string_view> keys;
        for (const auto* of : open.first(std::min(open.size(), kCountedAtOnce)))
          keys.push_back(of->first);
        add_all(days_.totals_of(std::move(keys), *list_));
      }
    }
  }

  AuditCount count_of(const std::string& key) {
    auto in_days = list_->count_of(key);
    if (!in_days) {
      in_days = days_.count_of(key);
      list_->note_count(key, *in_days);
    }
    const auto rest =
        std::lower_bound(rest_.begin(), rest_.end(), key,
                         [](const auto& of, const auto& to) { return of.first < to; });
    if (rest != rest_.end() && rest->first == key) add(*in_days, rest->second);
    return *in_days;
  }

  Connection& db_;
  const SpanParts& parts_;
  const std::size_t limit_;
  const KeptDays days_;
  std::shared_ptr<const TopList> list_;
  BusiestCounts rest_; ///< of what is no kept day, by key
};

} // namespace

std::optional<BusiestCounts> resources_of_span(Connection& db, const SpanParts& parts,
                                               std::size_t limit, MissingList missing) {
  return Span(db, parts, limit).find(missing);
}

} // namespace baluhost::sql
