#include "transfers/dead_transfers.hpp"

#include "transfers/transfer_group.hpp"

#include "baluhost/domain/audit/audit_filter.hpp"
#include "baluhost/domain/details.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kGroups = 50;              ///< of a page
constexpr std::size_t kEvents = 500;             ///< of a page, and of a portion of ends
constexpr std::int64_t kMostDownloads = 100'000; ///< of a group that may be one of ours
constexpr std::size_t kMostNamed = 1000;         ///< of those whose end nobody can tell
constexpr std::size_t kStarts = 20;              ///< that are looked at for a lost record

TransferId before(TransferId id) { return TransferId{id.value - 1}; }
TransferId after(TransferId id) { return TransferId{id.value + 1}; }

std::string downloads(TransferId first, TransferId last) {
  if (first == last) return "download " + std::to_string(first.value);
  return "downloads " + std::to_string(first.value) + " to " + std::to_string(last.value);
}

/// Whether the details of `event` name `instance`.
bool names(const AuditEvent& event, const InstanceId& instance) {
  return event.details.find(json_text(instance.value)) != std::string::npos;
}

/// The details of the events of `action` after `oldest`.
Result<std::vector<AuditEvent>> newer(ReadTransaction& view, Action action, EventId oldest) {
  std::vector<AuditEvent> found;
  const AuditFilter filter{.action = std::string{to_string(action)}};
  std::optional<EventPosition> last;
  for (;;) {
    BALUHOST_TRY(auto page, view.audit().query(filter, SortOrder::descending, last, kEvents));
    for (auto& event : page) {
      if (event.id < oldest) return found;
      last = EventPosition{event.timestamp, event.id};
      found.push_back(std::move(event));
    }
    if (page.size() < kEvents) return found;
  }
}

} // namespace

DeadTransfers::DeadTransfers(Database& database, SealSigner& signer, const Clock& clock,
                             InstanceId instance, Untagged untagged)
    : database_(database),
      signer_(signer),
      clock_(clock),
      instance_(std::move(instance)),
      untagged_(untagged) {}

bool DeadTransfers::is_vouched_for(const std::optional<Sha256Digest>& mac,
                                   const std::string& bytes) const {
  return mac ? signer_.verify_mac(bytes, *mac).value_or(false) : untagged_ == Untagged::accept;
}

void DeadTransfers::find(ProblemKind kind, std::string detail) {
  findings_.push_back(
      {.kind = kind, .detail = std::move(detail) + ", under way on server " + instance_.value});
}

void DeadTransfers::miss(TransferId first, TransferId last) {
  find(ProblemKind::event_missing, downloads(first, last) + " gone from the record of those");
}

Result<std::int64_t> DeadTransfers::end_all() {
  findings_.clear();
  BALUHOST_TRY(const auto found, query(database_, [&](ReadTransaction& tx) {
                 return tx.transfers().instance(instance_);
               }));
  if (!found) return std::int64_t{0}; // another was faster
  seen_ = found->transfers;
  const auto open = TransferSet::parse(seen_.open);
  if (!open || !is_vouched_for(seen_.mac, tagged_bytes(instance_, seen_))) {
    find(ProblemKind::bad_tag, "somebody changed the list of the downloads");
    BALUHOST_CHECK(name_what_may_be_open());
    return std::int64_t{0};
  }
  open_ = *open;
  return end_listed();
}

Result<void> DeadTransfers::name_what_may_be_open() {
  for (TransferId first{0};;) {
    BALUHOST_TRY(const auto groups, query(database_, [&](ReadTransaction& tx) {
                   return tx.transfers().groups(instance_, first, kGroups);
                 }));
    for (const auto& group : groups) {
      const auto events = read_group_text(group.events);
      if (!events || !is_vouched_for(group.mac, tagged_bytes(group))) continue;
      auto id = group.first;
      for (const auto& event : *events) {
        if (findings_.size() < kMostNamed)
          find(ProblemKind::bad_tag, downloads(id, id) + ", which may not have been over: " +
                                         json_text(event.user.value_or("nobody")) + " got " +
                                         json_text(event.resource.value_or("something")));
        ++id.value;
      }
    }
    if (groups.size() < kGroups) return {};
    first = groups.back().first;
  }
}

Result<std::int64_t> DeadTransfers::end_listed() {
  begun_ = seen_.begun;
  last_ = TransferId{0};
  std::int64_t written = 0;
  for (TransferId first{0};;) {
    BALUHOST_TRY(const auto groups, query(database_, [&](ReadTransaction& tx) {
                   return tx.transfers().groups(instance_, first, kGroups);
                 }));
    std::vector<EndedTransfer> ends;
    for (const auto& group : groups) take(group, ends);
    BALUHOST_TRY(const auto exchanged, write_ends(database_, *this, ends));
    written += exchanged;
    if (groups.size() < kGroups) break;
    first = groups.back().first;
  }
  while (!open_.empty()) {
    const auto [first, last] = open_.first_range();
    miss(first, last);
    open_.remove(first, last);
  }
  return written;
}

/// Adds to `ends` what of `group` is under way.
void DeadTransfers::take(const TransferGroup& group, std::vector<EndedTransfer>& ends) {
  const auto events = read_group_text(group.events);
  const bool is_ours = events && group.downloads == static_cast<std::int64_t>(events->size()) &&
                       group.first > last_ && group.since <= group.first &&
                       is_vouched_for(group.mac, tagged_bytes(group));
  if (!is_ours) {
    find(ProblemKind::bad_tag, "somebody changed the record of the downloads from number " +
                                   std::to_string(group.first.value) + " on");
    if (group.first > last_ && group.downloads > 0 && group.downloads <= kMostDownloads) {
      open_.remove(group.first, group.last()); // told once
      last_ = group.last();
    }
    return;
  }
  const auto expected = std::max({group.since, after(begun_), after(last_)});
  if (group.mac && expected < group.first) miss(expected, before(group.first));
  last_ = group.last();
  auto id = group.first;
  for (const auto& event : *events) {
    if (open_.remove(id) || id > begun_) {
      ends.push_back({id, event});
      ends.back().event.timestamp = clock_.now();
    }
    ++id.value;
  }
}

Result<std::vector<TransferId>> DeadTransfers::end(WriteTransaction& tx,
                                                   std::span<const TransferId> ids) {
  BALUHOST_TRY(const auto found, tx.transfers().instance(instance_));
  pending_ = found ? found->transfers : seen_;
  std::vector<TransferId> ending;
  if (!found) return ending;
  auto open = TransferSet::parse(pending_.open);
  if (!open || !is_vouched_for(pending_.mac, tagged_bytes(instance_, pending_)))
    return Error{Errc::unavailable, "the list of downloads under way was changed meanwhile"};
  const auto highest = std::ranges::max(ids);
  if (highest > pending_.begun) {
    open->add(after(pending_.begun), highest);
    pending_.begun = highest;
  }
  std::ranges::copy_if(ids, std::back_inserter(ending),
                       [&](TransferId id) { return open->remove(id); });
  if (ending.empty()) {
    pending_ = found->transfers; // since nothing is going to be written
    return ending;
  }
  pending_.open = open->text();
  BALUHOST_TRY(pending_.mac, signer_.mac(tagged_bytes(instance_, pending_)));
  BALUHOST_TRY(const bool is_done, tx.transfers().end(instance_, found->transfers, pending_, {}));
  if (!is_done) return Error{Errc::unavailable, "another server ends the same downloads"};
  return ending;
}

void DeadTransfers::ended(std::span<const TransferId>) noexcept { seen_ = pending_; }

Result<void> DeadTransfers::remove(TransferRepository& transfers) const {
  BALUHOST_TRY(const auto found, transfers.instance(instance_));
  if (!found || found->transfers != seen_) return {};
  BALUHOST_TRY(const auto late, transfers.groups(instance_, last_, 1));
  if (!late.empty() && findings_.empty()) return {};
  return transfers.remove_instance(instance_);
}

bool can_be_ours(const InstanceId& instance) noexcept {
  constexpr std::size_t kLongest = 64;
  return !instance.value.empty() && instance.value.size() <= kLongest &&
         std::ranges::all_of(instance.value, [](char c) { return c > ' ' && c <= '~'; });
}

Result<bool> is_on_record_as_dead(ReadTransaction& view, const InstanceId& instance) {
  const AuditFilter recoveries{.action = std::string{to_string(Action::recovery_completed)}};
  BALUHOST_TRY(const auto newest,
               view.audit().query(recoveries, SortOrder::descending, std::nullopt, kEvents));
  return std::ranges::any_of(newest,
                             [&](const AuditEvent& event) { return names(event, instance); });
}

Result<TransferSet> numbers_of_groups(const TransferRepository& transfers,
                                      const InstanceId& instance) {
  TransferSet numbers;
  TransferId last{0};
  for (TransferId first{0};;) {
    BALUHOST_TRY(const auto groups, transfers.groups(instance, first, kGroups));
    for (const auto& group : groups) {
      if (group.first > last && group.downloads > 0) numbers.add(group.first, group.last());
      last = std::max(last, group.last());
    }
    if (groups.size() < kGroups) return numbers;
    first = groups.back().first;
  }
}

Result<std::vector<InstanceId>> lost_instances(ReadTransaction& view) {
  const AuditFilter filter{.action = std::string{to_string(Action::server_started)}};
  BALUHOST_TRY(const auto starts,
               view.audit().query(filter, SortOrder::descending, std::nullopt, kStarts));
  std::vector<InstanceId> lost;
  if (starts.empty()) return lost;
  BALUHOST_TRY(auto ends, newer(view, Action::server_stopped, starts.back().id));
  BALUHOST_TRY(auto dead, newer(view, Action::recovery_completed, starts.back().id));
  std::ranges::move(dead, std::back_inserter(ends));
  std::set<InstanceId> present;
  BALUHOST_TRY(const auto instances, view.transfers().instances());
  for (const auto& instance : instances) present.insert(instance.id);
  for (const auto& start : starts) {
    const auto text = text_member(start.details, "instance");
    if (!text) continue;
    const InstanceId id{*text}; // as it is on record: `can_be_ours` says what it may be
    if (present.contains(id)) continue;
    const bool is_over =
        std::ranges::any_of(ends, [&](const AuditEvent& event) { return names(event, id); });
    if (!is_over) lost.push_back(id);
  }
  return lost;
}

} // namespace baluhost
