#include "seals/event_tags.hpp"

#include "seals/tag_check.hpp"

#include <algorithm>
#include <iterator>
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
  auto tags = number(batch);
  std::size_t first = 0;
  for (auto& tag : tags) {
    if (auto signed_tag = sign(tag, batch.events[first].leaf); !signed_tag) {
      ended(tags, TagOutcome::undone);
      return std::move(signed_tag).error();
    }
    first += std::max<std::size_t>(tag.events.size(), 1);
  }
  return tags;
}

/// Gives the events of `batch` their numbers and tags, and notes that they are under way. Returns
/// the tags, without their MACs.
std::vector<EventTag> EventTags::number(Batch& batch) {
  std::vector<EventTag> tags;
  const std::lock_guard lock(mutex_);
  std::int64_t settled = next_;
  for (const auto& [id, other] : under_way_) {
    if (other.series == series_) settled = std::min(settled, other.events.front().number);
  }
  batch.series = series_;
  for (std::span left(batch.events); !left.empty();) {
    const auto some = left.first(std::min(left.size(), EventTag::kMostEvents));
    left = left.subspan(some.size());
    auto& tag = tags.emplace_back(EventTag{.event = some.front().event,
                                           .writer = writer_,
                                           .number = next_,
                                           .settled = settled,
                                           .sealed = sealed_,
                                           .mac = {},
                                           .events = {}});
    if (some.size() > 1) tag.events.reserve(some.size());
    for (auto& event : some) {
      event.series = series_;
      event.number = next_++;
      event.tag = tag.event;
      if (some.size() > 1) tag.events.push_back({event.event, event.leaf});
    }
  }
  under_way_.emplace(batch.events.front().event, batch);
  return tags;
}

/// `leaf` is that of the first event.
Result<void> EventTags::sign(EventTag& tag, const Sha256Digest& leaf) {
  BALUHOST_TRY(tag.mac,
               signer_.mac(tag.events.empty() ? tagged_bytes(tag, leaf) : tagged_bytes(tag)));
  return {};
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
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), limit));
  auto last = end;
  while (last != queue_.end() && last != queue_.begin() && std::prev(last)->tag == last->tag)
    --last;
  return {queue_.begin(), last == queue_.begin() ? end : last};
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
    if (event.tag != mark->second.tag) spent.push_back(is_further ? mark->second.tag : event.tag);
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
  for (const auto& [series, mark] : marks_) stale_.push_back(mark.tag);
  for (const auto& event : events) {
    if (!unsealed.contains(event.event)) mark(event);
  }
  std::erase_if(stale_, [&](EventId id) {
    return std::ranges::any_of(marks_, [&](const auto& mark) { return mark.second.tag == id; });
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
    if (!doubtful_.contains(series)) unneeded.push_back(mark.tag);
  }
  return unneeded;
}

} // namespace baluhost
