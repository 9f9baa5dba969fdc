#include "baluhost/core/files/file_service.hpp"

#include "access/path_access.hpp"
#include "access/share_ends.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/file_tree.hpp"
#include "files/tree_removal.hpp"

#include <array>
#include <utility>

namespace baluhost {
namespace {

/// What is left to remove after a change that took a tree away.
using Pending = std::optional<TreeRemoval>;

Result<Recorded<Pending>> remove_file(WriteTransaction& tx, const FileEntry& file,
                                      NewAuditEvent event, Timestamp now) {
  const auto size = file.content->size;
  BALUHOST_CHECK(tx.users().add_usage(file.owner, {.bytes = -size, .files = -1, .entries = -1}));
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
  return recorded(removed.is_pending ? Pending{std::move(removal)} : Pending{},
                  AuditEvents{with_details(std::move(event),
                                           removal_details(FileKind::directory, removed.totals)),
                              std::move(removed.events)});
}

/// The directories to be made for `path` to be one. already_exists, with what is there in
/// `existing` where that is the directory wanted; conflict; not_found.
Result<std::vector<FilePath>> missing_of(const Resolution& resolution, const FilePath& path,
                                         bool parents, std::optional<FileEntry>& existing) {
  const auto& found = resolution.found;
  if (found.empty()) return Error{Errc::not_found, "no such home"};
  const bool ends_in_file = found.back().kind == FileKind::file;
  if (resolution.complete) {
    if (!parents) return Error{Errc::already_exists, "something is there"};
    if (ends_in_file) return Error{Errc::conflict, "a file is there"};
    existing = found.back();
    return Error{Errc::already_exists,
                 "the directory is there, which is no error here, but no change either"};
  }
  if (ends_in_file) return Error{Errc::conflict, "a file is among the parents"};
  auto missing = missing_paths(path, found.size());
  if (missing.size() > 1 && !parents) return Error{Errc::not_found, "a parent is missing"};
  return missing;
}

} // namespace

Result<MadeDirectory> FileService::make_directory(const Principal& principal, const FilePath& path,
                                                  bool parents,
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

Result<void> FileService::remove(const Principal& principal, const FilePath& path, bool recursive,
                                 const Preconditions& conditions) {
  PathGate gate(deps_.audit_log, principal, Operation::remove);
  const auto draft = [&](const std::string& resource) {
    auto event = deps_.audit_log.draft(Action::remove, principal);
    event.resource = resource;
    return event;
  };
  using Seen = std::optional<FileEntry>;
  const auto work = [&](WriteTransaction& tx, CountedTree& tree,
                        Seen& seen) -> Result<Recorded<Pending>> {
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::remove));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is there"};
    seen = access.resolution.found.back();
    if (path.is_home()) return Error{Errc::conflict, "a home goes with its user only"};
    const auto there = info_of(*seen, path);
    if (evaluate(conditions, &there) != Verdict::go_on) {
      return Error{Errc::precondition_failed, "a condition of the request does not hold"};
    }

    const bool is_file = seen->kind == FileKind::file;
    BALUHOST_TRY(const bool empty, is_file ? true : tx.files().is_empty(seen->id));
    if (!empty && !recursive) return Error{Errc::conflict, "the directory is not empty"};
    BALUHOST_TRY(auto ended, end_shares(tx, {.below = seen->id}, deps_.audit_log, principal));
    const auto now = deps_.clock.now();
    BALUHOST_TRY(auto removed, is_file ? remove_file(tx, *seen, draft(path.str()), now)
                                       : remove_directory(tx, tree, *seen, draft(path.str()), now));
    for (auto& event : ended) removed.events += std::move(event);
    return removed;
  };
  auto done = attempt_counted<Seen>(deps_.database, path, work);
  if (done.result) {
    if (*done.result) clear_tree_soon(deps_.database, deps_.clock, **done.result);
    return {};
  }
  auto event = draft(gate.place_of(path).str());
  if (const auto& seen = done.seen) {
    JsonObject known;
    if (seen->content) known.add("file_size", seen->content->size);
    event = with_details(std::move(event), known.add("kind", to_string(seen->kind)));
  }
  return gate.failed(std::move(event), std::move(done.result).error());
}

} // namespace baluhost
