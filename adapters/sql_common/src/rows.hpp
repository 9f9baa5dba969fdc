#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <string>
#include <string_view>

/// Columns and their readers, side by side: whoever changes one sees the other.
namespace baluhost::sql {

#define BALUHOST_USER_COLUMNS                                                                 \
  "u.id, u.username, u.email, u.role, case when u.enabled then 1 else 0 end, u.quota_bytes, " \
  "u.used_bytes, "                                                                            \
  "u.file_count, u.created_at, u.updated_at, u.events_after, u.entry_count, u.tree_version"
inline constexpr std::string_view kUserShape = "ntttnnnnnnnnn";
User read_user(const Row& row, std::size_t first = 0);

#define BALUHOST_FILE_COLUMNS                                                         \
  "f.id, f.parent_id, f.name, f.kind, f.blob, f.size, f.sha256, f.sha1, f.owner_id, " \
  "f.created_at, f.modified_at"
inline constexpr std::string_view kFileShape = "nntttnttnnn";
FileEntry read_file(const Row& row, std::size_t first = 0);
/// The action named `text`. There is no parser for them in the domain: events are read back as
/// text.
Action action_named(std::string_view text);
Content read_content(const Row& row, std::size_t first); ///< blob, size, sha256, sha1

} // namespace baluhost::sql
