#include "finished_target.hpp"

#include <algorithm>

namespace baluhost::migrate {
namespace {

bool is_migration(const Table& events, const Row& event) {
  const auto action =
      std::ranges::find(events.columns, "action", &Column::name) - events.columns.begin();
  const auto* text = std::get_if<std::string_view>(&event[static_cast<std::size_t>(action)]);
  return text != nullptr && *text == "database_migrated";
}

/// A run may have been killed before its last word. Source and target hold the same.
Result<bool> is_recorded(Store& source, Store& target) {
  const Table& events = table_named("audit_logs");
  BALUHOST_TRY(const auto last, source.greatest_key(events));
  bool found = false;
  BALUHOST_CHECK(target.scan(events, last.value_or(0), [&](const Row& row) -> Result<void> {
    found = found || is_migration(events, row);
    return {};
  }));
  return found;
}

/// The target's last event is the tool's own or the source's: a server that starts there writes
/// another.
Result<bool> is_untouched(Store& source, Store& target, const Digester& digester) {
  const Table& events = table_named("audit_logs");
  BALUHOST_TRY(const auto last, target.greatest_key(events));
  if (!last) return true;
  bool recorded = false;
  TableHash here{digester}, there{digester};
  BALUHOST_CHECK(target.scan(
      events, *last - 1,
      [&](const Row& row) -> Result<void> {
        recorded = is_migration(events, row);
        here.add(events, row);
        return {};
      },
      1));
  BALUHOST_CHECK(source.scan(
      events, *last - 1,
      [&](const Row& row) -> Result<void> {
        there.add(events, row);
        return {};
      },
      1));
  return recorded || here.checksum() == there.checksum();
}

/// Whether the target holds all that the source has now; what came to the target later is not
/// looked at.
Result<bool> holds_source(const Context& context) {
  BALUHOST_TRY(const auto up_to, greatest_keys(*context.source));
  BALUHOST_TRY(const auto held, checksums(*context.target, *context.digester, up_to));
  // The day's figures of a target that went on hold more than the source's.
  return std::ranges::all_of(context.snapshot, [&](const auto& table) {
    return table.first == "audit_daily" || held.at(table.first) == table.second;
  });
}

} // namespace

Result<void> look_at_finished_target(Context& context) {
  BALUHOST_TRY(const bool held, holds_source(context));
  if (held) {
    BALUHOST_TRY(const bool recorded, is_recorded(*context.source, *context.target));
    if (recorded) context.finding("", "", "", kFinished);
    return {};
  }
  BALUHOST_TRY(context.source_went_on,
               is_untouched(*context.source, *context.target, *context.digester));
  if (!context.source_went_on) {
    context.finding("", "", "",
                    "the source and the target both went on since the migration: --rollback --yes "
                    "empties the target, with what was done there, and then all "
                    "can be moved again");
  }
  return {};
}

} // namespace baluhost::migrate
