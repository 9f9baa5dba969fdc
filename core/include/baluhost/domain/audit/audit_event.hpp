#pragma once

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

/// The kinds that events are sorted into.
enum class EventType { file_access, security, user_management, system, disk_monitor };

/// "FILE_ACCESS", …
std::string_view to_string(EventType type) noexcept;

/// Else invalid_request.
Result<EventType> parse_event_type(std::string_view text);

/// The catalogue of events: every action of BaluHost's own, each of one type.
enum class BuiltInAction {
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
  backup_restored,
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
std::string_view to_string(BuiltInAction action) noexcept;
EventType type_of(BuiltInAction action) noexcept;

/// The built-in action of that name; none: there is none.
std::optional<BuiltInAction> find_built_in_action(std::string_view name) noexcept;

/// What an event is about: an action of the catalogue, `Action::upload`, or one that a program
/// which embeds BaluHost has of its own. The record treats both alike.
class Action {
 public:
  using enum BuiltInAction;

  /// One of the catalogue.
  constexpr Action(BuiltInAction action) noexcept : built_in_(action) {}

  /// An action of the embedding program's: `Action::custom("acme.report_made",
  /// EventType::file_access)`. The name is a prefix of the program's, a dot, and what happened: two
  /// or more words of a-z, 0-9 and _ with dots between them, each begins with a letter, 64
  /// characters at most; `baluhost` is no prefix of others. No built-in action has a dot, so none
  /// is ever taken for another program's. Whatever breaks these rules does not compile, nor does a
  /// name that is not a part of the program: what comes from outside belongs into the details.
  static consteval Action custom(std::string_view name, EventType type) {
    if (!is_custom_name(name)) throw "not a name for an action of one's own";
    return Action{name, type};
  }

  /// None for a custom one.
  [[nodiscard]] constexpr std::optional<BuiltInAction> built_in() const noexcept {
    return built_in_;
  }
  [[nodiscard]] std::string_view name() const noexcept {
    return built_in_ ? to_string(*built_in_) : name_;
  }
  [[nodiscard]] EventType type() const noexcept { return built_in_ ? type_of(*built_in_) : type_; }

  constexpr bool operator==(const Action&) const = default;

 private:
  static constexpr std::size_t kLongestName = 64;

  constexpr Action(std::string_view name, EventType type) noexcept : name_(name), type_(type) {}

  static constexpr bool is_custom_name(std::string_view name) {
    bool is_first = true; // of its word
    std::size_t dots = 0;
    for (const char c : name) {
      const bool is_letter = c >= 'a' && c <= 'z';
      if (is_first && !is_letter) return false;
      is_first = c == '.';
      if (is_first) ++dots;
      if (!is_letter && !is_first && c != '_' && (c < '0' || c > '9')) return false;
    }
    return dots > 0 && !is_first && name.size() <= kLongestName && !name.starts_with("baluhost.");
  }

  std::optional<BuiltInAction> built_in_;
  std::string_view name_;
  EventType type_{EventType::system};
};

/// The name and the type of `action`.
inline std::string_view to_string(const Action& action) noexcept { return action.name(); }
inline EventType type_of(const Action& action) noexcept { return action.type(); }

/// For what keeps an event for later by the name of its action alone. internal: `action` is custom.
Result<void> check_built_in(const Action& action);

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
  std::optional<std::string> ip_address;    ///< a text, as it is sealed and kept byte for byte
  std::optional<std::string> user_agent;
  std::optional<UserId> account; ///< whose name `user` is; no column, but kept beside a transfer
  /// Nothing has held `account` since this began. Where it turns out to be gone as the event is
  /// written, no later account of that name is shown the event as its own. No column.
  bool account_may_be_gone{false};

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

  /// One event, or several.
  AuditEvents(NewAuditEvent event) { events_.push_back(std::move(event)); }
  AuditEvents(NewAuditEvent first, std::vector<NewAuditEvent> more) : events_(std::move(more)) {
    events_.push_back(std::move(first));
  }

  AuditEvents& operator+=(NewAuditEvent event) {
    events_.push_back(std::move(event));
    return *this;
  }

  /// In no order.
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
