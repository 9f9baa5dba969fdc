#pragma once

#include <string_view>

namespace baluhost {

/// What somebody asked for, as the `access_denied` event of a refusal names it.
enum class Operation {
  // Changes and transfers, which have an action of the same name.
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
  user_created,
  user_updated,
  user_deleted,
  user_enabled,
  user_disabled,
  role_changed,
  password_changed,
  session_revoked,
  logout_all,
  permission_granted,
  permission_revoked,
  logout,
  key_created,
  key_revoked,
  share_created,
  share_changed,
  share_ended,
  totp_enabled,
  totp_disabled,
  audit_exported,
  audit_verified,
  audit_pruned,
  // Reading, which leaves no event where it succeeds.
  read_metadata,
  list_directory,
  list_trash,
  list_versions,
  list_uploads,
  search,
  list_grants,
  list_shares,
  read_share,
  list_users,
  get_user,
  list_sessions,
  list_keys,
  read_account, ///< one's own
  read_usage,
  read_upload,
  list_events,
  read_event,
  read_event_proof,
  read_audit_status,
  read_statistics,
  list_seals,
  read_system,
  follow_audit,  ///< asking for the live stream
  follow_events, ///< each look of a live stream at what is new
};

/// The stable name of `operation`, as the audit trail has it: "list_directory". Never fails.
std::string_view to_string(Operation operation) noexcept;

} // namespace baluhost
