#include "baluhost/core/files/file_service.hpp"

#include "access/path_access.hpp"
#include "access/share_ends.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/file_tree.hpp"
#include "files/tree_removal.hpp"
#include "trash/tree_events.hpp"
#include "trash/tree_recording.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace baluhost {
namespace {

/// What is left to do after a change that took a tree away: rows to remove, or files to put on
/// record.
struct Pending {
  std::optional<TreeRemoval> removal{};
  std::optional<TreeRecord> record{};
};

Result<Recorded<Pending>> remove_file(WriteTransaction& tx, const FileEntry& file,
                                      NewAuditEvent event, Timestamp now) {
  const auto size = file.content->size;
  BALUHOST_CHECK(tx.users().add_usage(file.owner, {.bytes = -size - file.version_bytes,
                                                   .files = -1,
                                                   .entries = -1,
                                                   .version_bytes = -file.version_bytes}));
  BALUHOST_CHECK(tx.files().remove(file.id, now));
  return recorded(
      Pending{},
      with_details(std::move(event), removal_details(FileKind::file, {.files = 1, .bytes = size})));
}

Result<Recorded<Pending>> remove_directory(WriteTransaction& tx, CountedTree& tree,
                                           const FileEntry& directory, NewAuditEvent event,
                                           Timestamp now) {
  TreeRemoval removal{directory.id, directory.owner, event};
  BALUHOST_TRY(auto removed,
               remove_tree(tx, removal, now, [&] { return tree.totals_of_large(tx, directory); }));
  return recorded(removed.is_pending ? Pending{.removal = std::move(removal)} : Pending{},
                  AuditEvents{with_details(std::move(event),
                                           removal_details(FileKind::directory, removed.totals)),
                              std::move(removed.events)});
}

Result<Recorded<Pending>> remove_entry(WriteTransaction& tx, CountedTree& tree,
                                       const FileEntry& entry, NewAuditEvent event, Timestamp now) {
  return entry.kind == FileKind::file ? remove_file(tx, entry, std::move(event), now)
                                      : remove_directory(tx, tree, entry, std::move(event), now);
}

/// What goes into the trash, with the event of the whole.
struct Trashed {
  FileEntry root;
  FilePath path;
  NewAuditEvent event;
};

NewTrashEntry entry_of(const Trashed& trashed, const TreeTotals& totals, const Principal& caller,
                       Timestamp now, std::int64_t days) {
  return {.root = trashed.root.id,
          .owner = trashed.root.owner,
          .parent = trashed.root.parent,
          .path = trashed.path,
          .size = totals.bytes,
          .version_bytes = totals.version_bytes,
          .file_count = totals.files,
          .deleter = caller.user(),
          .deleted_by = caller.name(),
          .deleted_at = now,
          .expires_at = now + std::chrono::hours{24} * days};
}

/// The directories to be made for `path` to be one. already_exists, with what is there in
/// `existing` where that is the directory wanted; conflict; not_found.
Result<std::vector<FilePath>> missing_of(const Resolution& resolution, const FilePath& path,
                                         MissingParents parents,
                                         std::optional<FileEntry>& existing) {
  const auto& found = resolution.found;
  if (found.empty()) return Error{Errc::not_found, "no such home"};
  const bool ends_in_file = found.back().kind == FileKind::file;
  if (resolution.complete) {
    if (parents == MissingParents::refuse) return Error{Errc::already_exists, "something is there"};
    if (ends_in_file) return Error{Errc::conflict, "a file is there"};
    existing = found.back();
    return Error{Errc::already_exists,
                 "the directory is there, which is no error here, but no change either"};
  }
  if (ends_in_file) return Error{Errc::conflict, "a file is among the parents"};
  auto missing = missing_paths(path, found.size());
  if (missing.size() > 1 && parents == MissingParents::refuse)
    return Error{Errc::not_found, "a parent is missing"};
  return missing;
}

/// Moves a tree into the trash: one row moves, whatever its size.
Result<Recorded<Pending>> put_in_trash(WriteTransaction& tx, CountedTree& tree,
                                       const Principal& caller, Trashed trashed,
                                       const KeepRules& keep, Timestamp now) {
  const auto& root = trashed.root;
  TreeTotals totals{.files = 1,
                    .bytes = root.content ? root.content->size : 0,
                    .version_bytes = root.version_bytes};
  if (root.kind == FileKind::directory) {
    BALUHOST_TRY(totals, tree.totals(tx, root));
  }
  BALUHOST_CHECK(tx.trash().put(entry_of(trashed, totals, caller, now, keep.trash_days)));
  BALUHOST_CHECK(
      tx.users().add_usage(root.owner, {.files = -totals.files,
                                        .trash_bytes = totals.bytes + totals.version_bytes,
                                        .version_bytes = -totals.version_bytes}));
  BALUHOST_TRY(auto begun, begin_record(tx, {.root = root.id, .event = trashed.event}, now));
  return recorded(
      Pending{.record = std::move(begun.pending)},
      AuditEvents{with_details(std::move(trashed.event), removal_details(root.kind, totals)),
                  std::move(begun.events)});
}

} // namespace

Result<MadeDirectory> FileService::make_directory(const Principal& principal, const FilePath& path,
                                                  MissingParents parents,
                                                  const std::optional<Timestamp>& modified_at) {
  PathGate gate(deps_.audit_log, principal, Operation::create_directory);
  const auto draft = [&](const FilePath& made) {
    auto event = deps_.audit_log.draft(Action::create_directory, principal);
    event.resource = made.str();
    return event;
  };
  using Existing = std::optional<FileEntry>;
  const auto work = [&](WriteTransaction& tx,
                        Existing& existing) -> Result<Recorded<MadeDirectory>> {
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::write));
    if (gate.is_drop_box())
      return gate.refuse(path, Right::write, "a drop box takes no directories");
    BALUHOST_CHECK(check_recorded(access.resolution));
    BALUHOST_TRY(const auto missing,
                 missing_of(access.resolution, access.place_of(path), parents, existing));
    const auto& found = access.resolution.found;
    BALUHOST_CHECK(tx.users().add_usage(found.front().owner,
                                        {.entries = static_cast<std::int64_t>(missing.size()),
                                         .most_entries = deps_.limits.entries_per_user}));
    BALUHOST_TRY(auto entry,
                 make_directories(tx, found.back(), missing, deps_.clock.now(), modified_at));
    std::vector<NewAuditEvent> events;
    for (const auto& directory : missing) events.push_back(draft(directory));
    auto last = std::move(events.back());
    events.pop_back();
    return recorded(MadeDirectory{.info = info_of(std::move(entry), path), .created = true},
                    AuditEvents{std::move(last), std::move(events)});
  };
  auto done = attempt<Existing>(deps_.database, work);
  if (done.seen) return MadeDirectory{.info = info_of(*done.seen, path), .created = false};
  if (!done.result) return gate.failed(draft(gate.place_of(path)), std::move(done.result).error());
  return std::move(done.result);
}

namespace {

/// conflict: a home, a directory that is not empty; precondition_failed.
Result<void> check_removal(const ReadTransaction& tx, const FileEntry& entry, const FilePath& path,
                           const Preconditions& conditions, Recursive recursive) {
  if (path.is_home()) return Error{Errc::conflict, "a home goes with its user only"};
  const auto there = info_of(entry, path);
  if (evaluate(conditions, &there) != Verdict::go_on)
    return Error{Errc::precondition_failed, "a condition of the request does not hold"};
  if (entry.kind == FileKind::file) return {};
  BALUHOST_TRY(const bool empty, tx.files().is_empty(entry.id));
  if (!empty && recursive == Recursive::no)
    return Error{Errc::conflict, "the directory is not empty"};
  return {};
}

/// What is known of a removal that failed.
JsonObject known_of(const FileEntry& entry) {
  JsonObject known;
  if (entry.content) known.add("file_size", entry.content->size);
  return known.add("kind", to_string(entry.kind));
}

} // namespace

Result<void> FileService::remove(const Principal& principal, const FilePath& path,
                                 Recursive recursive, const Preconditions& conditions,
                                 Deletion deletion) {
  PathGate gate(deps_.audit_log, principal, Operation::remove);
  const auto deadline = record_deadline(deps_.clock);
  const bool to_trash = deletion == Deletion::by_rule && deps_.keep.trash_days > 0;
  const auto draft = [&](const std::string& resource, Action action = Action::remove) {
    auto event = deps_.audit_log.draft(action, principal);
    event.resource = resource;
    return event;
  };
  using Seen = std::optional<FileEntry>;
  const auto work = [&](WriteTransaction& tx, CountedTree& tree,
                        Seen& seen) -> Result<Recorded<Pending>> {
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::remove));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is there"};
    BALUHOST_CHECK(check_recorded(access.resolution));
    seen = access.resolution.found.back();
    BALUHOST_CHECK(check_removal(tx, *seen, path, conditions, recursive));
    if (to_trash)
      return put_in_trash(tx, tree, gate.present(), {*seen, path, draft(path.str(), Action::trash)},
                          deps_.keep, deps_.clock.now());
    BALUHOST_TRY(auto ended, end_shares(tx, {.below = seen->id}, deps_.audit_log, principal));
    BALUHOST_TRY(auto removed, remove_entry(tx, tree, *seen, draft(path.str()), deps_.clock.now()));
    for (auto& event : ended) removed.events += std::move(event);
    return removed;
  };
  auto done = attempt_counted<Seen>(deps_.database, path, work);
  if (done.result) {
    const auto& [removal, record] = *done.result;
    if (removal)
      clear_tree_soon(deps_.database, deps_.clock, *removal, removal_deadline(deps_.clock));
    write_record_soon(deps_.database, deps_.clock, record, deadline);
    return {};
  }
  auto event = draft(gate.place_of(path).str());
  if (done.seen) event = with_details(std::move(event), known_of(*done.seen));
  return gate.failed(std::move(event), std::move(done.result).error());
}

} // namespace baluhost
