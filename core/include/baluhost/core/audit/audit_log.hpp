#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/operation.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace baluhost {

class RecordBudget;
class WaitingEvents;

/// `event` with `details` after those it has from its draft (`peer_address`, where a proxy stood
/// between).
[[nodiscard]] NewAuditEvent with_details(NewAuditEvent event, const JsonObject& details);

/// Makes `event` one of `user`'s.
void attribute(NewAuditEvent& event, const User& user);

/// Where operations make and write their events. Events of successful changes are drafted here and
/// committed with the change by `Database::write`; those of failed and refused operations are
/// written here, in a transaction of their own. Fails closed: what cannot be recorded is
/// unavailable, or insufficient_storage where the database has no room. A failure that the database
/// does not take waits until it does (1,000 of them; what is beyond counts as suppressed). Safe
/// from many threads.
class AuditLog {
 public:
  /// Both references must outlive it.
  AuditLog(Database& database, const Clock& clock);
  ~AuditLog();

  /// The time that events of now bear.
  [[nodiscard]] Timestamp now() const { return clock_.now(); }

  /// An event of now, with who, from where and with what: a key's id is `key` in the
  /// details. Members that the operation knows are added by the caller, details by `with_details`.
  [[nodiscard]] NewAuditEvent draft(Action action, const Principal& principal) const;
  [[nodiscard]] NewAuditEvent draft(Action action, const Client& client) const;

  /// An event of the system itself.
  [[nodiscard]] NewAuditEvent draft(Action action) const;

  /// An event that the database refuses is recorded as `event_refused`, which holds it: it stops
  /// nobody else's.
  [[nodiscard]] Result<void> record(NewAuditEvent event);

  /// Writes `event` as failed because of `error` and returns `error`, marked as recorded, for the
  /// caller to return; unavailable, marked as recorded where the event waits, or
  /// insufficient_storage instead if it could not be written. An error that is recorded already
  /// passes through. What failures of one account take of the record is limited (1 MiB at once and
  /// 4 KiB a second): what is beyond is left out, and the account's next failure says in
  /// `suppressed` how many were. A stranger's event is limited as with `failed_by_stranger`.
  [[nodiscard]] Error failed(NewAuditEvent event, Error error);

  /// Writes `event` as refused with the problem's `code`, under the same limit. unavailable,
  /// insufficient_storage.
  [[nodiscard]] Result<void> refused(NewAuditEvent event, std::string_view code);

  /// Writes `access_denied` on `resource` (a path or route) for the refused `operation` and
  /// returns `error` as `failed` does.
  [[nodiscard]] Error denied(const Principal& principal, std::string_view resource,
                             Operation operation, std::string_view required_permission,
                             Error error);

  /// The same, for an `operation` of the program that embeds BaluHost: the name of an action.
  [[nodiscard]] Error denied(const Principal& principal, std::string_view resource,
                             std::string_view operation, std::string_view required_permission,
                             Error error);

  /// As `failed`, for what a stranger can cause: at most 10 events per client address and minute,
  /// the next one says in `suppressed` how many were left out. `details` are completed by that
  /// member.
  [[nodiscard]] Error failed_by_stranger(NewAuditEvent event, JsonObject details, Error error);

  /// Writes the failures that wait, oldest first, each with the time of now and with `occurred_at`
  /// in its details. unavailable, insufficient_storage: some wait on.
  [[nodiscard]] Result<void> write_waiting();

  /// False while failures wait, and for half a minute after the database refused an event, unless
  /// it took one since. Where it took nothing (unavailable) for a second only, and where it had no
  /// room not at all: whoever asks sees by himself whether that is still so.
  [[nodiscard]] bool healthy() const noexcept;
  [[nodiscard]] std::int64_t write_failures() const noexcept { return failures_; }

 private:
  Result<void> refused_stranger(NewAuditEvent event);
  struct StrangerLimit;
  [[nodiscard]] Error put_off(const NewAuditEvent& event, Error error, std::int64_t suppressed,
                              FunctionRef<void(std::int64_t)> give_back);

  Database& database_;
  const Clock& clock_;
  std::unique_ptr<StrangerLimit> strangers_;
  std::unique_ptr<RecordBudget> accounts_;
  std::unique_ptr<WaitingEvents> waiting_;

  /// Microseconds of the monotonic clock; 0: healthy.
  std::atomic<std::int64_t> unhealthy_until_{0};
  std::atomic<std::int64_t> failures_{0};
};

} // namespace baluhost
