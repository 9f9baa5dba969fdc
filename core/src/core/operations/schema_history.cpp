#include "baluhost/core/operations/schema_history.hpp"

#include "json/json_reader.hpp"

#include "baluhost/domain/details.hpp"

#include <algorithm>
#include <utility>

namespace baluhost {
namespace {

/// The first version of the schema, of every database, whose events have tags.
constexpr std::int64_t kSchemaWithTags = 9;
constexpr std::size_t kMostUpgrades = 1000;

/// Whether the event says that the schema came to a version with tags.
bool brought_tags(const AuditEvent& event) {
  auto members = JsonMembers::read(event.details);
  if (!members) return false;
  const auto version = members->integer("to_version");
  return version && *version >= kSchemaWithTags;
}

} // namespace

Result<void> record_schema_change(const SchemaChange& change, AuditLog& audit) {
  if (!change.changed()) return {};
  NewAuditEvent event = audit.draft(Action::schema_migrated);
  event.details = JsonObject{}.add("from_version", change.from).add("to_version", change.to).str();
  return audit.record(std::move(event));
}

Result<Untagged> judge_untagged(const SchemaChange& change, Database& database) {
  if (change.from == 0 || change.from >= kSchemaWithTags) return Untagged::refuse;
  bool had_tags = false;
  BALUHOST_CHECK(database.read([&](ReadTransaction& tx) -> Result<void> {
    const AuditFilter upgrades{.action = std::string{to_string(Action::schema_migrated)}};
    BALUHOST_TRY(const auto events,
                 tx.audit().query(upgrades, SortOrder::descending, std::nullopt, kMostUpgrades));
    had_tags = std::ranges::any_of(events, brought_tags);
    return {};
  }));
  return had_tags ? Untagged::refuse : Untagged::accept;
}

} // namespace baluhost
