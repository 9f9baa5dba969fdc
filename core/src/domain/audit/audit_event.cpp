#include "baluhost/domain/audit/audit_event_view.hpp"

#include "baluhost/domain/names.hpp"
#include "big_endian.hpp"

namespace baluhost {
namespace {

constexpr auto kEventTypes = names<EventType>({{EventType::file_access, "FILE_ACCESS"},
                                               {EventType::security, "SECURITY"},
                                               {EventType::user_management, "USER_MANAGEMENT"},
                                               {EventType::system, "SYSTEM"},
                                               {EventType::disk_monitor, "DISK_MONITOR"}});

constexpr char kEncodingVersion = 1;
enum class Tag : char { null = 0, integer = 1, text = 2, boolean = 3 };

class Encoder {
 public:
  explicit Encoder(std::string& out) : bytes_(out) { bytes_ += kEncodingVersion; }

  void integer(std::int64_t value) {
    tag(Tag::integer);
    put_i64(bytes_, value);
  }
  void text(std::string_view value) {
    tag(Tag::text);
    put_text(bytes_, value);
  }
  template <class Text>
  void text(const std::optional<Text>& value) {
    if (value) {
      text(std::string_view{*value});
    } else {
      tag(Tag::null);
    }
  }
  void boolean(bool value) {
    tag(Tag::boolean);
    bytes_ += static_cast<char>(value ? 1 : 0);
  }

 private:
  void tag(Tag tag) { bytes_ += static_cast<char>(tag); }
  std::string& bytes_;
};

template <class Event>
void encode(std::string& out, const Event& event) {
  Encoder encoder(out);
  encoder.integer(event.id.value);
  encoder.integer(event.timestamp.microseconds);
  encoder.text(to_string(event.type));
  encoder.text(std::string_view{event.action});
  encoder.text(event.user);
  encoder.text(event.resource);
  encoder.boolean(event.success);
  encoder.text(event.error_message);
  encoder.text(std::string_view{event.details});
  encoder.text(event.ip_address);
  encoder.text(event.user_agent);
}

} // namespace

std::string_view to_string(EventType type) noexcept { return name_of(kEventTypes, type); }

Result<EventType> parse_event_type(std::string_view text) {
  return parse_name(
      kEventTypes, text,
      "must be one of FILE_ACCESS, SECURITY, USER_MANAGEMENT, SYSTEM and DISK_MONITOR");
}

std::string_view to_string(BuiltInAction action) noexcept {
  switch (action) {
    case Action::login_success:
      return "login_success";
    case Action::login_failed:
      return "login_failed";
    case Action::logout:
      return "logout";
    case Action::logout_all:
      return "logout_all";
    case Action::session_revoked:
      return "session_revoked";
    case Action::token_refresh:
      return "token_refresh";
    case Action::refresh_reuse_detected:
      return "refresh_reuse_detected";
    case Action::invalid_token:
      return "invalid_token";
    case Action::access_denied:
      return "access_denied";
    case Action::password_changed:
      return "password_changed";
    case Action::password_change_failed:
      return "password_change_failed";
    case Action::role_changed:
      return "role_changed";
    case Action::permission_granted:
      return "permission_granted";
    case Action::permission_revoked:
      return "permission_revoked";
    case Action::key_created:
      return "key_created";
    case Action::key_revoked:
      return "key_revoked";
    case Action::share_created:
      return "share_created";
    case Action::share_changed:
      return "share_changed";
    case Action::share_ended:
      return "share_ended";
    case Action::share_opened:
      return "share_opened";
    case Action::totp_enabled:
      return "totp_enabled";
    case Action::totp_disabled:
      return "totp_disabled";
    case Action::recovery_code_used:
      return "recovery_code_used";
    case Action::second_factor_failed:
      return "second_factor_failed";
    case Action::audit_exported:
      return "audit_exported";
    case Action::audit_verified:
      return "audit_verified";
    case Action::user_created:
      return "user_created";
    case Action::user_updated:
      return "user_updated";
    case Action::user_deleted:
      return "user_deleted";
    case Action::user_enabled:
      return "user_enabled";
    case Action::user_disabled:
      return "user_disabled";
    case Action::upload:
      return "upload";
    case Action::download:
      return "download";
    case Action::remove:
      return "delete";
    case Action::move:
      return "move";
    case Action::rename:
      return "rename";
    case Action::copy:
      return "copy";
    case Action::create_directory:
      return "create_directory";
    case Action::trash:
      return "trash";
    case Action::restore:
      return "restore";
    case Action::purge:
      return "purge";
    case Action::version_restored:
      return "version_restored";
    case Action::version_removed:
      return "version_removed";
    case Action::server_started:
      return "server_started";
    case Action::server_stopped:
      return "server_stopped";
    case Action::schema_migrated:
      return "schema_migrated";
    case Action::recovery_completed:
      return "recovery_completed";
    case Action::backup_created:
      return "backup_created";
    case Action::backup_restored:
      return "backup_restored";
    case Action::database_migrated:
      return "database_migrated";
    case Action::audit_pruned:
      return "audit_pruned";
    case Action::keys_rotated:
      return "keys_rotated";
    case Action::event_refused:
      return "event_refused";
    case Action::disk_space_low:
      return "disk_space_low";
    case Action::disk_space_recovered:
      return "disk_space_recovered";
    case Action::integrity_scrub:
      return "integrity_scrub";
    case Action::blob_damaged:
      return "blob_damaged";
  }
  return "";
}

// Names are unique, and after the last value none has one.
std::optional<BuiltInAction> find_built_in_action(std::string_view name) noexcept {
  for (int value = 0;; ++value) {
    const auto action = static_cast<BuiltInAction>(value);
    const auto found = to_string(action);
    if (found.empty()) return std::nullopt;
    if (found == name) return action;
  }
}

Result<void> check_built_in(const Action& action) {
  if (action.built_in()) return {};
  return Error{Errc::internal, "an action of one's own cannot be kept for later"};
}

EventType type_of(BuiltInAction action) noexcept {
  switch (action) {
    case Action::login_success:
    case Action::login_failed:
    case Action::logout:
    case Action::logout_all:
    case Action::session_revoked:
    case Action::token_refresh:
    case Action::refresh_reuse_detected:
    case Action::invalid_token:
    case Action::access_denied:
    case Action::password_changed:
    case Action::password_change_failed:
    case Action::role_changed:
    case Action::permission_granted:
    case Action::permission_revoked:
    case Action::key_created:
    case Action::key_revoked:
    case Action::share_created:
    case Action::share_changed:
    case Action::share_ended:
    case Action::share_opened:
    case Action::totp_enabled:
    case Action::totp_disabled:
    case Action::recovery_code_used:
    case Action::second_factor_failed:
    case Action::audit_exported:
    case Action::audit_verified:
      return EventType::security;
    case Action::user_created:
    case Action::user_updated:
    case Action::user_deleted:
    case Action::user_enabled:
    case Action::user_disabled:
      return EventType::user_management;
    case Action::upload:
    case Action::download:
    case Action::remove:
    case Action::move:
    case Action::rename:
    case Action::copy:
    case Action::create_directory:
    case Action::trash:
    case Action::restore:
    case Action::purge:
    case Action::version_restored:
    case Action::version_removed:
      return EventType::file_access;
    case Action::server_started:
    case Action::server_stopped:
    case Action::schema_migrated:
    case Action::recovery_completed:
    case Action::backup_created:
    case Action::backup_restored:
    case Action::database_migrated:
    case Action::audit_pruned:
    case Action::keys_rotated:
    case Action::event_refused:
      return EventType::system;
    case Action::disk_space_low:
    case Action::disk_space_recovered:
    case Action::integrity_scrub:
    case Action::blob_damaged:
      return EventType::disk_monitor;
  }
  return EventType::system;
}

void append_canonical_encoding(std::string& out, const AuditEvent& event) { encode(out, event); }
void append_canonical_encoding(std::string& out, const AuditEventView& event) {
  encode(out, event);
}

std::string canonical_encoding(const AuditEvent& event) {
  std::string bytes;
  append_canonical_encoding(bytes, event);
  return bytes;
}

} // namespace baluhost
