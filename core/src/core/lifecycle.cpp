#include "baluhost/core/lifecycle.hpp"

#include "former_account.hpp"

#include <algorithm>
#include <utility>
#include <vector>

// A transfer's row is exchanged for its event in one transaction, so that of two servers that find the same dead one only one writes it. Events
// get the time at which they are written: what is older than the start of a recovery was written by the dead, and only that is sealed as recovered.
namespace baluhost {
namespace {

constexpr std::size_t kBatch = 500;
constexpr std::chrono::microseconds kSilence = std::chrono::minutes{1};
/// The living seal within seconds; the last event of one that is found dead is almost a silence old.
constexpr std::chrono::microseconds kSealedByTheLiving = std::chrono::seconds{30};

} // namespace

struct Lifecycle::Recovered {
  std::int64_t instances{};
  std::int64_t downloads{};
};

Lifecycle::Lifecycle(Database& database, AuditTrail& audit, Sealer& sealer, const Clock& clock, InstanceId id)
    : database_(database), audit_(audit), sealer_(sealer), clock_(clock), id_(std::move(id)), started_at_(clock.now()) {}

Result<void> Lifecycle::started(bool alone, std::string_view version) {
  started_at_ = clock_.now();
  // What this process wrote before is sealed from memory, not as recovered.
  BALUHOST_CHECK(sealer_.seal_now());
  const auto older_than = alone ? clock_.now() : clock_.now() - kSealedByTheLiving;
  BALUHOST_TRY(const auto dead, end_dead_instances(alone));
  BALUHOST_CHECK(seal_what_they_left(dead, older_than));
  return database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.transfers().put_instance({id_, started_at_, clock_.now()}));
    return AuditEvents{with_details(audit_.draft(Action::server_started), JsonObject{}.add("version", version))};
  });
}

Result<void> Lifecycle::heartbeat() {
  BALUHOST_CHECK(database_.bookkeep([&](Bookkeeping& books) -> Result<void> {
    return books.transfers().put_instance({id_, started_at_, clock_.now()});
  }));
  const auto older_than = clock_.now() - kSealedByTheLiving;
  BALUHOST_TRY(const auto dead, end_dead_instances(false));
  // Only a death explains unsealed events. Sealing them without one would bless what somebody slipped in behind the servers' backs.
  return dead.instances > 0 ? seal_what_they_left(dead, older_than) : Result<void>{};
}

Result<bool> Lifecycle::leads() {
  std::vector<Instance> instances;
  BALUHOST_CHECK(database_.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(instances, tx.transfers().instances());
    return {};
  }));
  const auto silent_since = clock_.now() - kSilence;
  return std::ranges::none_of(instances, [&](const Instance& other) {
    if (other.id == id_ || other.seen_at <= silent_since) return false;
    return other.started_at < started_at_ || (other.started_at == started_at_ && other.id.value < id_.value);
  });
}

Result<void> Lifecycle::stopped() {
  BALUHOST_TRY(const auto interrupted, end_transfers_of(id_));
  BALUHOST_CHECK(database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.transfers().remove_instance(id_));
    JsonObject details;
    details.add("uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - started_at_).count());
    if (interrupted > 0) details.add("interrupted_downloads", interrupted);
    return AuditEvents{with_details(audit_.draft(Action::server_stopped), details)};
  }));
  return sealer_.seal_now();
}

Result<void> Lifecycle::seal_what_they_left(const Recovered& dead, Timestamp older_than) {
  BALUHOST_TRY(const auto events, sealer_.recover(older_than));
  if (dead.instances == 0 && events == 0) return {};
  JsonObject details;
  details.add("interrupted_downloads", dead.downloads).add("recovered_events", events);
  return audit_.record(with_details(audit_.draft(Action::recovery_completed), details));
}

Result<Lifecycle::Recovered> Lifecycle::end_dead_instances(bool alone) {
  std::vector<Instance> instances;
  BALUHOST_CHECK(database_.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(instances, tx.transfers().instances());
    return {};
  }));
  Recovered recovered;
  const auto silent_since = clock_.now() - kSilence;
  for (const auto& instance : instances) {
    if (instance.id == id_ || (!alone && instance.seen_at > silent_since)) continue;
    BALUHOST_TRY(const auto downloads, end_transfers_of(instance.id));
    // A transfer that began meanwhile is left for the next time, with its instance.
    BALUHOST_CHECK(database_.bookkeep([&](Bookkeeping& books) -> Result<void> {
      BALUHOST_TRY(const auto late, books.transfers().of_instance(instance.id, 1));
      if (!late.empty()) return {};
      return books.transfers().remove_instance(instance.id);
    }));
    ++recovered.instances;
    recovered.downloads += downloads;
  }
  return recovered;
}

/// Exchanges the transfers of a dead instance for their events; gives how many.
Result<std::int64_t> Lifecycle::end_transfers_of(const InstanceId& instance) {
  std::int64_t ended = 0;
  for (;;) {
    std::vector<Transfer> transfers;
    BALUHOST_CHECK(database_.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(transfers, tx.transfers().of_instance(instance, kBatch));
      return {};
    }));
    if (transfers.empty()) return ended;
    std::int64_t exchanged = 0;
    bool none_left = false;
    auto written = database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      std::vector<NewAuditEvent> events;
      for (const auto& transfer : transfers) {
        auto end = tx.transfers().end(transfer.id);
        if (!end && end.error().code == Errc::not_found) continue; // another server was faster
        BALUHOST_CHECK(std::move(end));
        events.push_back(transfer.interrupted);
        events.back().timestamp = clock_.now();
      }
      exchanged = static_cast<std::int64_t>(events.size());
      none_left = events.empty();
      if (none_left) return Error{Errc::not_found, "all transfers are ended already"};
      BALUHOST_CHECK(mark_former_accounts(tx, events));
      auto last = std::move(events.back());
      events.pop_back();
      return AuditEvents{std::move(last), std::move(events)};
    });
    if (!none_left) BALUHOST_CHECK(std::move(written));
    ended += exchanged;
  }
}

} // namespace baluhost
