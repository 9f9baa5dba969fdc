#include "baluhost/core/operations/schema_history.hpp"

#include "json/json_reader.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <utility>

namespace baluhost {
namespace {

/// The first versions of the schema, of every database, whose events have tags, and whose downloads
/// under way have MACs.
constexpr std::int64_t kSchemaWithTags = 9;
constexpr std::int64_t kSchemaWithTransferMacs = 21;
constexpr std::size_t kMostUpgrades = 1000;

/// The version of the schema that the event tells of; 0 if it tells of none.
std::int64_t version_of(const AuditEvent& event) {
  auto members = JsonMembers::read(event.details);
  if (!members) return 0;
  return members->integer("to_version").value_or(0);
}

} // namespace

Result<void> record_schema_change(const SchemaChange& change, AuditLog& audit) {
  if (!change.changed()) return {};
  NewAuditEvent event = audit.draft(Action::schema_migrated);
  event.details = JsonObject{}.add("from_version", change.from).add("to_version", change.to).str();
  return audit.record(std::move(event));
}

Result<UntaggedRows> judge_untagged(const SchemaChange& change, Database& database) {
  if (change.from == 0 || change.from >= kSchemaWithTransferMacs) return UntaggedRows{};
  const AuditFilter upgrades{.action = std::string{to_string(Action::schema_migrated)}};
  BALUHOST_TRY(const auto events, query(database, [&](ReadTransaction& tx) {
                 return tx.audit().query(upgrades, SortOrder::descending, std::nullopt,
                                         kMostUpgrades);
               }));
  const auto judge = [&](std::int64_t first_with_macs) {
    const bool had_macs = std::ranges::any_of(
        events, [&](const AuditEvent& event) { return version_of(event) >= first_with_macs; });
    return change.from < first_with_macs && !had_macs ? Untagged::accept : Untagged::refuse;
  };
  return UntaggedRows{.events = judge(kSchemaWithTags),
                      .transfers = judge(kSchemaWithTransferMacs)};
}

} // namespace baluhost
