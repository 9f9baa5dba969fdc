#include "bulk/bulk_state.hpp"

#include "baluhost/ports/common/bulk_tables.hpp"

#include <algorithm>
#include <utility>

namespace baluhost::memory {
namespace {

using bulk::Table;

std::vector<Table> make_tables() {
  return {
      {.name = "users",
       .columns = {bulk::integer("id"), bulk::text("username"), bulk::maybe(bulk::text("email")),
                   bulk::boolean("enabled")},
       .has_identity = true},
      {.name = "instances",
       .columns = {bulk::text("id"), bulk::integer("started_at")},
       .content = bulk::Content::servers},
      bulk::events_table(),
      bulk::leaves_table(),
      bulk::seals_table(),
      bulk::prunes_table(),
      bulk::statistics_table(),
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
