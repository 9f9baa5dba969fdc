#include "repositories/audit/busiest_resources.hpp"

#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "long_resources.hpp"
#include "repositories/audit/day_count.hpp"
#include "repositories/audit/resources_of_span.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

// Each block, a day that is kept or a part of the range that is counted now, has the counts of its
// busiest resources, and the most that any other has there. So whoever is seen in some blocks has
// at least those counts, and at most what is left in the others on top; whoever is seen in none has
// at most the sum of what is left. Those who may be among the busiest are counted in the blocks
// where they were not seen; that is few events, and an index has them.
namespace baluhost::sql {
namespace {

/// As many resources are counted one by one, at most, and as many parts of the range for them.
constexpr std::size_t kMostCandidates = 200;
constexpr std::size_t kMostCounts = 2000;

struct Candidate {
  AuditCount seen;
  std::int64_t left{};             ///< the sum of what is left in blocks where it was seen
  std::vector<std::size_t> blocks; ///< where it was seen, in their order
};

using Candidates = std::unordered_map<std::string, Candidate>;

class Resources {
 public:
  Resources(Connection& db, const SpanParts& parts, std::size_t limit)
      : db_(db), parts_(parts), limit_(limit) {}

  std::optional<BusiestCounts> find() {
    read_days();
    for (const auto& moments : parts_.events) count_part(moments);
    for (const auto& block : blocks_) left_ += block.most_left;
    const auto least = least_of_busiest();
    // Who was never seen may not be among them, and not even be their equal.
    if (left_ > 0 && left_ >= least) return std::nullopt;
    BusiestCounts found;
    for (auto& [key, candidate] : candidates_) {
      const auto missing = left_ - candidate.left;
      if (total_of(candidate.seen) + missing < least) continue;
      if (missing > 0 && !complete(key, candidate)) return std::nullopt;
      found.emplace_back(key, candidate.seen);
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      const auto of_a = total_of(a.second), of_b = total_of(b.second);
      return of_a != of_b ? of_a > of_b : a.first < b.first;
    });
    if (found.size() > limit_) found.resize(limit_);
    return found;
  }

 private:
  void see(const std::string& key, const AuditCount& count, std::size_t block) {
    auto& candidate = candidates_[key];
    add(candidate.seen, count);
    candidate.left += blocks_[block].most_left;
    candidate.blocks.push_back(block);
  }

  void read_days() {
    static const Query days = select(number("day", "first_id", "last_id", "most_left"),
                                     "from audit_rolled where state = 2 and day >= ? and day < ? "
                                     "order by day");
    std::unordered_map<std::int64_t, std::size_t> block_of;
    for (Cursor cursor = db_.select(days, {parts_.kept->first, parts_.kept->end}); cursor.next();) {
      Row row = cursor.row();
      const std::int64_t day = row.number();
      Block block{.moments = {Timestamp{first_moment(day)}, Timestamp{first_moment(day + 1)}}};
      block.first = EventId{row.number()};
      block.last = EventId{row.number()};
      block.most_left = row.number();
      block_of[day] = blocks_.size();
      blocks_.push_back(block);
    }
    static const Query keys =
        select(number("k.day") + text("k.key") + number("k.succeeded", "k.failed"),
               std::string{kFromKeptKeys} + " order by k.day");
    for (Cursor cursor = db_.select(
             keys, {static_cast<int>(FigureKind::resource), parts_.kept->first, parts_.kept->end});
         cursor.next();) {
      Row row = cursor.row();
      const std::int64_t day = row.number();
      const std::string& key = row.text();
      see(key, read_count(row), block_of.at(day));
    }
  }

  void count_part(const Moments& moments) {
    std::string sql = "from audit_logs a where a.resource is not null";
    Arguments values;
    within(moments, sql, values);
    values.emplace_back(sql_limit(kKeptResources + 1));
    const auto block = blocks_.size();
    blocks_.push_back({.moments = moments});
    std::vector<std::pair<std::string, AuditCount>> seen;
    Cursor cursor = db_.select(select(text(as_group("a.resource")) + kCounts,
                                      sql + " group by 1 order by count(*) desc, 1 limit ?"),
                               values);
    while (cursor.next()) {
      Row row = cursor.row();
      const std::string key = row.text();
      seen.emplace_back(key, read_count(row));
    }
    if (seen.size() > kKeptResources) {
      blocks_[block].most_left = total_of(seen.back().second);
      seen.pop_back();
      note_ids(blocks_[block]);
    }
    for (const auto& [key, count] : seen) see(key, count, block);
  }

  void note_ids(Block& block) {
    std::string sql = "from audit_logs a where true";
    Arguments values;
    within(block.moments, sql, values);
    const auto ids = number("coalesce(min(a.id), 0)", "coalesce(max(a.id), 0)");
    Cursor cursor = db_.select(select(ids, sql), values);
    if (!cursor.next()) return;
    Row row = cursor.row();
    block.first = EventId{row.number()};
    block.last = EventId{row.number()};
  }

  /// What the last of the busiest has at least; 0 where there are fewer.
  std::int64_t least_of_busiest() const {
    std::vector<std::int64_t> totals;
    totals.reserve(candidates_.size());
    for (const auto& [key, candidate] : candidates_) totals.push_back(total_of(candidate.seen));
    if (totals.size() < limit_) return 0;
    const auto last = totals.begin() + static_cast<std::ptrdiff_t>(limit_) - 1;
    std::nth_element(totals.begin(), last, totals.end(), std::greater<>{});
    return *last;
  }

  /// Counts the events of `key` in blocks where it was not seen, those that follow each other at
  /// once. False: that is too much.
  bool complete(const std::string& key, Candidate& candidate) {
    if (++completed_ > kMostCandidates) return false;
    auto seen = candidate.blocks.begin();
    std::optional<Block> run;
    for (std::size_t i = 0; i <= blocks_.size(); ++i) {
      const bool is_seen = i == blocks_.size() || (seen != candidate.blocks.end() && *seen == i);
      if (seen != candidate.blocks.end() && *seen == i) ++seen;
      const bool follows = run && !is_seen && run->moments.to == blocks_[i].moments.from;
      if (run && !follows) {
        if (++counts_ > kMostCounts) return false;
        add(candidate.seen, count_resource(db_, key, *run));
        run.reset();
      }
      if (is_seen || blocks_[i].most_left == 0) continue;
      if (!run) {
        run = blocks_[i];
      } else {
        run->moments.to = blocks_[i].moments.to;
        run->first = std::min(run->first, blocks_[i].first);
        run->last = std::max(run->last, blocks_[i].last);
      }
    }
    return true;
  }

  Connection& db_;
  const SpanParts& parts_;
  const std::size_t limit_;
  std::vector<Block> blocks_;
  std::int64_t left_{0}; ///< what is left in all blocks
  Candidates candidates_;
  std::size_t completed_{0};
  std::size_t counts_{0};
};

} // namespace

AuditCount count_resource(Connection& db, const std::string& resource, const Block& block) {
  std::string sql = "from audit_logs a where a.resource = ? and a.id >= ? and a.id <= ?" +
                    in_its_index(resource, db.dialect());
  Arguments values{resource, block.first, block.last};
  within(block.moments, sql, values);
  const auto columns = number("coalesce(sum(case when a.success then 1 else 0 end), 0)",
                              "coalesce(sum(case when a.success then 0 else 1 end), 0)");
  Cursor cursor = db.select(select(columns, sql), values);
  if (!cursor.next()) return {};
  Row row = cursor.row();
  return read_count(row);
}

std::optional<BusiestCounts> busiest_resources(Connection& db, const SpanParts& parts,
                                               std::size_t limit) {
  if (limit == 0 || limit > kKeptResources) return std::nullopt;
  if (auto found = resources_of_span(db, parts, limit, MissingList::skip)) return found;
  if (auto found = Resources(db, parts, limit).find()) return found;
  return resources_of_span(db, parts, limit, MissingList::make);
}

} // namespace baluhost::sql
