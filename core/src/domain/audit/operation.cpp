#include "baluhost/domain/audit/operation.hpp"

#include "baluhost/domain/audit/audit_event.hpp"

namespace baluhost {

std::string_view to_string(Operation operation) noexcept {
  switch (operation) {
    case Operation::upload:
      return to_string(Action::upload);
    case Operation::download:
      return to_string(Action::download);
    case Operation::remove:
      return to_string(Action::remove);
    case Operation::move:
      return to_string(Action::move);
    case Operation::rename:
      return to_string(Action::rename);
    case Operation::copy:
      return to_string(Action::copy);
    case Operation::create_directory:
      return to_string(Action::create_directory);
    case Operation::user_created:
      return to_string(Action::user_created);
    case Operation::user_updated:
      return to_string(Action::user_updated);
    case Operation::user_deleted:
      return to_string(Action::user_deleted);
    case Operation::user_enabled:
      return to_string(Action::user_enabled);
    case Operation::user_disabled:
      return to_string(Action::user_disabled);
    case Operation::role_changed:
      return to_string(Action::role_changed);
    case Operation::password_changed:
      return to_string(Action::password_changed);
    case Operation::session_revoked:
      return to_string(Action::session_revoked);
    case Operation::logout_all:
      return to_string(Action::logout_all);
    case Operation::permission_granted:
      return to_string(Action::permission_granted);
    case Operation::permission_revoked:
      return to_string(Action::permission_revoked);
    case Operation::logout:
      return to_string(Action::logout);
    case Operation::key_created:
      return to_string(Action::key_created);
    case Operation::key_revoked:
      return to_string(Action::key_revoked);
    case Operation::share_created:
      return to_string(Action::share_created);
    case Operation::share_changed:
      return to_string(Action::share_changed);
    case Operation::share_ended:
      return to_string(Action::share_ended);
    case Operation::audit_exported:
      return to_string(Action::audit_exported);
    case Operation::audit_verified:
      return to_string(Action::audit_verified);
    case Operation::audit_pruned:
      return to_string(Action::audit_pruned);
    case Operation::read_metadata:
      return "read_metadata";
    case Operation::list_directory:
      return "list_directory";
    case Operation::list_uploads:
      return "list_uploads";
    case Operation::list_grants:
      return "list_grants";
    case Operation::list_shares:
      return "list_shares";
    case Operation::read_share:
      return "read_share";
    case Operation::list_users:
      return "list_users";
    case Operation::get_user:
      return "get_user";
    case Operation::list_sessions:
      return "list_sessions";
    case Operation::list_keys:
      return "list_keys";
    case Operation::read_account:
      return "read_account";
    case Operation::read_usage:
      return "read_usage";
    case Operation::read_upload:
      return "read_upload";
    case Operation::list_events:
      return "list_events";
    case Operation::read_event:
      return "read_event";
    case Operation::read_statistics:
      return "read_statistics";
    case Operation::list_seals:
      return "list_seals";
    case Operation::follow_audit:
      return "follow_audit";
    case Operation::follow_events:
      return "follow_events";
  }
  return "";
}

} // namespace baluhost
