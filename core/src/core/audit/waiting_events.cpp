// An event bears the time at which it is written, since who follows the trail takes what is older
// for settled. Until it is known to be written it stays in the queue. Where the answer to a commit
// was lost it may be in the trail already, with the time of that try: so that one is looked for
// first.

#include "audit/waiting_events.hpp"

#include "audit/refused_event.hpp"
#include "baluhost/core/audit/audit_log.hpp"

#include <algorithm>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kBatch = 100;
constexpr std::size_t kMostOfOneMoment = 100;

bool is_same(const AuditEvent& found, const NewAuditEvent& event) {
  return found.user == event.user && found.resource == event.resource &&
         found.error_message == event.error_message && found.ip_address == event.ip_address &&
         found.user_agent == event.user_agent && found.details == event.details;
}

Result<bool> is_written(const ReadTransaction& tx, const NewAuditEvent& event) {
  AuditFilter filter;
  filter.action = to_string(event.action);
  filter.from = event.timestamp;
  filter.to = event.timestamp + std::chrono::microseconds{1};
  BALUHOST_TRY(const auto found,
               tx.audit().query(filter, SortOrder::ascending, std::nullopt, kMostOfOneMoment));
  return std::ranges::any_of(found, [&](const AuditEvent& one) { return is_same(one, event); });
}

/// `event` as it is written now.
NewAuditEvent late(NewAuditEvent event, Timestamp now) {
  const auto occurred_at = event.timestamp.to_rfc3339();
  event.timestamp = now;
  return with_details(std::move(event), JsonObject{}.add("occurred_at", occurred_at));
}

} // namespace

bool WaitingEvents::add(const NewAuditEvent& event) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMost) return false;
  waiting_.push_back({event, event});
  size_ = waiting_.size();
  return true;
}

std::vector<WaitingEvents::Waiting> WaitingEvents::first(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, waiting_.size()));
  return {waiting_.begin(), waiting_.begin() + count};
}

void WaitingEvents::written(std::size_t count) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  size_ = waiting_.size();
}

void WaitingEvents::tried(const std::vector<NewAuditEvent>& events) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < events.size(); ++i) waiting_[i].tried = events[i];
}

/// Hands over the first `most` as they are, or each in the event that tells of its refusal. Returns
/// how many are done with.
Result<std::size_t> WaitingEvents::write_some(Database& database, Timestamp now, std::size_t most,
                                              Form form) {
  const auto batch = first(most);
  if (batch.empty()) return std::size_t{0};
  std::vector<NewAuditEvent> events;
  for (const Waiting& waiting : batch) {
    auto event = late(waiting.event, now);
    event.account_may_be_gone = true;
    events.push_back(form == Form::refused ? refused_event(event) : std::move(event));
  }
  // Not reset where the work runs again: what an earlier run handed over may be written.
  bool is_handed_over = false;
  const auto done = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    std::vector<NewAuditEvent> missing;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      BALUHOST_TRY(const bool is_there, is_written(tx, batch[i].tried));
      if (!is_there) missing.push_back(events[i]);
    }
    if (missing.empty()) return Error{Errc::already_exists, "all of them were written"};
    is_handed_over = true;
    AuditEvents all{std::move(missing.front())};
    for (std::size_t i = 1; i < missing.size(); ++i) all += std::move(missing[i]);
    return all;
  });
  if (!done && done.error().code != Errc::already_exists) {
    if (is_handed_over) tried(events);
    return done.error();
  }
  written(batch.size());
  return batch.size();
}

Result<void> WaitingEvents::write(Database& database, const Clock& clock) {
  const std::lock_guard writing(writing_);
  std::size_t most = kBatch;
  Form form = Form::plain;
  for (;;) {
    const auto done = write_some(database, clock.now(), most, form);
    if (done && *done == 0) return {};
    if (done) {
      form = Form::plain;
      continue;
    }
    if (!is_refused(done.error()) || form == Form::refused) return done.error();
    // One of them is refused: it is looked for alone, then recorded in the event that holds it.
    if (most == 1) form = Form::refused;
    most = 1;
  }
}

} // namespace baluhost
