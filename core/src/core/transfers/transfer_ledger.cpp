#include "transfers/transfer_ledger.hpp"

#include "transfers/dead_transfers.hpp"
#include "transfers/transfer_group.hpp"

#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace baluhost {

TransferLedger::TransferLedger(Database& database, const Clock& clock, InstanceId instance)
    : database_(database), clock_(clock), instance_(std::move(instance)), made_at_(clock.now()) {}

Result<std::vector<TransferId>> TransferLedger::begin(std::span<const NewAuditEvent> interrupted) {
  for (const auto& event : interrupted) BALUHOST_CHECK(check_built_in(event.action));
  TransferGroup group{.instance = instance_,
                      .downloads = static_cast<std::int64_t>(interrupted.size()),
                      .events = group_text(interrupted)};
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    group.first = std::exchange(next_, TransferId{next_.value + group.downloads});
    group.since = since_;
    is_first = !is_on_record_;
  }
  auto done = vouch(group.mac, tagged_bytes(group));
  if (done) {
    done = database_.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      if (is_first) BALUHOST_CHECK(put_instance(tx.transfers(), made_at_));
      return tx.transfers().begin(group);
    });
  }
  const std::lock_guard lock(mutex_);
  begun_ = group.last();
  if (!done) {
    since_ = next_; // its numbers may be on record or not
    return std::move(done).error();
  }
  is_on_record_ = true;
  open_.add(group.first, group.last());
  groups_.emplace(group.first, Group{group.last(), group.downloads});
  std::vector<TransferId> ids;
  for (auto id = group.first; id <= group.last(); ++id.value) ids.push_back(id);
  return ids;
}

Result<std::vector<TransferId>> TransferLedger::end(WriteTransaction& tx,
                                                    std::span<const TransferId> ids) {
  if (ids.empty()) return std::vector<TransferId>{};
  return replace(tx.transfers(), tx, ids);
}

void TransferLedger::ended(std::span<const TransferId> ids) noexcept {
  if (!ids.empty()) apply(ids);
}

/// The transaction with the pending change was committed, or found `ids` ended already.
void TransferLedger::apply(std::span<const TransferId> ids) noexcept {
  const std::lock_guard lock(mutex_);
  const auto change = std::exchange(pending_, {});
  written_ = change.transfers;
  if (change.found_other) {
    open_.remove(TransferId{1}, change.begun);
    auto known = change.open;
    while (!known.empty()) {
      const auto [first, last] = known.first_range();
      known.remove(first, last);
      open_.add(first, last);
    }
  } else {
    for (const auto id : ids) open_.remove(id);
  }
  for (const auto id : ids) {
    auto group = groups_.upper_bound(id);
    if (group == groups_.begin()) continue;
    --group;
    if (--group->second.left == 0) groups_.erase(group);
  }
}

/// What there will be without `ids`.
TransferLedger::Change TransferLedger::without(std::span<const TransferId> ids) const {
  const std::lock_guard lock(mutex_);
  Change change{.begun = begun_, .transfers = {.begun = begun_}, .open = open_};
  std::map<TransferId, std::int64_t> ending;
  for (const auto id : ids) {
    change.open.remove(id);
    if (auto group = groups_.upper_bound(id); group != groups_.begin()) {
      --group;
      if (++ending[group->first] == group->second.left) change.over.push_back(group->first);
    }
  }
  change.transfers.open = change.open.text();
  return change;
}

Result<std::vector<TransferId>> TransferLedger::replace(TransferRepository& transfers,
                                                        ReadTransaction& view,
                                                        std::span<const TransferId> ids) {
  pending_ = without(ids);
  BALUHOST_CHECK(vouch(pending_.transfers.mac, tagged_bytes(instance_, pending_.transfers)));
  BALUHOST_TRY(const bool is_as_known,
               transfers.end(instance_, written_, pending_.transfers, pending_.over));
  if (!is_as_known) return replace_other(transfers, view, ids);
  return std::vector<TransferId>(ids.begin(), ids.end());
}

/// The same where the database has other transfers than we know: the answer to our last commit was
/// lost, another server took us for dead, or somebody changed the row.
Result<std::vector<TransferId>> TransferLedger::replace_other(TransferRepository& transfers,
                                                              ReadTransaction& view,
                                                              std::span<const TransferId> ids) {
  BALUHOST_TRY(const auto found, transfers.instance(instance_));
  BALUHOST_TRY(auto believed, this->believed(view, found));
  std::vector<TransferId> ending;
  std::ranges::copy_if(ids, std::back_inserter(ending),
                       [&](TransferId id) { return believed.contains(id); });
  pending_.found_other = true;
  for (const auto id : ids) believed.remove(id);
  pending_.open = std::move(believed);
  if (ending.empty() && !ids.empty() && found) {
    pending_.transfers = found->transfers; // since nothing is going to be written
    return ending;
  }
  pending_.transfers.open = pending_.open.text();
  BALUHOST_CHECK(vouch(pending_.transfers.mac, tagged_bytes(instance_, pending_.transfers)));
  if (!found) {
    const auto now = clock_.now();
    BALUHOST_CHECK(transfers.put_instance({instance_, made_at_, now, pending_.transfers}));
  }
  BALUHOST_TRY(const bool is_done,
               transfers.end(instance_, found ? found->transfers : pending_.transfers,
                             pending_.transfers, pending_.over));
  if (!is_done) return Error{Errc::unavailable, "downloads under way were changed meanwhile"};
  return ending;
}

/// Which of our transfers up to `begun` are under way, by all that can be believed.
Result<TransferSet> TransferLedger::believed(ReadTransaction& view,
                                             const std::optional<Instance>& found) const {
  const auto begun = pending_.begun;
  TransferSet ours;
  {
    const std::lock_guard lock(mutex_);
    ours = open_;
  }
  ours.remove(TransferId{begun.value + 1}, TransferId{std::numeric_limits<std::int64_t>::max()});
  std::optional<TransferSet> theirs;
  if (found) {
    const auto& there = found->transfers;
    const bool is_vouched_for =
        signer_ == nullptr ||
        (there.mac &&
         signer_->verify_mac(tagged_bytes(instance_, there), *there.mac).value_or(false));
    if (is_vouched_for) theirs = TransferSet::parse(there.open);
    if (theirs && there.begun < begun) theirs->add(TransferId{there.begun.value + 1}, begun);
  } else {
    BALUHOST_TRY(const bool was_taken_for_dead, is_on_record_as_dead(view, instance_));
    if (was_taken_for_dead) {
      BALUHOST_TRY(theirs, numbers_of_groups(view.transfers(), instance_));
    }
  }
  if (!theirs) return ours;
  TransferSet both;
  while (!ours.empty()) {
    auto [first, last] = ours.first_range();
    ours.remove(first, last);
    for (auto id = first; id <= last; ++id.value) {
      if (theirs->contains(id)) both.add(id, id);
    }
  }
  return both;
}

Result<void> TransferLedger::put_instance(TransferRepository& transfers,
                                          Timestamp started_at) const {
  OpenTransfers none;
  BALUHOST_CHECK(vouch(none.mac, tagged_bytes(instance_, none)));
  return transfers.put_instance({instance_, started_at, clock_.now(), none});
}

Result<void> TransferLedger::renew(Timestamp started_at) {
  const auto lock = turn();
  BALUHOST_CHECK(database_.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    BALUHOST_TRY(const auto found, tx.transfers().instance(instance_));
    if (found) BALUHOST_CHECK(put_instance(tx.transfers(), started_at));
    BALUHOST_CHECK(replace(tx.transfers(), tx.view(), {}));
    return {};
  }));
  apply({});
  return {};
}

Result<void> TransferLedger::leave() {
  {
    const std::lock_guard lock(mutex_);
    if (signer_ != nullptr || !open_.empty() || !std::exchange(is_on_record_, false)) return {};
  }
  return database_.bookkeep(
      [&](Bookkeeping& tx) { return tx.transfers().remove_instance(instance_); });
}

Result<void> TransferLedger::vouch(std::optional<Sha256Digest>& mac,
                                   const std::string& bytes) const {
  mac.reset();
  if (signer_ == nullptr) return {};
  BALUHOST_TRY(mac, signer_->mac(bytes));
  return {};
}

} // namespace baluhost
