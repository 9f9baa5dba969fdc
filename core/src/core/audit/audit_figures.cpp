#include "audit/own_events.hpp"
#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kBusiest = 20;
constexpr std::size_t kMostIntervals = 10'000;
constexpr std::string_view kUtc = "UTC";

Result<TimeZone> find_zone(const TimeZones* zones, const std::optional<std::string>& name) {
  if (!name || *name == kUtc) return TimeZone::utc();
  auto zone = zones ? zones->find(*name) : Result<TimeZone>{Error{.code = Errc::not_found}};
  if (!zone && zone.error().code == Errc::not_found)
    return invalid("is no time zone of the IANA database that this server knows").at("/tz");
  return zone;
}

/// The time of the first event of `filter` in that order.
Result<std::optional<Timestamp>> first_time(const AuditRepository& audit, const AuditFilter& filter,
                                            SortOrder order) {
  BALUHOST_TRY(const auto found, audit.query(filter, order, std::nullopt, 1));
  if (found.empty()) return std::optional<Timestamp>{};
  return std::optional{found.front().timestamp};
}

/// The range that a series covers: without bounds of its own, `asked_from` and that of `filter`,
/// from the oldest event to the present one, or to the newest event. None where there is nothing to
/// cover.
Result<std::optional<std::pair<Timestamp, Timestamp>>> range_of(
    const AuditRepository& audit, const AuditFilter& filter,
    const std::optional<Timestamp>& asked_from, Timestamp now) {
  using Range = std::optional<std::pair<Timestamp, Timestamp>>;
  auto from = asked_from ? asked_from : filter.from;
  auto to = filter.to;
  if (!from) {
    BALUHOST_TRY(from, first_time(audit, filter, SortOrder::ascending));
    if (!from) return Range{};
  }
  if (!to) {
    BALUHOST_TRY(const auto newest, first_time(audit, filter, SortOrder::descending));
    to = std::max(now, newest.value_or(now)) + std::chrono::microseconds{1};
  }
  return Range{{*from, *to}};
}

/// All intervals that were asked for: those before the caller's own events begin are empty.
Result<std::vector<IntervalCounts>> make_series(const AuditRepository& audit,
                                                const AuditFilter& filter,
                                                const FiguresRequest& request, const TimeZone& zone,
                                                Timestamp now) {
  std::vector<IntervalCounts> series;
  BALUHOST_TRY(const auto range, range_of(audit, filter, request.from, now));
  if (!range) return series;
  auto bounds =
      interval_bounds(zone, *request.interval, range->first, range->second, kMostIntervals);
  if (!bounds) return std::move(bounds).error().at("/interval");
  std::size_t empty = 0;
  while (filter.from && empty + 2 < bounds->size() && (*bounds)[empty + 1] <= *filter.from) ++empty;
  BALUHOST_TRY(auto counts, audit.series(filter, std::span{*bounds}.subspan(empty)));
  counts.insert(counts.begin(), empty, CountsByType{});
  for (std::size_t i = 0; i < counts.size(); ++i)
    series.push_back({.start = (*bounds)[i], .by_event_type = std::move(counts[i])});
  return series;
}

} // namespace

Result<AuditStatistics> AuditQueries::statistics(const Principal& principal,
                                                 const std::optional<Timestamp>& from,
                                                 const std::optional<Timestamp>& to,
                                                 std::optional<std::string> user) {
  normalise_name(user);
  BALUHOST_CHECK(limit_to_own(deps_.audit_log, principal, "/api/v1/audit/stats",
                              Operation::read_statistics, user));
  return baluhost::query(deps_.database, [&](ReadTransaction& tx) -> Result<AuditStatistics> {
    BALUHOST_TRY(const auto own, own_events(tx, principal));
    AuditFilter filter{.from = from};
    narrow(filter, own);
    return tx.audit().statistics(filter.from, to, user, filter.account_since);
  });
}

Result<AuditFigures> AuditQueries::figures(const Principal& principal,
                                           const FiguresRequest& request) {
  auto user = request.user;
  normalise_name(user);
  BALUHOST_CHECK(limit_to_own(deps_.audit_log, principal, "/api/v1/audit/stats",
                              Operation::read_statistics, user));
  BALUHOST_TRY(const auto zone, find_zone(deps_.time_zones, request.time_zone));
  const auto now = deps_.clock.now();
  return baluhost::query(deps_.database, [&](ReadTransaction& tx) -> Result<AuditFigures> {
    BALUHOST_TRY(const auto own, own_events(tx, principal));
    AuditFilter filter{.user = user, .from = request.from, .to = request.to};
    narrow(filter, own);
    const auto& audit = tx.audit();
    AuditFigures figures;
    if (request.interval) {
      BALUHOST_TRY(figures.series, make_series(audit, filter, request, zone, now));
    }
    BALUHOST_TRY(figures.statistics,
                 audit.statistics(filter.from, filter.to, filter.user, filter.account_since));
    BALUHOST_TRY(figures.busiest, audit.busiest(filter, kBusiest));
    return figures;
  });
}

} // namespace baluhost
