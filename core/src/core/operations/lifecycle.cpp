#include "baluhost/core/operations/lifecycle.hpp"

#include "baluhost/ports/transactions.hpp"
#include "seals/findings.hpp"
#include "transfers/dead_transfers.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

// A transfer is taken off the record in the transaction that writes its event, so that of two
// servers that find the same dead one only one writes it. Events get the time at which they are
// written. An instance goes in the transaction that names it dead or stopped: one that started and
// is neither has lost its record to somebody.
namespace baluhost {
namespace {

constexpr std::chrono::microseconds kSilence = std::chrono::minutes{1};
/// The living seal within seconds; the last event of one that is found dead is almost a silence
/// old.
constexpr std::chrono::microseconds kSealedByTheLiving = std::chrono::seconds{30};

/// Every tag that is there is looked at: not as often as a heartbeat may be.
constexpr std::chrono::microseconds kBetweenRecoveries = std::chrono::seconds{15};

/// Until what was there at a start is old enough, beside other servers, to tell who wrote it.
constexpr std::chrono::microseconds kUntilSecondSearch = std::chrono::minutes{1};
constexpr Timestamp kNever{std::numeric_limits<std::int64_t>::max()};
constexpr std::size_t kMostNames = 1000; ///< of instances, more than ever die at once

/// Whether nobody renewed it for long. A time to come tells no more of it than one long past.
bool is_silent(const Instance& instance, Timestamp now) {
  return instance.seen_at <= now - kSilence || instance.seen_at > now + kSilence;
}

/// Whether a seal failed for what somebody put into the database, and not for want of one.
bool was_altered(const Error& error) {
  return error.code != Errc::unavailable && error.code != Errc::insufficient_storage;
}

} // namespace

struct Lifecycle::Recovered {
  std::vector<DeadTransfers> instances;
  std::vector<InstanceId> lost; ///< whose rows somebody removed
  std::vector<VerifyProblem> findings;
  std::int64_t strange{}; ///< instances that none of our programs put on record
  std::int64_t downloads{};

  /// Of the instances, at most so many as an event holds.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& instance : instances) names.push_back(json_text(instance.instance().value));
    for (const auto& instance : lost) names.push_back(json_text(instance.value));
    names.resize(std::min(names.size(), kMostNames));
    return names;
  }

  /// All that is wrong with them.
  [[nodiscard]] std::vector<VerifyProblem> problems() const {
    std::vector<VerifyProblem> all;
    for (const auto& instance : instances)
      std::ranges::copy(instance.findings(), std::back_inserter(all));
    for (const auto& instance : lost)
      all.push_back({.kind = ProblemKind::event_missing,
                     .detail = "the record of the downloads under way on server " + instance.value +
                               " is gone"});
    std::ranges::copy(findings, std::back_inserter(all));
    if (strange > 0)
      all.push_back({.kind = ProblemKind::row_forged,
                     .detail = std::to_string(strange) +
                               " rows of instances that none of our programs wrote"});
    return all;
  }
};

Lifecycle::Lifecycle(Database& database, AuditLog& audit, Sealer& sealer, SealSigner& signer,
                     TransferJournal& journal, const Clock& clock, InstanceId id)
    : database_(database),
      audit_log_(audit),
      sealer_(sealer),
      signer_(signer),
      journal_(journal),
      clock_(clock),
      id_(std::move(id)),
      started_at_(clock.now()) {
  journal.vouch_by(signer);
}

Result<void> Lifecycle::started(OtherServers others, std::string_view version,
                                const UntaggedRows& untagged) {
  started_at_ = clock_.now();
  // What this process wrote before is sealed from memory, not as recovered.
  if (auto sealed = sealer_.seal_now(); !sealed && !was_altered(sealed.error())) return sealed;
  const auto older_than = others == OtherServers::none ? kNever : clock_.now() - kSealedByTheLiving;
  {
    const std::lock_guard lock(mutex_);
    recovered_at_ = clock_.now();
    if (others == OtherServers::may_run) search_again_at_ = recovered_at_ + kUntilSecondSearch;
  }
  BALUHOST_TRY(auto dead, end_dead_instances(others, untagged.transfers));
  BALUHOST_TRY(dead.lost, query(database_, lost_instances));
  for (const auto& lost : dead.lost) {
    DeadTransfers left(database_, signer_, clock_, lost, untagged.transfers);
    BALUHOST_CHECK(left.name_what_may_be_open());
    std::ranges::copy(left.findings(), std::back_inserter(dead.findings));
  }
  auto recovery = sealer_.recover_and_search(older_than, untagged.events);
  if (!recovery && !was_altered(recovery.error())) return std::move(recovery).error();
  if (!recovery)
    recovery = Recovery{
        .findings = {{.kind = ProblemKind::seal_refused, .detail = recovery.error().detail}}};
  BALUHOST_CHECK(conclude(dead, *recovery));
  return database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(journal_.put_instance(tx.transfers(), started_at_));
    return AuditEvents{
        with_details(audit_log_.draft(Action::server_started),
                     JsonObject{}.add("version", version).add("instance", id_.value))};
  });
}

Result<void> Lifecycle::heartbeat() {
  BALUHOST_CHECK(journal_.renew(started_at_));
  BALUHOST_CHECK(record_findings());
  const auto older_than = clock_.now() - kSealedByTheLiving;
  BALUHOST_TRY(auto dead, end_dead_instances(OtherServers::may_run, Untagged::refuse));
  dead.strange = 0; // told at the start
  const bool searches = is_time_to_search() || !dead.instances.empty();
  if (!searches && !is_time_to_recover()) return {};
  // A tool that was killed is no instance; its events have tags all the same.
  BALUHOST_TRY(const auto recovery,
               searches ? sealer_.recover_and_search(older_than) : sealer_.recover(older_than));
  return conclude(dead, recovery);
}

bool Lifecycle::is_time_to_search() {
  const std::lock_guard lock(mutex_);
  if (!search_again_at_ || clock_.now() < *search_again_at_) return false;
  search_again_at_.reset();
  return true;
}

bool Lifecycle::is_time_to_recover() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  if (now >= recovered_at_ && now - recovered_at_ < kBetweenRecoveries) return false;
  recovered_at_ = now;
  return true;
}

Result<void> Lifecycle::record_findings() { return conclude({}, {}); }

std::vector<VerifyProblem> Lifecycle::take_findings() {
  const std::lock_guard lock(mutex_);
  return std::exchange(findings_, {});
}

Result<bool> Lifecycle::leads() {
  BALUHOST_TRY(const auto instances,
               query(database_, [&](ReadTransaction& tx) { return tx.transfers().instances(); }));
  const auto now = clock_.now();
  return std::ranges::none_of(instances, [&](const Instance& other) {
    if (other.id == id_ || is_silent(other, now)) return false;
    return other.started_at < started_at_ ||
           (other.started_at == started_at_ && other.id.value < id_.value);
  });
}

Result<void> Lifecycle::stopped() {
  DeadTransfers left(database_, signer_, clock_, id_, Untagged::refuse);
  BALUHOST_TRY(const auto interrupted, left.end_all());
  BALUHOST_CHECK(conclude({}, Recovery{.findings = left.findings()}));
  BALUHOST_CHECK(database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.transfers().remove_instance(id_));
    JsonObject details;
    details.add(
        "uptime_seconds",
        std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - started_at_).count());
    if (interrupted > 0) details.add("interrupted_downloads", interrupted);
    details.add("instance", id_.value);
    return AuditEvents{with_details(audit_log_.draft(Action::server_stopped), details)};
  }));
  return sealer_.seal_now();
}

/// Puts on record what was recovered and found. Only then may the traces of the findings go.
Result<void> Lifecycle::conclude(const Recovered& dead, const Recovery& recovery) {
  auto findings = sealer_.take_findings();
  std::ranges::copy(recovery.findings, std::back_inserter(findings));
  std::ranges::move(dead.problems(), std::back_inserter(findings));
  const auto names = dead.names();
  if (names.empty() && recovery.events == 0 && findings.empty()) return {};
  JsonObject details;
  details.add("interrupted_downloads", dead.downloads).add("recovered_events", recovery.events);
  if (!names.empty()) details.add_json("instances", json_array(names));
  auto event = audit_log_.draft(Action::recovery_completed);
  if (!findings.empty()) {
    add_findings(details, findings);
    event.success = false;
    event.error_message = code_of(Errc::conflict);
  }
  BALUHOST_CHECK(database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    for (const auto& instance : dead.instances) BALUHOST_CHECK(instance.remove(tx.transfers()));
    for (const auto& lost : dead.lost) BALUHOST_CHECK(tx.transfers().remove_instance(lost));
    return AuditEvents{with_details(event, details)};
  }));
  if (findings.empty()) return {};
  {
    const std::lock_guard lock(mutex_);
    std::ranges::move(findings, std::back_inserter(findings_));
  }
  return sealer_.conclude(recovery);
}

Result<Lifecycle::Recovered> Lifecycle::end_dead_instances(OtherServers others, Untagged untagged) {
  BALUHOST_TRY(const auto instances,
               query(database_, [&](ReadTransaction& tx) { return tx.transfers().instances(); }));
  Recovered recovered;
  const auto now = clock_.now();
  for (const auto& instance : instances) {
    if (!can_be_ours(instance.id)) ++recovered.strange;
    if (!can_be_ours(instance.id) || instance.id == id_) continue;
    if (others == OtherServers::may_run && !is_silent(instance, now)) continue;
    DeadTransfers left(database_, signer_, clock_, instance.id, untagged);
    BALUHOST_TRY(const auto downloads, left.end_all());
    recovered.downloads += downloads;
    recovered.instances.push_back(std::move(left));
  }
  return recovered;
}

} // namespace baluhost
