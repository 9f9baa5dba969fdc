#include "bulk/bulk_state.hpp"

#include <algorithm>
#include <utility>

namespace baluhost::memory {
namespace {

using bulk::Column;
using bulk::ColumnType;
using bulk::Content;
using bulk::Growth;
using bulk::Table;

Column integer(std::string_view name) { return {.name = name, .type = ColumnType::integer}; }
Column small_integer(std::string_view name) {
  return {.name = name, .type = ColumnType::small_integer};
}
Column boolean(std::string_view name) { return {.name = name, .type = ColumnType::boolean}; }
Column text(std::string_view name, std::size_t limit = 0) {
  return {.name = name, .type = ColumnType::text, .limit = limit};
}
Column maybe(Column column) {
  column.nullable = true;
  return column;
}

std::vector<Table> make_tables() {
  return {
      {.name = "users",
       .columns = {integer("id"), text("username"), maybe(text("email")), boolean("enabled")},
       .has_identity = true},
      {.name = "instances",
       .columns = {text("id"), integer("started_at")},
       .content = Content::servers},
      {.name = "audit_logs",
       .columns = {integer("id"), integer("timestamp"), text("event_type", 50), text("action", 100),
                   maybe(text("user", 100)), maybe(text("resource", 1000)), boolean("success"),
                   maybe(text("error_message")), text("details"), maybe(text("ip_address", 45)),
                   maybe(text("user_agent", 500))},
       .growth = Growth::appended,
       .has_identity = true,
       .content = Content::events},
      {.name = "audit_leaves",
       .columns = {integer("sequence"), integer("event_id"), text("leaf")},
       .growth = Growth::appended,
       .content = Content::leaves},
      {.name = "audit_seals",
       .columns = {integer("number"), integer("first_sequence"), integer("last_sequence"),
                   integer("count"), text("root"), text("previous"), integer("sealed_at"),
                   boolean("recovered"), text("key_id"), text("signature")},
       .growth = Growth::appended,
       .content = Content::seals},
      {.name = "audit_prunes",
       .columns = {integer("last_seal"), integer("last_sequence"), integer("events"),
                   integer("pruned_at"), text("key_id"), text("signature")},
       .content = Content::prunes},
      {.name = "audit_daily",
       .columns = {integer("day"), text("event_type"), text("action"), text("user_key"),
                   boolean("success"), small_integer("shard"), integer("events"), integer("bytes")},
       .key = 5,
       .derived = true,
       .content = Content::statistics},
  };
}

} // namespace

std::span<const Table> bulk_tables() {
  static const std::vector<Table> tables = make_tables();
  return tables;
}

const Table& bulk_table(std::string_view name) {
  return *std::ranges::find(bulk_tables(), name, &Table::name);
}

StoredRow key_of(const Table& table, const StoredRow& row) {
  return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.key)};
}

BulkState SharedBulkState::look() const {
  const std::scoped_lock lock{mutex_};
  return state_;
}

std::int64_t SharedBulkState::changes() const {
  const std::scoped_lock lock{mutex_};
  return changes_;
}

void SharedBulkState::change(const BulkChange& change) {
  const std::scoped_lock lock{mutex_};
  change(state_);
  ++changes_;
}

void SharedBulkState::change(const std::vector<BulkChange>& changes) {
  const std::scoped_lock lock{mutex_};
  for (const auto& change : changes) change(state_);
  ++changes_;
}

void SharedBulkState::fail_write(int nth) {
  const std::scoped_lock lock{mutex_};
  until_failure_ = nth;
}

bool SharedBulkState::is_about_to_fail() const {
  const std::scoped_lock lock{mutex_};
  return until_failure_ > 0;
}

Result<void> SharedBulkState::may_write() {
  const std::scoped_lock lock{mutex_};
  if (until_failure_ == 0 || --until_failure_ > 0) return {};
  return Error{Errc::unavailable, "the store fails as it was told to"};
}

} // namespace baluhost::memory
