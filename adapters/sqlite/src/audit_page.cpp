#include "dialect.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/events.hpp"

#include <algorithm>
#include <array>
#include <limits>

/// SQLite has no statistics of values here and would guess, so the index is named. The composite
/// indexes give events in the order of time and id. `action` and `resource` lead indexes of their
/// own, which give them in the order of ids; ids and times are nearly in the same order, and
/// `audit_order` says how nearly: no event is older than one with a smaller id by more than
/// `disorder`. So the first events by id, and those that lie within the disorder of the last of
/// them, hold the first events by time, whether the value is in ten rows or in ten million. A count
/// that stops early finds the values that are rare enough to be sorted. A prefix has the ids of
/// each of its values in order, not those of all of them: its ids are sorted, which needs the index
/// alone; where they are too many, the nearest events hold its page, unless all of them are long
/// ago.
namespace baluhost::sqlite {
namespace {

using sql::Argument;
using sql::Arguments;
using sql::AuditConditions;

constexpr std::int64_t kRare = 2000;
constexpr std::int64_t kSortedAtOnce = 50'000;
constexpr std::int64_t kNear = 20'000;
constexpr std::int64_t kIdsAtOnce = 500;
constexpr std::int64_t kUnknownDisorder = std::int64_t{1} << 60;
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

/// The order in which an index returns its rows.
enum class IndexOrder { none, by_time_and_id, by_id };

struct Candidate {
  std::string_view index;
  IndexOrder order;
  std::string condition;
  Arguments values;
};

class Page {
 public:
  Page(sql::Connection& db, const AuditFilter& filter, SortOrder order,
       const std::optional<EventPosition>& after, std::size_t limit)
      : db_(db),
        filter_(filter),
        descending_(order == SortOrder::descending),
        after_(after),
        limit_(limit),
        conditions_(sql::conditions_of(filter, order, after, prefix_end_)) {}

  std::vector<AuditEvent> read() {
    const auto candidates = candidates_of_filter();
    if (candidates.empty()) return by_time("audit_logs_timestamp");
    if (candidates.size() == 1 && candidates.front().order == IndexOrder::by_time_and_id)
      return by_time(candidates.front().index);
    const Candidate* rarest = nullptr;
    std::int64_t fewest = kRare + 1;
    for (const auto& candidate : candidates) {
      const std::int64_t count = count_up_to(candidate, fewest);
      if (count < fewest) {
        fewest = count;
        rarest = &candidate;
      }
    }
    if (rarest != nullptr) return by_time(rarest->index);
    if (candidates.size() == 1 && filter_.resource_prefix) return by_prefix(candidates.front());
    for (const auto& candidate : candidates) {
      if (candidate.order != IndexOrder::by_id) continue;
      if (auto page = by_id(candidate)) return *std::move(page);
    }
    const auto ordered = std::find_if(candidates.begin(), candidates.end(), [](const Candidate& c) {
      return c.order == IndexOrder::by_time_and_id;
    });
    return by_time(ordered == candidates.end() ? "audit_logs_timestamp" : ordered->index);
  }

 private:
  std::vector<Candidate> candidates_of_filter() const {
    std::vector<Candidate> found;
    if (filter_.user)
      found.push_back({"audit_logs_user_timestamp",
                       IndexOrder::by_time_and_id,
                       "\"user\" = ?",
                       {*filter_.user}});
    if (filter_.ip_address)
      found.push_back({"audit_logs_ip_address_timestamp",
                       IndexOrder::by_time_and_id,
                       "ip_address = ?",
                       {*filter_.ip_address}});
    if (filter_.success && !*filter_.success)
      found.push_back(
          {"audit_logs_success_timestamp", IndexOrder::by_time_and_id, "success = false", {}});
    if (filter_.type) {
      found.push_back({"audit_logs_event_type_timestamp",
                       IndexOrder::by_time_and_id,
                       "event_type = ?",
                       {to_string(*filter_.type)}});
    }
    if (filter_.success && *filter_.success)
      found.push_back(
          {"audit_logs_success_timestamp", IndexOrder::by_time_and_id, "success = true", {}});
    if (filter_.resource)
      found.push_back(
          {"audit_logs_resource", IndexOrder::by_id, "resource = ?", {*filter_.resource}});
    if (filter_.action)
      found.push_back({"audit_logs_action", IndexOrder::by_id, "action = ?", {*filter_.action}});
    if (filter_.resource_prefix) {
      Candidate prefix{
          "audit_logs_resource", IndexOrder::none, "resource >= ?", {*filter_.resource_prefix}};
      if (prefix_end_) {
        prefix.condition += " and resource < ?";
        prefix.values.emplace_back(*prefix_end_);
      }
      found.push_back(std::move(prefix));
    }
    for (auto& candidate : found)
      if (candidate.order == IndexOrder::by_time_and_id) add_times(candidate);
    return found;
  }

  void add_times(Candidate& candidate) const {
    if (filter_.from) {
      candidate.condition += " and timestamp >= ?";
      candidate.values.emplace_back(*filter_.from);
    }
    if (filter_.to) {
      candidate.condition += " and timestamp < ?";
      candidate.values.emplace_back(*filter_.to);
    }
  }

  std::int64_t count_up_to(const Candidate& candidate, std::int64_t limit) {
    Arguments values = candidate.values;
    values.emplace_back(limit);
    const std::string sql = "select count(*) from (select 1 from audit_logs indexed by " +
                            std::string{candidate.index} + " where " + candidate.condition +
                            " limit ?)";
    return db_.number(sql, values).value_or(0);
  }

  /// The page through `index`, which yields the order itself or few enough rows to sort.
  std::vector<AuditEvent> by_time(std::string_view index) {
    return rows(index, conditions_, time_order());
  }

  /// The page through an index that yields ids in order; none where the disorder is not known.
  std::optional<std::vector<AuditEvent>> by_id(const Candidate& candidate) {
    const std::int64_t disorder =
        db_.number("select disorder from audit_order").value_or(kUnknownDisorder);
    if (disorder >= kUnknownDisorder) return std::nullopt;

    // One bound on the id from either side: of two, SQLite would walk the index from the wider.
    auto [lower, upper] = bounds(disorder);
    const auto between_ids = [&, &after = lower, &before = upper](AuditConditions conditions) {
      conditions.add("a.id > ? and a.id < ?", {after, before});
      return conditions;
    };
    auto page = rows(candidate.index, between_ids(conditions_), descending_ ? "a.id desc" : "a.id");

    if (page.size() == limit_) {
      // After the last id there may be events that belong before the last time.
      const auto by_timestamp = [](const AuditEvent& a, const AuditEvent& b) {
        return a.timestamp < b.timestamp;
      };
      AuditConditions rest = conditions_;
      if (descending_) {
        const Timestamp time = std::min_element(page.begin(), page.end(), by_timestamp)->timestamp;
        upper = page.back().id.value;
        lower = std::max(lower, last_id_before(time.microseconds - disorder));
        rest.add("+a.timestamp >= ?", {time});
      } else {
        const Timestamp time = std::max_element(page.begin(), page.end(), by_timestamp)->timestamp;
        lower = page.back().id.value;
        upper = std::min(upper, first_id_after(time.microseconds + disorder));
        rest.add("+a.timestamp <= ?", {time});
      }
      auto late = rows(candidate.index, between_ids(std::move(rest)), time_order());
      std::move(late.begin(), late.end(), std::back_inserter(page));
    }
    sort(page);
    return page;
  }

  std::vector<AuditEvent> by_prefix(const Candidate& candidate) {
    const bool is_frequent = count_up_to(candidate, kSortedAtOnce) == kSortedAtOnce;
    if (auto page = is_frequent ? among_the_nearest() : std::nullopt) return *std::move(page);
    const std::int64_t disorder =
        db_.number("select disorder from audit_order").value_or(kUnknownDisorder);
    if (disorder < kUnknownDisorder) return by_sorted_ids(candidate, disorder);
    return by_time(is_frequent ? "audit_logs_timestamp" : candidate.index);
  }

  /// The page if the nearest events hold it.
  std::optional<std::vector<AuditEvent>> among_the_nearest() {
    std::optional<std::string> prefix_end; // its own: values of conditions are views
    const AuditFilter times{.from = filter_.from, .to = filter_.to};
    auto range = sql::conditions_of(times, order(), after_, prefix_end);
    range.values.emplace_back(kNear);
    const std::string sql =
        "select a.timestamp from audit_logs a indexed by audit_logs_timestamp where " +
        range.where + " order by " + std::string{time_order()} + " limit 1 offset ?";
    const auto edge = db_.number(sql, range.values);
    if (!edge) return by_time("audit_logs_timestamp");
    AuditFilter near = filter_;
    if (descending_)
      near.from = Timestamp{*edge};
    else
      near.to = Timestamp{*edge + 1};
    auto page = rows("audit_logs_timestamp", sql::conditions_of(near, order(), after_, prefix_end),
                     time_order());
    if (page.size() < limit_) return std::nullopt;
    return page;
  }

  std::vector<AuditEvent> by_sorted_ids(const Candidate& candidate, std::int64_t disorder) {
    const auto ids_query =
        sql::select(sql::number("id"),
                    "from audit_logs indexed by " + std::string{candidate.index} + " where " +
                        candidate.condition + " and id > ? and id < ? order by id" +
                        (descending_ ? " desc" : "") + " limit ?");
    auto [lower, upper] = bounds(disorder);
    std::vector<AuditEvent> page;
    for (bool more = true, full = false; more;) {
      Arguments values = candidate.values;
      for (const std::int64_t value : {lower, upper, kIdsAtOnce}) values.emplace_back(value);
      const auto ids = sql::all(db_.select(ids_query, values), sql::read_number<std::int64_t>);
      more = ids.size() == static_cast<std::size_t>(kIdsAtOnce);
      for (const std::int64_t id : ids) {
        if (id <= lower || id >= upper) return sorted(std::move(page));
        AuditConditions one = conditions_;
        one.add("a.id = ?", {id});
        auto found = rows("", one, "a.id");
        std::move(found.begin(), found.end(), std::back_inserter(page));
        if (full || page.size() < limit_) continue;
        full = true; // what belongs before its last is not far behind
        const auto last = sorted(page).back().timestamp.microseconds;
        if (descending_)
          lower = std::max(lower, last_id_before(last - disorder));
        else
          upper = std::min(upper, first_id_after(last + disorder));
      }
      if (!ids.empty()) (descending_ ? upper : lower) = ids.back();
    }
    return sorted(std::move(page));
  }

  std::vector<AuditEvent> sorted(std::vector<AuditEvent> page) const {
    sort(page);
    return page;
  }
  void sort(std::vector<AuditEvent>& page) const {
    std::sort(page.begin(), page.end(), [&](const AuditEvent& a, const AuditEvent& b) {
      const EventPosition left{a.timestamp, a.id}, right{b.timestamp, b.id};
      return descending_ ? right < left : left < right;
    });
    if (page.size() > limit_)
      page.erase(page.begin() + static_cast<std::ptrdiff_t>(limit_), page.end());
  }

  std::vector<AuditEvent> rows(std::string_view index, const AuditConditions& conditions,
                               std::string_view order) {
    Arguments values = conditions.values;
    values.emplace_back(std::min<std::size_t>(limit_, std::size_t{1} << 31));
    const auto query = sql::select(
        sql::kEventColumns,
        "from audit_logs a " + (index.empty() ? "" : "indexed by " + std::string{index}) +
            " where " + conditions.where + " order by " + std::string{order} + " limit ?");
    return sql::all(db_.select(query, values), sql::read_event);
  }

  SortOrder order() const { return descending_ ? SortOrder::descending : SortOrder::ascending; }
  std::string_view time_order() const {
    return descending_ ? "a.timestamp desc, a.id desc" : "a.timestamp, a.id";
  }

  struct Bounds {
    std::int64_t lower; ///< neither of them belongs to what is between
    std::int64_t upper;
  };
  /// Of the ids that events of the page can have.
  Bounds bounds(std::int64_t disorder) {
    Bounds found{0, kEnd};
    if (const auto lowest = lowest_time()) found.lower = last_id_before(*lowest - disorder);
    if (const auto highest = highest_time()) found.upper = first_id_after(*highest + disorder);
    return found;
  }

  /// The least time, and the greatest, that an event of the page can have.
  std::optional<std::int64_t> lowest_time() const {
    std::optional<std::int64_t> time;
    if (filter_.from) time = filter_.from->microseconds;
    if (after_ && !descending_)
      time =
          std::max(time.value_or(after_->timestamp.microseconds), after_->timestamp.microseconds);
    return time;
  }
  std::optional<std::int64_t> highest_time() const {
    std::optional<std::int64_t> time;
    if (filter_.to) time = filter_.to->microseconds;
    if (after_ && descending_)
      time =
          std::min(time.value_or(after_->timestamp.microseconds), after_->timestamp.microseconds);
    return time;
  }

  /// An id below which, itself included, no event is as young as `time` plus the disorder.
  std::int64_t last_id_before(std::int64_t time) {
    return id_by_time("timestamp < ? order by timestamp desc, id desc", time).value_or(0);
  }
  /// An id above which, itself included, no event is as old as `time` less the disorder.
  std::int64_t first_id_after(std::int64_t time) {
    return id_by_time("timestamp > ? order by timestamp, id", time).value_or(kEnd);
  }
  std::optional<std::int64_t> id_by_time(std::string_view where, std::int64_t time) {
    return db_.number(concat("select id from audit_logs indexed by audit_logs_timestamp where ",
                             where, " limit 1"),
                      {time});
  }

  sql::Connection& db_;
  const AuditFilter& filter_;
  bool descending_;
  const std::optional<EventPosition>& after_;
  std::size_t limit_;
  std::optional<std::string> prefix_end_;
  AuditConditions conditions_;
};

} // namespace

std::vector<AuditEvent> audit_page(sql::Connection& db, const AuditFilter& filter, SortOrder order,
                                   const std::optional<EventPosition>& after, std::size_t limit) {
  return Page(db, filter, order, after, limit).read();
}

} // namespace baluhost::sqlite
