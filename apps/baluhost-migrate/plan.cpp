#include "plan.hpp"

#include <algorithm>
#include <array>

namespace baluhost::migrate {
namespace {

constexpr Column integer(std::string_view name) { return {name, ColumnType::integer}; }
constexpr Column boolean(std::string_view name) { return {name, ColumnType::boolean}; }
constexpr Column text(std::string_view name, std::size_t limit = 0) {
  return {name, ColumnType::text, false, limit};
}
constexpr Column maybe(Column column) {
  column.nullable = true;
  return column;
}
constexpr Column passing(Column column) {
  column.compared = false;
  return column;
}

std::vector<Table> make_tables() {
  return {
      {"users",
       {integer("id"), text("username"), maybe(text("email")), maybe(text("email_key")),
        text("role"), boolean("enabled"), maybe(integer("quota_bytes")), integer("used_bytes"),
        integer("file_count"), text("password_hash"), maybe(integer("unlocked_at")),
        integer("created_at"), integer("updated_at"), integer("events_after"),
        integer("entry_count"), integer("tree_version"), boolean("removed")},
       "id",
       Growth::mutable_,
       true},
      {"sessions",
       {text("id"), integer("user_id"), integer("created_at"), integer("last_used_at"),
        integer("expires_at"), maybe(integer("revoked_at")), maybe(text("ip_address")),
        maybe(text("peer_address")), maybe(text("user_agent"))},
       "id"},
      {"refresh_tokens",
       {text("digest"), text("session_id"), maybe(integer("spent_at"))},
       "digest"},
      {"files",
       {integer("id"), maybe(integer("parent_id")), text("name"), text("kind"), maybe(text("blob")),
        maybe(integer("size")), maybe(text("sha256")), maybe(text("sha1")), integer("owner_id"),
        integer("created_at"), integer("modified_at")},
       "id",
       Growth::mutable_,
       true},
      {"grants",
       {integer("file_id"), text("grantee"), maybe(integer("grantee_id")), integer("home_id"),
        integer("rights"), maybe(integer("giver_id")), text("granted_by"), boolean("given_on"),
        integer("created_at")},
       "file_id, grantee"},
      {"uploads",
       {text("id"), integer("creator_id"), text("home"), text("target"), integer("length"),
        integer("received"), boolean("overwrite"), boolean("parents"), maybe(text("expected")),
        integer("created_at"), integer("expires_at")},
       "id"},
      {"upload_totals",
       {text("kind"), text("key"), integer("uploads"), integer("bytes")},
       "kind, key",
       Growth::mutable_,
       false,
       "",
       true},
      {"tree_removals",
       {integer("root_id"), integer("owner_id"), integer("timestamp"), text("action"),
        maybe(text("user")), maybe(text("resource")), text("details"), maybe(text("ip_address")),
        maybe(text("user_agent")), maybe(integer("account_id"))},
       "root_id"},
      {"doomed_blobs", {text("blob"), integer("since")}, "blob"},
      {"damaged_blobs", {text("blob"), text("finding"), integer("found_at")}, "blob"},
      {"instances", {text("id"), integer("started_at"), passing(integer("seen_at"))}, "id"},
      {"transfers",
       {integer("id"), text("instance_id"), integer("timestamp"), text("action"),
        maybe(text("user")), maybe(text("resource")), boolean("success"),
        maybe(text("error_message")), text("details"), maybe(text("ip_address")),
        maybe(text("user_agent")), maybe(integer("account_id"))},
       "id",
       Growth::mutable_,
       true},
      {"audit_logs",
       {integer("id"), integer("timestamp"), text("event_type", 50), text("action", 100),
        maybe(text("user", 100)), maybe(text("resource", 1000)), boolean("success"),
        maybe(text("error_message")), text("details"), maybe(text("ip_address", 45)),
        maybe(text("user_agent", 500))},
       "id",
       Growth::appended,
       true},
      {"audit_former", {integer("event_id")}, "event_id"},
      {"audit_leaves",
       {integer("sequence"), integer("event_id"), text("leaf")},
       "sequence",
       Growth::appended},
      {"audit_seals",
       {integer("number"), integer("first_sequence"), integer("last_sequence"), integer("count"),
        text("root"), text("previous"), integer("sealed_at"), boolean("recovered"), text("key_id"),
        text("signature")},
       "number",
       Growth::appended},
      {"audit_prunes",
       {integer("last_seal"), integer("last_sequence"), integer("events"), integer("pruned_at"),
        text("key_id"), text("signature")},
       "last_seal"},
      {"audit_tags",
       {integer("event_id"), text("writer"), integer("number"), integer("settled"),
        integer("sealed"), text("mac")},
       "event_id"},
      {"audit_daily",
       {integer("day"), text("event_type"), text("action"), text("user_key"), boolean("success"),
        integer("shard"), integer("events"), integer("bytes")},
       "day, event_type, action, user_key, success",
       Growth::mutable_,
       false,
       "(select day, event_type, action, user_key, success, 0 as shard, cast(sum(events) as "
       "bigint) as events, cast(sum(bytes) as bigint) as bytes "
       "from audit_daily group by day, event_type, action, user_key, success having sum(events) <> "
       "0) d",
       true},
  };
}

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>((value >> shift) & 0xff));
}

constexpr std::array<std::string_view, 6> kLocal{"schema_version",     "migration_runs",
                                                 "identity_version",   "audit_order",
                                                 "audit_sealed_up_to", "sqlite_sequence"};

} // namespace

std::span<const Table> tables() {
  static const std::vector<Table> all = make_tables();
  return all;
}

const Table& table_named(std::string_view name) {
  return *std::ranges::find(tables(), name, &Table::name);
}

bool is_known_table(std::string_view name) {
  return std::ranges::find(tables(), name, &Table::name) != tables().end() ||
         std::ranges::find(kLocal, name) != kLocal.end();
}

void append_canonical(std::string& out, const Table& table, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!table.columns[i].compared) continue;
    if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      out.push_back(1);
      append_number(out, static_cast<std::uint64_t>(*number), 8);
    } else if (const auto* text = std::get_if<std::string_view>(&row[i])) {
      out.push_back(2);
      append_number(out, text->size(), 4);
      out.append(*text);
    } else {
      out.push_back(0);
    }
  }
}

std::string describe_key(const Table& table, const Row& row) {
  const auto& first = table.columns.front();
  std::string out{first.name};
  out += ' ';
  if (const auto* number = std::get_if<std::int64_t>(&row.front()))
    return out + std::to_string(*number);
  if (const auto* text = std::get_if<std::string_view>(&row.front())) return out.append(*text);
  return out + "null";
}

} // namespace baluhost::migrate
