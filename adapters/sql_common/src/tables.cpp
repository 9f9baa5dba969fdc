#include "baluhost/sql_common/tables.hpp"
#include "baluhost/domain/concat.hpp"
#include "baluhost/ports/common/bulk_tables.hpp"

#include <algorithm>
#include <array>

namespace baluhost::sql {
namespace {

using bulk::boolean;
using bulk::Column;
using bulk::Content;
using bulk::integer;
using bulk::maybe;
using bulk::passing;
using bulk::small_integer;
using bulk::Table;
using bulk::text;

std::vector<Table> make_identity_tables() {
  return {
      {.name = "users",
       .columns = {integer("id"), text("username"), maybe(text("email")), maybe(text("email_key")),
                   text("role"), boolean("enabled"), maybe(integer("quota_bytes")),
                   integer("used_bytes"), integer("file_count"), text("password_hash"),
                   maybe(integer("unlocked_at")), integer("created_at"), integer("updated_at"),
                   integer("events_after"), integer("entry_count"), integer("tree_version"),
                   boolean("removed"), integer("trash_bytes"), integer("version_bytes")},
       .has_identity = true},
      {.name = "sessions",
       .columns = {text("id"), integer("user_id"), integer("created_at"), integer("last_used_at"),
                   integer("expires_at"), maybe(integer("revoked_at")), maybe(text("ip_address")),
                   maybe(text("peer_address")), maybe(text("user_agent"))}},
      {.name = "refresh_tokens",
       .columns = {text("digest"), text("session_id"), maybe(integer("spent_at"))}},
      {.name = "second_factors",
       .columns = {integer("user_id"), text("key_id"), text("seed"), integer("created_at"),
                   maybe(integer("confirmed_at")), integer("last_step"), integer("step_before")}},
      {.name = "recovery_codes", .columns = {integer("user_id"), text("digest")}, .key = 2},
      {.name = "second_factor_resets", .columns = {integer("user_id"), integer("reset_at")}},
      {.name = "login_challenges",
       .columns = {text("digest"), integer("user_id"), integer("created_at"), integer("expires_at"),
                   integer("tries")}},
  };
}

std::vector<Table> make_file_tables() {
  return {
      {.name = "files",
       .columns = {integer("id"), maybe(integer("parent_id")), text("name"), text("kind"),
                   maybe(text("blob")), maybe(integer("size")), maybe(text("sha256")),
                   maybe(text("sha1")), integer("owner_id"), integer("created_at"),
                   integer("modified_at"), maybe(integer("crc32")), integer("pending_records"),
                   integer("version_bytes"), integer("contents"), maybe(text("version_id")),
                   maybe(integer("written_at")), maybe(text("written_by")), text("search_key")},
       .has_identity = true},
      {.name = "grants",
       .columns = {integer("file_id"), text("grantee"), maybe(integer("grantee_id")),
                   integer("home_id"), small_integer("rights"), maybe(integer("giver_id")),
                   text("granted_by"), boolean("given_on"), integer("created_at")},
       .key = 2},
      {.name = "keys",
       .columns = {text("id"), integer("owner_id"), text("name"), text("secret"),
                   small_integer("scopes"), maybe(integer("root_id")), small_integer("protocols"),
                   text("allow_from"), integer("created_at"), maybe(integer("expires_at")),
                   maybe(integer("last_used_at")), maybe(text("last_used_ip"))}},
      {.name = "shares",
       .columns = {text("id"), integer("file_id"), integer("home_id"), integer("creator_id"),
                   small_integer("rights"), text("secret"), integer("generation"),
                   maybe(text("password_hash")), maybe(integer("expires_at")),
                   maybe(integer("max_uses")), integer("uses"), maybe(integer("max_bytes")),
                   integer("used_bytes"), maybe(text("note")), integer("created_at"),
                   maybe(integer("last_used_at")), maybe(integer("ended_at"))}},
      {.name = "uploads",
       .columns = {text("id"), integer("creator_id"), text("home"), text("target"),
                   integer("length"), integer("received"), boolean("overwrite"), boolean("parents"),
                   maybe(text("expected")), integer("created_at"), integer("expires_at"),
                   maybe(text("share_id")), maybe(text("share_path"))}},
      {.name = "upload_totals",
       .columns = {text("kind"), text("key"), integer("uploads"), integer("bytes")},
       .key = 2,
       .derived = true},
      {.name = "tree_removals",
       .columns = {integer("root_id"), integer("owner_id"), integer("timestamp"), text("action"),
                   maybe(text("user")), maybe(text("resource")), text("details"),
                   maybe(text("ip_address")), maybe(text("user_agent")),
                   maybe(integer("account_id"))}},
      {.name = "trash",
       .columns = {integer("id"), integer("root_id"), integer("owner_id"),
                   maybe(integer("parent_id")), text("path"), integer("size"),
                   integer("version_bytes"), integer("file_count"), maybe(integer("deleter_id")),
                   text("deleted_by"), integer("deleted_at"), integer("expires_at")},
       .has_identity = true},
      {.name = "tree_records",
       .columns = {integer("id"), integer("root_id"), text("position"), maybe(text("source")),
                   integer("timestamp"), text("action"), maybe(text("user")),
                   maybe(text("resource")), text("details"), maybe(text("ip_address")),
                   maybe(text("user_agent")), maybe(integer("account_id"))},
       .has_identity = true},
      {.name = "versions",
       .columns = {integer("file_id"), text("id"), text("blob"), integer("size"), text("sha256"),
                   maybe(text("sha1")), maybe(integer("crc32")), integer("created_at"),
                   maybe(text("created_by")), integer("replaced_at")},
       .key = 2},
      {.name = "archives",
       .columns = {text("id"), integer("owner_id"), text("session_id"), text("name"),
                   text("comment"), integer("size"), integer("directory_offset"),
                   integer("directory_size"), integer("entries"), integer("files"),
                   integer("created_at"), integer("used_at")}},
      {.name = "archive_entries",
       .columns = {text("archive_id"), integer("entry_offset"), integer("directory_offset"),
                   integer("file_id"), integer("owner_id"), text("path"), text("name"),
                   integer("modified_at"), maybe(text("blob")), maybe(integer("size")),
                   maybe(text("sha256")), maybe(integer("crc32"))},
       .key = 2},
      {.name = "doomed_blobs", .columns = {text("blob"), integer("since")}},
      {.name = "damaged_blobs", .columns = {text("blob"), text("finding"), integer("found_at")}},
      {.name = "instances",
       .columns = {text("id"), integer("started_at"), passing(integer("seen_at")), integer("begun"),
                   text("open"), maybe(text("mac"))},
       .content = Content::servers},
      {.name = "transfer_groups",
       .columns = {text("instance_id"), integer("first_id"), integer("downloads"),
                   integer("since_id"), text("events"), maybe(text("mac"))},
       .key = 2},
  };
}

std::vector<Table> make_audit_tables() {
  return {
      bulk::events_table(),
      {.name = "audit_former", .columns = {integer("event_id")}},
      bulk::leaves_table(),
      bulk::seals_table(),
      bulk::prunes_table(),
      {.name = "audit_tags",
       .columns = {integer("event_id"), text("writer"), integer("number"), integer("settled"),
                   integer("sealed"), text("mac"), maybe(integer("last_event_id")),
                   maybe(text("events"))}},
      bulk::statistics_table(), // `rows_of` adds its rows up
  };
}

std::vector<Table> make_moved_tables() {
  auto all = make_identity_tables();
  for (const auto& tables : {make_file_tables(), make_audit_tables()})
    all.insert(all.end(), tables.begin(), tables.end());
  return all;
}

std::vector<Table> make_local_tables() {
  return {
      {.name = "schema_version", .columns = {integer("version")}},
      {.name = "migration_runs",
       .columns = {text("id"), text("source"), text("state"), integer("started_at"),
                   maybe(integer("finished_at")), maybe(text("detail"))}},
      {.name = "identity_version", .columns = {integer("id"), integer("version")}},
      {.name = "audit_sealed_up_to", .columns = {integer("id"), integer("event_id")}},
      {.name = "audit_rolled",
       .columns = {integer("day"), integer("run"), small_integer("state"), integer("first_id"),
                   integer("last_id"), integer("most_left")}},
      {.name = "audit_keys",
       .columns = {small_integer("kind"), integer("day"), text("key"), integer("succeeded"),
                   integer("failed"), integer("bytes")},
       .key = 3},
      {.name = "audit_quarters",
       .columns = {integer("day"), small_integer("quarter"), text("event_type"),
                   integer("succeeded"), integer("failed")},
       .key = 3},
      // Of SQLite alone.
      {.name = "audit_order", .columns = {integer("id"), integer("newest"), integer("disorder")}},
  };
}

bool is_among(std::span<const Table> tables, std::string_view name) {
  return std::ranges::find(tables, name, &Table::name) != tables.end();
}

constexpr std::array kForbiddenValues{
    ForbiddenValue{"users", "id", "role", "role not in ('admin', 'auditor', 'user')"},
    ForbiddenValue{"login_challenges", "digest", "tries", "tries < 0"},
    ForbiddenValue{"files", "id", "kind", "kind not in ('file', 'directory')"},
    ForbiddenValue{"files", "id", "blob",
                   "(kind = 'file') <> (blob is not null and size is not null and sha256 is not "
                   "null)"},
    ForbiddenValue{"grants", "file_id", "rights", "rights not between 0 and 15"},
    ForbiddenValue{"keys", "id", "scopes", "scopes not between 0 and 63"},
    ForbiddenValue{"keys", "id", "protocols", "protocols not between 0 and 3"},
    ForbiddenValue{"shares", "id", "rights", "rights not between 1 and 3"}};

constexpr std::array kUniqueKeys{UniqueKey{"users", "id", "id"},
                                 UniqueKey{"users", "username", "username"},
                                 UniqueKey{"users", "email_key", "email_key"},
                                 UniqueKey{"sessions", "id", "id"},
                                 UniqueKey{"refresh_tokens", "digest", "digest"},
                                 UniqueKey{"second_factors", "user_id", "user_id"},
                                 UniqueKey{"second_factor_resets", "user_id", "user_id"},
                                 UniqueKey{"login_challenges", "digest", "digest"},
                                 UniqueKey{"files", "id", "id"},
                                 UniqueKey{"files", "parent_id, name", "name"},
                                 UniqueKey{"keys", "id", "id"},
                                 UniqueKey{"keys", "secret", "secret"},
                                 UniqueKey{"shares", "id", "id"},
                                 UniqueKey{"uploads", "id", "id"},
                                 UniqueKey{"trash", "id", "id"},
                                 UniqueKey{"trash", "root_id", "root_id"},
                                 UniqueKey{"tree_records", "id", "id"},
                                 UniqueKey{"archives", "id", "id"},
                                 UniqueKey{"doomed_blobs", "blob", "blob"},
                                 UniqueKey{"damaged_blobs", "blob", "blob"},
                                 UniqueKey{"instances", "id", "id"},
                                 UniqueKey{"transfer_groups", "instance_id, first_id", "first_id"},
                                 UniqueKey{"audit_logs", "id", "id"},
                                 UniqueKey{"audit_leaves", "event_id", "event_id"},
                                 UniqueKey{"audit_seals", "first_sequence", "first_sequence"},
                                 UniqueKey{"audit_seals", "last_sequence", "last_sequence"}};

/// Of SQLite alone: its index of names, which is several tables.
constexpr std::string_view kSearchTables = "files_search";

std::string list_of(const Table& table, std::size_t columns) {
  std::string list;
  for (std::size_t i = 0; i < columns; ++i) {
    if (i > 0) list += ", ";
    list += quoted(table.columns[i].name);
  }
  return list;
}

} // namespace

std::span<const Table> moved_tables() {
  static const std::vector<Table> tables = make_moved_tables();
  return tables;
}

std::span<const Table> local_tables() {
  static const std::vector<Table> tables = make_local_tables();
  return tables;
}

bool is_known_table(std::string_view name) {
  return is_among(moved_tables(), name) || is_among(local_tables(), name) ||
         name == "sqlite_sequence" || name.starts_with(kSearchTables);
}

std::span<const ForbiddenValue> forbidden_values() { return kForbiddenValues; }
std::span<const UniqueKey> unique_keys() { return kUniqueKeys; }

std::string quoted(std::string_view name) { return concat("\"", name, "\""); }

std::string joined(std::span<const std::string> texts, std::string_view separator) {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += separator;
    all += text;
  }
  return all;
}

std::string column_list(const Table& table) { return list_of(table, table.columns.size()); }
std::string key_list(const Table& table) { return list_of(table, table.key); }

std::string rows_of(const Table& table) {
  if (table.content != Content::statistics) return quoted(table.name);
  return "(select day, event_type, action, user_key, success, 0 as shard, cast(sum(events) as "
         "bigint) as events, cast(sum(bytes) as bigint) as bytes from audit_daily group by day, "
         "event_type, action, user_key, success having sum(events) <> 0) d";
}

std::string scan_statement(const Table& table, const bulk::Range& range) {
  auto sql = concat("select ", column_list(table), " from ", rows_of(table));
  if (range.after) sql += concat(" where ", key_list(table), " > ", *range.after);
  sql += " order by " + key_list(table);
  if (range.limit > 0) sql += concat(" limit ", range.limit);
  return sql;
}

ComparedColumns compare_columns(const Table& table, std::span<const std::string> found) {
  ComparedColumns compared;
  for (const Column& column : table.columns) {
    if (std::ranges::find(found, column.name) == found.end())
      compared.missing.emplace_back(column.name);
  }
  for (const std::string& column : found) {
    if (std::ranges::find(table.columns, column, &Column::name) == table.columns.end())
      compared.unknown.push_back(column);
  }
  return compared;
}

std::string_view name_of(bulk::RunState state) {
  switch (state) {
    case bulk::RunState::none:
    case bulk::RunState::running:
      break;
    case bulk::RunState::failed:
      return "failed";
    case bulk::RunState::done:
      return "done";
  }
  return "running";
}

bulk::RunState run_state_of(std::string_view name) {
  return name == "done"     ? bulk::RunState::done
         : name == "failed" ? bulk::RunState::failed
                            : bulk::RunState::running;
}

} // namespace baluhost::sql
