#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <cstddef>
#include <string_view>

/// How a store describes its tables, and those that a migration reads itself: their columns are
/// part of what `Content` promises, so every store takes them from here.
namespace baluhost::bulk {

/// Columns by their types; a text of `limit` code points at most, 0: of any length.
constexpr Column integer(std::string_view name) {
  return {.name = name, .type = ColumnType::integer};
}

/// The same.
constexpr Column small_integer(std::string_view name) {
  return {.name = name, .type = ColumnType::small_integer};
}

/// The same.
constexpr Column boolean(std::string_view name) {
  return {.name = name, .type = ColumnType::boolean};
}

/// The same.
constexpr Column text(std::string_view name, std::size_t limit = 0) {
  return {.name = name, .type = ColumnType::text, .limit = limit};
}

/// One that may be null.
constexpr Column maybe(Column column) {
  column.nullable = true;
  return column;
}

/// One that a running server changes all the time.
constexpr Column passing(Column column) {
  column.compared = false;
  return column;
}

/// The events of the trail.
inline Table events_table() {
  return {.name = "audit_logs",
          .columns = {integer("id"), integer("timestamp"), text("event_type", 50),
                      text("action", 100), maybe(text("user", 100)), maybe(text("resource", 1000)),
                      boolean("success"), maybe(text("error_message")), text("details"),
                      maybe(text("ip_address", 45)), maybe(text("user_agent", 500))},
          .growth = Growth::appended,
          .has_identity = true,
          .content = Content::events};
}

/// What the seals cover of each event.
inline Table leaves_table() {
  return {.name = "audit_leaves",
          .columns = {integer("sequence"), integer("event_id"), text("leaf")},
          .growth = Growth::appended,
          .content = Content::leaves};
}

/// The seals.
inline Table seals_table() {
  return {.name = "audit_seals",
          .columns = {integer("number"), integer("first_sequence"), integer("last_sequence"),
                      integer("count"), text("root"), text("previous"), integer("sealed_at"),
                      boolean("recovered"), text("key_id"), text("signature")},
          .growth = Growth::appended,
          .content = Content::seals};
}

/// What was pruned.
inline Table prunes_table() {
  return {.name = "audit_prunes",
          .columns = {integer("last_seal"), integer("last_sequence"), integer("events"),
                      integer("pruned_at"), text("key_id"), text("signature")},
          .content = Content::prunes};
}

/// The sums of each day. They may lie in several rows, one for each writer.
inline Table statistics_table() {
  return {
      .name = "audit_daily",
      .columns = {integer("day"), text("event_type"), text("action"), text("user_key"),
                  boolean("success"), small_integer("shard"), integer("events"), integer("bytes")},
      .key = 5,
      .derived = true,
      .content = Content::statistics};
}

} // namespace baluhost::bulk
