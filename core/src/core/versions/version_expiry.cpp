#include "baluhost/core/versions/version_service.hpp"

#include "baluhost/ports/transactions.hpp"
#include "files/file_tree.hpp"
#include "trash/tree_events.hpp"
#include "versions/keeping.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kVersionsAtOnce = 64;
constexpr std::size_t kFilesAtOnce = 500;

/// Where a file lies, or lay before it went to the trash.
struct Place {
  std::string path;
  std::optional<TrashEntry> trash{};
};

/// None of what is being removed: its versions go with it.
Result<std::optional<Place>> place_of(ReadTransaction& tx, FileId file) {
  auto path = tx.files().path_of(file);
  if (path) return std::optional{Place{.path = path->str()}};
  if (path.error().code != Errc::not_found) return std::move(path).error();
  BALUHOST_TRY(auto trash, tx.trash().holding(file));
  if (!trash) return std::optional<Place>{};
  std::string below;
  for (FileId node = file; node != trash->root;) {
    BALUHOST_TRY(const auto entry, tx.files().find(node));
    if (!entry || !entry->parent) return Error{Errc::internal, "a node without its directory"};
    below.insert(0, '/' + entry->name.str());
    node = *entry->parent;
  }
  auto lay = trash->path.str() + below;
  return std::optional{Place{.path = std::move(lay), .trash = std::move(trash)}};
}

/// The event of a version that went; none where it goes by other ways.
Result<std::optional<NewAuditEvent>> remove_old(WriteTransaction& tx, const AuditLog& audit,
                                                const PlacedVersion& old, Timestamp now) {
  using Event = std::optional<NewAuditEvent>;
  BALUHOST_TRY(const auto place, place_of(tx, old.file));
  BALUHOST_TRY(const auto still, tx.versions().find(old.file, old.version.id));
  if (!place || !still || still->replaced_at != old.version.replaced_at) return Event{};
  BALUHOST_CHECK(tx.versions().remove(old.file, old.version.id, now));
  const auto size = still->content.size;
  if (place->trash) BALUHOST_CHECK(tx.trash().lose_versions(place->trash->id, size));
  auto counted = tx.users().add_usage(old.owner, {.bytes = -size,
                                                  .trash_bytes = place->trash ? -size : 0,
                                                  .version_bytes = place->trash ? 0 : -size});
  if (!counted && counted.error().code != Errc::not_found) return std::move(counted).error();
  return Event{about_version(audit.draft(Action::version_removed), place->path, *still)};
}

/// Writes what `work` returns; success too where that is nothing.
template <class Work>
Result<void> write_any(Database& database, const Work& work) {
  auto written = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(auto events, work(tx));
    if (events.empty()) return Error{Errc::not_found, "nothing is left to remove"};
    return together(std::move(events));
  });
  if (!written && written.error().code == Errc::not_found) return {};
  return written;
}

Result<void> remove_by_age(Database& database, AuditLog& audit_log, const Clock& clock,
                           const KeepRules& rules, const std::function<bool()>& go_on) {
  const auto before = clock.now() - std::chrono::hours{24} * rules.versions_days;
  for (std::optional<VersionPosition> after; go_on();) {
    BALUHOST_TRY(const auto old, query(database, [&](ReadTransaction& tx) {
                   return tx.versions().replaced_before(before, after, kVersionsAtOnce);
                 }));
    if (old.empty()) return {};
    BALUHOST_CHECK(
        write_any(database, [&](WriteTransaction& tx) -> Result<std::vector<NewAuditEvent>> {
          std::set<UserId> owners;
          for (const auto& version : old) owners.insert(version.owner);
          BALUHOST_CHECK(lock_homes(tx, owners));
          std::vector<NewAuditEvent> events;
          for (const auto& version : old) {
            BALUHOST_TRY(auto event, remove_old(tx, audit_log, version, clock.now()));
            if (event) events.push_back(*std::move(event));
          }
          return events;
        }));
    const auto& last = old.back();
    after = {*last.version.replaced_at, last.file, last.version.id};
    if (old.size() < kVersionsAtOnce) return {};
  }
  return {};
}

/// Of a file in the trash nothing goes by number.
Result<std::vector<NewAuditEvent>> trim(WriteTransaction& tx, const AuditLog& audit,
                                        const KeepRules& rules, FileId file, Timestamp now) {
  std::vector<NewAuditEvent> none;
  BALUHOST_TRY(const auto entry, tx.files().find(file));
  if (!entry) return none;
  BALUHOST_CHECK(lock_homes(tx, {entry->owner}));
  auto path = tx.files().path_of(file);
  if (!path) return none;
  BALUHOST_TRY(auto trimmed, trim_versions(tx, audit, rules, file, *path, now));
  BALUHOST_CHECK(tx.users().add_usage(entry->owner,
                                      {.bytes = -trimmed.bytes, .version_bytes = -trimmed.bytes}));
  return std::move(trimmed.events);
}

Result<void> remove_by_number(Database& database, AuditLog& audit_log, const Clock& clock,
                              const KeepRules& rules, FileId& position,
                              const std::function<bool()>& go_on) {
  while (go_on()) {
    BALUHOST_TRY(const auto counts, query(database, [&](ReadTransaction& tx) {
                   return tx.versions().counts(position, kFilesAtOnce);
                 }));
    for (const auto& [file, versions] : counts) {
      position = file;
      if (versions <= rules.versions_keep) continue;
      BALUHOST_CHECK(write_any(database, [&, id = file](WriteTransaction& tx) {
        return trim(tx, audit_log, rules, id, clock.now());
      }));
      if (!go_on()) return {};
    }
    if (counts.size() == kFilesAtOnce) continue;
    position = {};
    return {};
  }
  return {};
}

} // namespace

Result<void> remove_old_versions(Database& database, AuditLog& audit_log, const Clock& clock,
                                 const KeepRules& rules, FileId& position,
                                 const std::function<bool()>& go_on) {
  if (rules.versions_days > 0)
    BALUHOST_CHECK(remove_by_age(database, audit_log, clock, rules, go_on));
  if (rules.versions_keep > 0)
    BALUHOST_CHECK(remove_by_number(database, audit_log, clock, rules, position, go_on));
  return {};
}

} // namespace baluhost
