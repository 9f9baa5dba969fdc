#pragma once

#include <map>
#include <set>
#include <string_view>

namespace baluhost::test {

/// The actions of each type of event.
using Catalogue = std::map<std::string_view, std::set<std::string_view>>;

/// As the contract has it, written down apart from the product.
inline Catalogue catalogue_of_the_contract() {
  return {{"SECURITY",
           {"login_success",
            "login_failed",
            "logout",
            "logout_all",
            "session_revoked",
            "token_refresh",
            "refresh_reuse_detected",
            "invalid_token",
            "access_denied",
            "password_changed",
            "password_change_failed",
            "role_changed",
            "permission_granted",
            "permission_revoked",
            "key_created",
            "key_revoked",
            "share_created",
            "share_changed",
            "share_ended",
            "share_opened",
            "totp_enabled",
            "totp_disabled",
            "recovery_code_used",
            "second_factor_failed",
            "audit_exported",
            "audit_verified"}},
          {"USER_MANAGEMENT",
           {"user_created", "user_updated", "user_deleted", "user_enabled", "user_disabled"}},
          {"FILE_ACCESS",
           {"upload", "download", "delete", "move", "rename", "copy", "create_directory", "trash",
            "restore", "purge", "version_restored", "version_removed"}},
          {"SYSTEM",
           {"server_started", "server_stopped", "schema_migrated", "recovery_completed",
            "backup_created", "backup_restored", "database_migrated", "audit_pruned",
            "keys_rotated", "event_refused"}},
          {"DISK_MONITOR",
           {"disk_space_low", "disk_space_recovered", "integrity_scrub", "blob_damaged"}}};
}

} // namespace baluhost::test
