#pragma once

#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/event_tagger.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace baluhost {

/// An event of ours that waits for its seal. `number` is that in its series: each series numbers
/// anew. `tag` names the tag that vouches for it.
struct WaitingEvent {
  EventId event;
  Sha256Digest leaf;
  int series{};
  std::int64_t number{};
  EventId tag;
};

/// Tags the events of one process and keeps their leaves until they are sealed. Safe from many
/// threads.
///
/// An event waits for its seal once it is committed and none with a lower number is under way, so
/// that what is sealed of a series has no gap. Where a number cannot be used again (its
/// transaction was undone after others had tagged, or nobody knows whether it was) a new series
/// begins.
class EventTags final : public EventTagger {
 public:
  /// `wake` is called, on a thread of the database's, when `enough` events have come to wait.
  EventTags(Digester& digester, SealSigner& signer, InstanceId instance, std::int64_t enough,
            std::function<void()> wake);

  [[nodiscard]] Result<std::vector<EventTag>> tag(std::span<const AuditEvent> events) override;
  void ended(std::span<const EventTag> tags, TagOutcome outcome) noexcept override;

  /// The name under which new tags are made.
  [[nodiscard]] std::string writer() const;

  /// How many were committed and not sealed.
  [[nodiscard]] std::int64_t waiting() const;

  /// The first `limit` of those that may be sealed, or fewer, so that no tag's events are parted.
  [[nodiscard]] std::vector<WaitingEvent> oldest(std::size_t limit) const;

  /// Every event of this process that is not sealed, or may yet be committed.
  [[nodiscard]] std::set<EventId> ours() const;

  /// The tags that may go when `sealed`, which `oldest` returned, get their seal.
  [[nodiscard]] std::vector<EventId> spent(std::span<const WaitingEvent> sealed) const;

  /// `sealed` got their seal, and `spent` were removed.
  void forget(std::span<const WaitingEvent> sealed);

  /// The same, but another process sealed them, or our own seal whose answer was lost: all that
  /// `oldest` returned, `events`, but for `unsealed`.
  void forget_sealed_elsewhere(std::span<const WaitingEvent> events,
                               const std::set<EventId>& unsealed);

  /// The tags that this process need not leave in the database when it ends: none while one waits.
  [[nodiscard]] std::vector<EventId> unneeded() const;

 private:
  /// What one transaction wrote.
  struct Batch {
    int series{};
    std::vector<WaitingEvent> events; ///< numbers in order
  };

  std::vector<EventTag> number(Batch& batch);
  Result<void> sign(EventTag& tag, const Sha256Digest& leaf);
  void begin_series();
  void release();
  void mark(const WaitingEvent& sealed);

  Digester& digester_;
  SealSigner& signer_;
  const InstanceId instance_;
  const std::int64_t enough_;
  const std::function<void()> wake_;

  mutable std::mutex mutex_;
  int series_{0};
  InstanceId writer_;
  std::int64_t next_{1};
  std::int64_t sealed_{0};
  std::map<EventId, Batch> under_way_;      ///< by their first event
  std::map<std::int64_t, Batch> held_back_; ///< committed, of this series, by their first number
  std::deque<WaitingEvent> queue_;
  std::int64_t waiting_{0};
  std::map<int, WaitingEvent> marks_; ///< by series, the last that was sealed: its tag stays
  std::vector<EventId> stale_;        ///< tags that may go with the next seal
  std::set<int> doubtful_;            ///< series with a commit whose outcome is unknown
};

} // namespace baluhost
