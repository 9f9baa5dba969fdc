#include "migration/finished_target.hpp"

#include "baluhost/domain/audit/audit_event.hpp"

#include <algorithm>

namespace baluhost::migration {
namespace {

constexpr std::size_t kAction = 3; ///< of the columns of an event

bool is_migration(const bulk::Row& event) {
  const auto* action = std::get_if<std::string_view>(&event[kAction]);
  return action != nullptr && *action == to_string(Action::database_migrated);
}

/// A run may have been killed before its last word. Source and target hold the same.
Result<bool> is_recorded(Context& context) {
  const bulk::Table& events = context.table(bulk::Content::events);
  BALUHOST_TRY(const auto last, context.source.reader().greatest_key(events));
  bool found = false;
  BALUHOST_CHECK(context.target->reader().scan(events, {.after = last.value_or(0)},
                                               [&](const bulk::Row& row) -> Result<void> {
                                                 found = found || is_migration(row);
                                                 return {};
                                               }));
  return found;
}

/// The target's last event is the tool's own or the source's: a server that starts there writes
/// another.
Result<bool> is_untouched(Context& context) {
  const bulk::Table& events = context.table(bulk::Content::events);
  BALUHOST_TRY(const auto last, context.target->reader().greatest_key(events));
  if (!last) return true;
  const bulk::Range only_last{.after = *last - 1, .limit = 1};
  bool recorded = false;
  TableHash here{context.given.digester}, there{context.given.digester};
  BALUHOST_CHECK(
      context.target->reader().scan(events, only_last, [&](const bulk::Row& row) -> Result<void> {
        recorded = is_migration(row);
        here.add(events, row);
        return {};
      }));
  BALUHOST_CHECK(
      context.source.reader().scan(events, only_last, [&](const bulk::Row& row) -> Result<void> {
        there.add(events, row);
        return {};
      }));
  return recorded || here.checksum() == there.checksum();
}

/// Whether the target holds all that the source has now; what came to the target later is not
/// looked at.
Result<bool> holds_source(Context& context) {
  BALUHOST_TRY(const auto up_to, greatest_keys(context.source.reader(), context.tables));
  BALUHOST_TRY(const auto held,
               checksums(context.target->reader(), context.tables, context.given.digester, up_to));
  // The figures of a target that went on hold more than the source's.
  const auto statistics = context.table(bulk::Content::statistics).name;
  return std::ranges::all_of(context.source.seen, [&](const auto& table) {
    return table.first == statistics || held.at(table.first) == table.second;
  });
}

} // namespace

Result<void> look_at_finished_target(Context& context) {
  BALUHOST_TRY(const bool held, holds_source(context));
  if (held) {
    BALUHOST_TRY(const bool recorded, is_recorded(context));
    if (recorded) context.journal.find(kFinished);
    return {};
  }
  BALUHOST_TRY(context.source_went_on, is_untouched(context));
  if (!context.source_went_on) {
    context.journal.find(
        "the source and the target both went on since the migration: --rollback --yes empties the "
        "target, with what was done there, and then all can be moved again");
  }
  return {};
}

} // namespace baluhost::migration
