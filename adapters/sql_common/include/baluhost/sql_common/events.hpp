#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/ports/event_tagger.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace baluhost::sql {

inline const Columns kEventColumns =
    number("a.id", "a.timestamp") + text("a.event_type", "a.action", "a.\"user\"", "a.resource") +
    flag("a.success") + text("a.error_message", "a.details", "a.ip_address", "a.user_agent");
/// What an event's row is made of, but for its id, which the database assigns.
inline constexpr std::string_view kEventRowColumns =
    "timestamp, event_type, action, \"user\", resource, success, error_message, details,"
    " ip_address, user_agent";
AuditEvent read_event(Row& row);
/// The event in what is left of the row; none if it is not `well_typed`, or no event is stored like
/// that. Reads the row to its end.
std::optional<AuditEvent> readable_event(Row& row, bool well_typed);

/// The rest of `row`, whether that of an event is well typed and its columns, into `event` and
/// `readable` of `to`, which stays as it is where there is no such row.
template <class To>
void read_event_into(Row& row, To& to) {
  const bool well_typed = row.flag();
  if (row.is_null()) return row.skip_rest();
  to.event = readable_event(row, well_typed);
  to.readable = to.event.has_value();
}

class WrittenEvents;

/// Events on their way into the trail, as their rows will hold them: of one write, or of all that
/// share a transaction.
class StagedEvents {
 public:
  StagedEvents() = default;

  /// Throws BrokenRow for details that no text column takes.
  explicit StagedEvents(std::span<const NewAuditEvent> events);

  /// After those that are here.
  void append(StagedEvents more);
  [[nodiscard]] bool empty() const noexcept { return events_.empty(); }

 private:
  friend void hold_accounts(Connection& db, StagedEvents& events);
  friend Result<WrittenEvents> insert_events(Connection& db, StagedEvents events,
                                             const std::shared_ptr<EventTagger>& tagger);
  struct Doubt {
    std::size_t place;
    UserId account;
  };
  std::vector<AuditEvent> events_;
  std::vector<Doubt> doubts_;          ///< events of accounts that may be gone
  std::vector<std::size_t> of_former_; ///< places of events of accounts that are gone
};

/// What a transaction wrote of the trail. Tags that nobody said the outcome of are undone when it
/// goes.
class WrittenEvents {
 public:
  WrittenEvents() = default;
  WrittenEvents(std::vector<AuditEvent> events, std::shared_ptr<EventTagger> tagger,
                std::vector<EventTag> tags)
      : events_(std::move(events)), tagger_(std::move(tagger)), tags_(std::move(tags)) {}
  WrittenEvents(WrittenEvents&& other) noexcept = default;
  WrittenEvents& operator=(WrittenEvents&& other) noexcept {
    std::swap(events_, other.events_);
    std::swap(tagger_, other.tagger_);
    std::swap(tags_, other.tags_);
    return *this;
  }
  ~WrittenEvents() { ended(TagOutcome::undone); }

  [[nodiscard]] std::vector<AuditEvent>& events() noexcept { return events_; }
  [[nodiscard]] std::span<const EventTag> tags() const noexcept { return tags_; }
  /// Passes on, once, what became of the transaction.
  void ended(TagOutcome outcome) noexcept {
    if (!tags_.empty()) tagger_->ended(tags_, outcome);
    tags_.clear();
  }

 private:
  std::vector<AuditEvent> events_; ///< as the rows hold them, by id
  std::shared_ptr<EventTagger> tagger_;
  std::vector<EventTag> tags_;
};

/// Holds each account that `events` are of and that may be gone until the end of the transaction,
/// and finds out which are. An event of an account that is there so gets its id before the account
/// goes, and before one of the same name can be made, which begins after every id that was given.
void hold_accounts(Connection& db, StagedEvents& events);

/// Writes `events` and their tags, if there is a tagger, after `hold_accounts` where that was not
/// called. Its error comes back as it is.
Result<WrittenEvents> insert_events(Connection& db, StagedEvents events,
                                    const std::shared_ptr<EventTagger>& tagger);

/// `event` as its row will hold it, without an id. Throws BrokenRow for details that no text column
/// takes.
AuditEvent as_stored(const NewAuditEvent& event);

} // namespace baluhost::sql
