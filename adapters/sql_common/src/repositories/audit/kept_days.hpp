#pragma once

#include "repositories/audit/busiest_resources.hpp"
#include "repositories/audit/days.hpp"
#include "repositories/audit/remembered_lists.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace baluhost::sql {

/// The resources of the days of a range that are kept, all days as one block.
class KeptDays {
 public:
  using Totals = std::unordered_map<std::string, std::int64_t>;

  /// Reads which days these are. `parts`, which has some, must outlive it.
  KeptDays(Connection& db, const SpanParts& parts);

  [[nodiscard]] bool empty() const noexcept { return days_.empty(); }
  [[nodiscard]] const RememberedLists::Version& version() const noexcept { return version_; }

  /// Counts their busiest.
  [[nodiscard]] std::shared_ptr<const TopList> busiest() const;

  /// How many events of the days each of `keys` has; none without. `list`: that of the days.
  [[nodiscard]] Totals totals_of(std::vector<std::string_view> keys, const TopList& list) const;

  /// By what is kept, and for days that did not keep it by its events.
  [[nodiscard]] AuditCount count_of(const std::string& key) const;

 private:
  bool find_strangers(TopList& list) const;
  bool find_strangers(const Moments& moments, TopList& list, std::size_t& found) const;
  void read_busiest(TopList& list) const;
  void add_condition(const TopList& list, std::string& sql, Arguments& values) const;
  void add_totals(std::span<const std::string_view> keys, const TopList& list,
                  Totals& totals) const;
  [[nodiscard]] AuditCount count_kept(const std::string& key,
                                      std::vector<std::int64_t>& kept) const;

  Connection& db_;
  const SpanParts& parts_;
  std::vector<Block> days_;
  RememberedLists::Version version_;
  EventId first_, last_; ///< of all days
};

/// Of two keys with so many events, whether the first is the busier, or before the other by name.
[[nodiscard]] inline bool is_busier(std::int64_t total, std::string_view key,
                                    std::int64_t other_total, std::string_view other) noexcept {
  return total != other_total ? total > other_total : key < other;
}

} // namespace baluhost::sql
