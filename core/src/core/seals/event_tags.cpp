#include "seals/event_tags.hpp"

#include "seals/tag_check.hpp"

#include <algorithm>
#include <utility>

// The MACs are made outside the lock: they cost more than all else here. A number is under way from
// `tag` on, so a tag made meanwhile does not call it settled.
namespace baluhost {

EventTags::EventTags(Digester& digester, SealSigner& signer, InstanceId instance,
                     std::int64_t enough, std::function<void()> wake)
    : digester_(digester),
      signer_(signer),
      instance_(std::move(instance)),
      enough_(enough),
      wake_(std::move(wake)),
      writer_(instance_) {}

Result<std::vector<EventTag>> EventTags::tag(std::span<const AuditEvent> events) {
  Batch batch;
  batch.events.reserve(events.size());
  for (const auto& event : events) {
    batch.events.push_back({.event = event.id, .leaf = leaf_of(event, digester_)});
  }
  std::vector<EventTag> tags(events.size());
  {
    const std::lock_guard lock(mutex_);
    std::int64_t settled = next_;
    for (const auto& [id, other] : under_way_) {
      if (other.series == series_) settled = std::min(settled, other.events.front().number);
    }
    batch.series = series_;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      batch.events[i].series = series_;
      batch.events[i].number = next_++;
      tags[i] = {.event = batch.events[i].event,
                 .writer = writer_,
                 .number = batch.events[i].number,
                 .settled = settled,
                 .sealed = sealed_,
                 .mac = {}};
    }
    under_way_.emplace(batch.events.front().event, batch);
  }
  for (std::size_t i = 0; i < tags.size(); ++i) {
    auto mac = signer_.mac(tagged_bytes(tags[i], batch.events[i].leaf));
    if (!mac) {
      ended(tags, TagOutcome::undone);
      return std::move(mac).error();
    }
    tags[i].mac = *mac;
  }
  return tags;
}

void EventTags::ended(std::span<const EventTag> tags, TagOutcome outcome) noexcept {
  bool enough = false;
  {
    const std::lock_guard lock(mutex_);
    auto node = under_way_.extract(tags.front().event);
    if (node.empty()) return;
    Batch& batch = node.mapped();
    const bool is_current = batch.series == series_;
    if (outcome == TagOutcome::committed) {
      const auto before = waiting_;
      waiting_ += static_cast<std::int64_t>(batch.events.size());
      enough = before < enough_ && waiting_ >= enough_;
      if (is_current)
        held_back_.emplace(batch.events.front().number, std::move(batch));
      else
        queue_.insert(queue_.end(), batch.events.begin(), batch.events.end());
    } else {
      if (outcome == TagOutcome::unknown) doubtful_.insert(batch.series);
      const bool is_last = batch.events.back().number == next_ - 1;
      if (is_current && is_last && outcome == TagOutcome::undone)
        next_ = batch.events.front().number;
      else if (is_current)
        begin_series();
    }
    release();
  }
  if (enough) wake_();
}

void EventTags::begin_series() {
  for (const auto& [number, batch] : held_back_) {
    queue_.insert(queue_.end(), batch.events.begin(), batch.events.end());
  }
  held_back_.clear();
  writer_ = InstanceId{instance_.value + '-' + std::to_string(++series_ + 1)};
  next_ = 1;
  sealed_ = 0;
}

/// Lets go what was held back for a lower number that is not under way any more.
void EventTags::release() {
  std::int64_t lowest = next_;
  for (const auto& [id, batch] : under_way_) {
    if (batch.series == series_) lowest = std::min(lowest, batch.events.front().number);
  }
  while (!held_back_.empty() && held_back_.begin()->first < lowest) {
    const auto& events = held_back_.begin()->second.events;
    queue_.insert(queue_.end(), events.begin(), events.end());
    held_back_.erase(held_back_.begin());
  }
}

std::string EventTags::writer() const {
  const std::lock_guard lock(mutex_);
  return writer_.value;
}

std::int64_t EventTags::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::vector<WaitingEvent> EventTags::oldest(std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), limit));
  return {queue_.begin(), queue_.begin() + count};
}

std::set<EventId> EventTags::ours() const {
  const std::lock_guard lock(mutex_);
  std::set<EventId> found;
  const auto add = [&](const auto& events) {
    for (const WaitingEvent& event : events) found.insert(event.event);
  };
  add(queue_);
  for (const auto& [number, batch] : held_back_) add(batch.events);
  for (const auto& [id, batch] : under_way_) add(batch.events);
  return found;
}

std::vector<EventId> EventTags::spent(std::span<const WaitingEvent> sealed) const {
  const std::lock_guard lock(mutex_);
  auto marks = marks_;
  auto spent = stale_;
  for (const auto& event : sealed) {
    const auto [mark, is_first] = marks.try_emplace(event.series, event);
    if (is_first) continue;
    const bool is_further = event.number > mark->second.number;
    spent.push_back(is_further ? mark->second.event : event.event);
    if (is_further) mark->second = event;
  }
  return spent;
}

void EventTags::mark(const WaitingEvent& sealed) {
  if (sealed.series == series_) sealed_ = std::max(sealed_, sealed.number);
  const auto [mark, is_first] = marks_.try_emplace(sealed.series, sealed);
  if (is_first || sealed.number <= mark->second.number) return;
  mark->second = sealed;
}

void EventTags::forget(std::span<const WaitingEvent> sealed) {
  const std::lock_guard lock(mutex_);
  for (const auto& event : sealed) mark(event);
  stale_.clear();
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(sealed.size()));
  waiting_ -= static_cast<std::int64_t>(sealed.size());
}

void EventTags::forget_sealed_elsewhere(std::span<const WaitingEvent> events,
                                        const std::set<EventId>& unsealed) {
  const std::lock_guard lock(mutex_);
  for (const auto& [series, mark] : marks_) stale_.push_back(mark.event);
  for (const auto& event : events) {
    if (!unsealed.contains(event.event)) mark(event);
  }
  std::erase_if(stale_, [&](EventId id) {
    return std::ranges::any_of(marks_, [&](const auto& mark) { return mark.second.event == id; });
  });
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(events.size());
  const auto left = std::remove_if(queue_.begin(), end, [&](const WaitingEvent& event) {
    return !unsealed.contains(event.event);
  });
  waiting_ -= end - left;
  queue_.erase(left, end);
}

std::vector<EventId> EventTags::unneeded() const {
  const std::lock_guard lock(mutex_);
  if (waiting_ > 0 || !under_way_.empty()) return {};
  auto unneeded = stale_;
  for (const auto& [series, mark] : marks_) {
    if (!doubtful_.contains(series)) unneeded.push_back(mark.event);
  }
  return unneeded;
}

} // namespace baluhost
