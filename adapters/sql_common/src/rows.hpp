#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/sql_common/connection.hpp"

/// Columns and their readers, side by side: whoever changes one sees the other. A reader reads its
/// columns of a row and leaves what comes after them.
namespace baluhost::sql {

inline const Columns kUserColumns =
    number("u.id") + text("u.username", "u.email", "u.role") + flag("u.enabled") +
    number("u.quota_bytes", "u.used_bytes", "u.file_count", "u.entry_count", "u.tree_version",
           "u.created_at", "u.updated_at", "u.events_after", "u.trash_bytes", "u.version_bytes");
User read_user(Row& row);

/// Whether the user has a confirmed second factor.
inline const Columns kHasSecondFactor = flag(
    "exists (select 1 from second_factors sf where sf.user_id = u.id and sf.confirmed_at is not "
    "null)");

inline const Columns kContentColumns =
    text("f.blob") + number("f.size") + text("f.sha256", "f.sha1") + number("f.crc32");
Content read_content(Row& row);

/// none for NULL, and for a text that is no address. One with a zone is that without it.
std::optional<IpAddress> read_address(Row& row);

/// none for NULL.
std::optional<std::uint32_t> read_crc32(Row& row);

inline const Columns kFileColumns =
    number("f.id", "f.parent_id") + text("f.name", "f.kind") + kContentColumns +
    number("f.owner_id", "f.created_at", "f.modified_at", "f.version_bytes", "f.pending_records");
FileEntry read_file(Row& row);

FileKind read_kind(Row& row);

/// The action that a text names. There is no parser for them in the domain: events are read back as
/// text.
Action read_action(Row& row);

/// Deletes the oldest of the rows of `table` whose time `column` lies before `before`; how many.
std::int64_t delete_before(Connection& db, std::string_view table, std::string_view column,
                           Timestamp before, std::size_t limit);

/// What is kept of an event that succeeded while it is not on record yet: its time, action, user,
/// resource, details, addresses and account.
NewAuditEvent read_success(Row& row);

} // namespace baluhost::sql
