#include "baluhost/domain/files/space_use.hpp"

#include "baluhost/domain/error.hpp"

#include <algorithm>

namespace baluhost {
namespace {

SpaceUse use_of(BuiltInAction action) noexcept {
  switch (action) {
    case Action::login_success:
    case Action::token_refresh:
    case Action::password_changed:
    case Action::totp_enabled:
    case Action::recovery_code_used:
    case Action::second_factor_failed:
      return SpaceUse::signs_in;
    case Action::logout:
    case Action::logout_all:
    case Action::session_revoked:
    case Action::refresh_reuse_detected:
    case Action::role_changed:
    case Action::permission_revoked:
    case Action::key_revoked:
    case Action::share_ended:
    case Action::totp_disabled:
    case Action::user_updated:
    case Action::user_deleted:
    case Action::user_disabled:
    case Action::remove:
    case Action::trash:
    case Action::purge:
    case Action::version_removed:
    case Action::server_started:
    case Action::server_stopped:
    case Action::schema_migrated:
    case Action::recovery_completed:
    case Action::backup_created:
    case Action::backup_restored:
    case Action::database_migrated:
    case Action::audit_pruned:
    case Action::keys_rotated:
    case Action::disk_space_low:
    case Action::disk_space_recovered:
    case Action::integrity_scrub:
    case Action::blob_damaged:
      return SpaceUse::frees;
    case Action::download:
    case Action::audit_exported:
    case Action::audit_verified:
    case Action::share_opened:
      return SpaceUse::reads;
    case Action::login_failed:
    case Action::invalid_token:
    case Action::access_denied:
    case Action::password_change_failed:
    case Action::permission_granted:
    case Action::key_created:
    case Action::share_created:
    case Action::share_changed:
    case Action::user_created:
    case Action::user_enabled:
    case Action::upload:
    case Action::move:
    case Action::rename:
    case Action::copy:
    case Action::create_directory:
    case Action::restore:
    case Action::version_restored:
    case Action::event_refused:
      return SpaceUse::grows;
  }
  return SpaceUse::grows;
}

/// Its transfer is on record already.
bool had_begun(const NewAuditEvent& event) noexcept {
  return event.success || event.error_message == "interrupted" ||
         event.error_message == code_of(Errc::client_disconnected);
}

/// The password fits and the code is still to come, or it was a wrong one, which counts.
bool is_step_of_login(const NewAuditEvent& event) noexcept {
  return event.action == Action::second_factor_failed ||
         event.error_message == code_of(Errc::second_factor_required);
}

} // namespace

SpaceUse space_use(const NewAuditEvent& event) noexcept {
  if (event.action == Action::download && had_begun(event)) return SpaceUse::frees;
  if (is_step_of_login(event)) return SpaceUse::signs_in;
  const auto action = event.action.built_in();
  return event.success && action ? use_of(*action) : SpaceUse::grows;
}

SpaceUse space_use(const AuditEvents& events) noexcept {
  auto least = SpaceUse::frees;
  for (const auto& event : events.list()) least = std::min(least, space_use(event));
  return least;
}

} // namespace baluhost
