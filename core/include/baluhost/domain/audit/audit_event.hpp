#pragma once

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

enum class EventType { file_access, security, user_management, system, disk_monitor };

/// "FILE_ACCESS", …
std::string_view to_string(EventType type) noexcept;

/// Else invalid_request.
Result<EventType> parse_event_type(std::string_view text);

/// The catalogue of events: every action there is, each of one type.
enum class Action {
  login_success,
  login_failed,
  logout,
  logout_all,
  session_revoked,
  token_refresh,
  refresh_reuse_detected,
  invalid_token,
  access_denied,
  password_changed,
  password_change_failed,
  role_changed,
  permission_granted,
  permission_revoked,
  key_created,
  key_revoked,
  share_created,
  share_changed,
  share_ended,
  share_opened,
  totp_enabled,
  totp_disabled,
  recovery_code_used,
  second_factor_failed,
  audit_exported,
  audit_verified,
  user_created,
  user_updated,
  user_deleted,
  user_enabled,
  user_disabled,
  upload,
  download,
  remove,
  move,
  rename,
  copy,
  create_directory,
  trash,
  restore,
  purge,
  version_restored,
  version_removed,
  server_started,
  server_stopped,
  schema_migrated,
  recovery_completed,
  backup_created,
  database_migrated,
  audit_pruned,
  keys_rotated,
  event_refused,
  disk_space_low,
  disk_space_recovered,
  integrity_scrub,
  blob_damaged,
};

/// "login_success", …; `remove` is "delete"
std::string_view to_string(Action action) noexcept;
EventType type_of(Action action) noexcept;

/// The lengths of the columns, in code points. Longer text is cut when an event is written, never
/// refused.
struct AuditLimits {
  static constexpr std::size_t user = 100;
  static constexpr std::size_t resource = 1000;
  static constexpr std::size_t ip_address = 45;
  static constexpr std::size_t user_agent = 500;
};

/// An event before the database has numbered it.
struct NewAuditEvent {
  Timestamp timestamp;
  Action action;
  std::optional<std::string> user;
  std::optional<std::string> resource;
  bool success{true};
  std::optional<std::string> error_message; ///< the `code_of` what failed
  std::string details{"{}"};                ///< a JSON object, kept byte for byte
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
  std::optional<UserId> account; ///< whose name `user` is; no column, but kept beside a transfer
  bool of_former_account{
      false}; ///< `account` is gone: no later account of that name is shown this event as its own

  /// Caused by somebody without an account. No column: so many of them fail, and so many are kept.
  bool by_stranger{false};
};

/// A row of `audit_logs`. Immutable.
struct AuditEvent {
  EventId id;
  Timestamp timestamp;
  EventType type{EventType::system};
  std::string action;
  std::optional<std::string> user;
  std::optional<std::string> resource;
  bool success{true};
  std::optional<std::string> error_message;
  std::string details{"{}"};
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;

  bool operator==(const AuditEvent&) const = default;
};

/// One event or more: what a transaction commits with. There is no way to write an empty one.
class AuditEvents {
 public:
  AuditEvents() = delete;
  AuditEvents(NewAuditEvent event) { events_.push_back(std::move(event)); }
  AuditEvents(NewAuditEvent first, std::vector<NewAuditEvent> more) : events_(std::move(more)) {
    events_.push_back(std::move(first));
  }

  AuditEvents& operator+=(NewAuditEvent event) {
    events_.push_back(std::move(event));
    return *this;
  }
  [[nodiscard]] const std::vector<NewAuditEvent>& list() const noexcept { return events_; }

 private:
  std::vector<NewAuditEvent> events_;
};

/// The bytes that an event's leaf is the SHA-256 of; specified in docs/audit-format.md, independent
/// of the database.
std::string canonical_encoding(const AuditEvent& event);

/// The same after what `out` holds: for those who encode many events into one buffer.
void append_canonical_encoding(std::string& out, const AuditEvent& event);

} // namespace baluhost
