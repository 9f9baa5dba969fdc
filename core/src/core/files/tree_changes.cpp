#include "baluhost/core/files/file_service.hpp"

#include "access/path_access.hpp"
#include "files/file_tree.hpp"
#include "files/tree_removal.hpp"

#include <array>
#include <utility>

namespace baluhost {

Result<MadeDirectory> FileService::make_directory(const Principal& principal, const FilePath& path,
                                                  bool parents,
                                                  const std::optional<Timestamp>& modified_at) {
  PathGate gate(parts_.audit_log, principal, Operation::create_directory);
  const auto draft = [&](const FilePath& made) {
    auto event = parts_.audit_log.draft(Action::create_directory, principal);
    event.resource = made.str();
    return event;
  };
  std::optional<MadeDirectory> done;
  const auto work = [&](WriteTransaction& tx) -> Result<AuditEvents> {
    done.reset();
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::write));
    const auto& found = access.resolution.found;
    if (found.empty()) return Error{Errc::not_found, "no such home"};
    if (access.resolution.complete) {
      if (!parents) return Error{Errc::already_exists, "something is there"};
      if (found.back().kind == FileKind::file) return Error{Errc::conflict, "a file is there"};
      done = MadeDirectory{info_of(found.back(), path), false};
      return Error{Errc::already_exists,
                   "the directory is there, which is no error here, but no change either"};
    }
    if (found.back().kind == FileKind::file)
      return Error{Errc::conflict, "a file is among the parents"};
    const auto missing = missing_paths(path, found.size());
    if (missing.size() > 1 && !parents) return Error{Errc::not_found, "a parent is missing"};

    BALUHOST_CHECK(tx.users().add_usage(found.front().owner,
                                        {.entries = static_cast<std::int64_t>(missing.size()),
                                         .most_entries = parts_.limits.entries_per_user}));
    BALUHOST_TRY(auto entry,
                 make_directories(tx, found.back(), missing, parts_.clock.now(), modified_at));
    done = MadeDirectory{info_of(std::move(entry), path), true};
    std::vector<NewAuditEvent> events;
    for (const auto& directory : missing) events.push_back(draft(directory));
    auto last = std::move(events.back());
    events.pop_back();
    return AuditEvents{std::move(last), std::move(events)};
  };
  auto written = parts_.database.write(work);
  if (written || (done && !done->created)) return *std::move(done);
  return gate.failed(draft(path), std::move(written).error());
}

Result<void> FileService::remove(const Principal& principal, const FilePath& path, bool recursive,
                                 const Preconditions& conditions) {
  PathGate gate(parts_.audit_log, principal, Operation::remove);
  const auto draft = [&](const std::string& resource) {
    auto event = parts_.audit_log.draft(Action::remove, principal);
    event.resource = resource;
    return event;
  };
  std::optional<FileEntry> seen;
  std::optional<TreeRemoval> pending;
  const auto work = [&](WriteTransaction& tx, CountedTree& tree) -> Result<AuditEvents> {
    seen.reset();
    pending.reset();
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::remove));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is there"};
    seen = access.resolution.found.back();
    if (path.is_home()) return Error{Errc::conflict, "a home goes with its user only"};
    const auto there = info_of(*seen, path);
    if (evaluate(conditions, &there) != Verdict::go_on) {
      return Error{Errc::precondition_failed, "a condition of the request does not hold"};
    }

    const auto now = parts_.clock.now();
    auto event = draft(path.str());
    if (seen->kind == FileKind::file) {
      const auto size = seen->content->size;
      BALUHOST_CHECK(
          tx.users().add_usage(seen->owner, {.bytes = -size, .files = -1, .entries = -1}));
      BALUHOST_CHECK(tx.files().remove(seen->id, now));
      return AuditEvents{
          with_details(std::move(event), removal_details(seen->kind, {.files = 1, .bytes = size}))};
    }
    BALUHOST_TRY(const auto empty, tx.files().is_empty(seen->id));
    if (!empty && !recursive) return Error{Errc::conflict, "the directory is not empty"};
    const TreeRemoval removal{seen->id, seen->owner, event};
    BALUHOST_TRY(auto removed,
                 remove_tree(tx, removal, now, [&] { return tree.totals_of_large(tx, *seen); }));
    if (removed.is_pending) pending = removal;
    return AuditEvents{with_details(std::move(event), removal_details(seen->kind, removed.totals)),
                       std::move(removed.events)};
  };
  auto written = write_counted(parts_.database, path, work);
  if (written) {
    if (pending) clear_tree_soon(parts_.database, parts_.clock, *pending);
    return {};
  }
  auto event = draft(path.str());
  if (seen) {
    JsonObject known;
    if (seen->content) known.add("file_size", seen->content->size);
    event = with_details(std::move(event), known.add("kind", to_string(seen->kind)));
  }
  return gate.failed(std::move(event), std::move(written).error());
}

} // namespace baluhost
