#include "baluhost/core/trash/trash_service.hpp"

#include "access/file_rights.hpp"
#include "access/grant_tree.hpp"
#include "access/path_access.hpp"
#include "access/permission_gate.hpp"
#include "access/share_ends.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/file_tree.hpp"
#include "trash/trash_access.hpp"
#include "trash/tree_events.hpp"
#include "trash/tree_recording.hpp"
#include "versions/keeping.hpp"

#include <array>
#include <iterator>
#include <utility>

// A restored tree comes back as it went, by one row. What rights on it rest on may have changed
// meanwhile: so grants that were given on, and shares, are looked at as after a move.
namespace baluhost {
namespace {

class Restoring {
 public:
  Restoring(const FileService::Dependencies& deps, const Principal& principal, TrashEntry known,
            FilePath to, bool overwrite)
      : deps_(deps),
        principal_(principal),
        known_(std::move(known)),
        to_(std::move(to)),
        overwrite_(overwrite),
        gate_(deps.audit_log, principal, Operation::restore) {}

  Result<FileInfo> run() {
    const auto deadline = record_deadline(deps_.clock);
    auto counted = count_below();
    if (!counted) return gate_.failed(draft(), std::move(counted).error());
    using Pending = std::optional<TreeRecord>;
    auto done = attempt<Pending>(deps_.database, [&](WriteTransaction& tx, Pending& pending) {
      return restore(tx, pending);
    });
    if (!done.result)
      return gate_.failed(
          draft(), with_trash(deps_.database, principal_, to_, std::move(done.result).error()));
    write_record_soon(deps_.database, deps_.clock, done.seen, deadline);
    return std::move(done.result);
  }

 private:
  /// Where it goes.
  struct Place {
    FileEntry parent;              ///< the deepest directory that is there
    std::vector<FilePath> missing; ///< directories that are not
    std::optional<FileEntry> existing;
  };

  /// What is below it, where its paths would get longer. What is in the trash does not change, so
  /// it may be counted before.
  Result<void> count_below() {
    const bool is_longer = to_.segments().size() > known_.path.segments().size() ||
                           code_points(to_.str()) > code_points(known_.path.str());
    if (!is_longer || known_.kind == FileKind::file) return {};
    BALUHOST_TRY(below_, query(deps_.database, [&](ReadTransaction& tx) {
                   return tx.files().totals(known_.root);
                 }));
    return {};
  }

  /// Everything below must have a path that can be named, where it goes.
  [[nodiscard]] Result<void> check_paths_below() const {
    if (to_.home() != known_.path.home())
      return Error{Errc::conflict, "it is restored in its own home only"};
    if (to_.is_home()) return Error{Errc::conflict, "a home has its place"};
    if (to_.segments().size() + static_cast<std::size_t>(below_.depth) <= FilePath::kMostSegments &&
        code_points(to_.str()) + static_cast<std::size_t>(below_.path_length) <=
            FilePath::kMostCharacters)
      return {};
    return invalid("would make a path below it longer or deeper than allowed").at("/to");
  }

  /// Who may delete may take that back, where nothing else comes of it than what was. Else it is a
  /// change like any other.
  Result<PathAccess> admit_place(ReadTransaction& tx, const TrashEntry& entry) {
    BALUHOST_TRY(auto access, look_up(tx, gate_.present(), to_));
    const auto& [found, is_complete] = access.resolution;
    const bool is_as_before = !is_complete && to_ == entry.path && !found.empty() &&
                              found.back().id == entry.parent &&
                              found.size() + 1 == to_.segments().size();
    if (!is_as_before) BALUHOST_CHECK(gate_.demand(access, to_, Right::write));
    return access;
  }

  Result<Place> place_of(ReadTransaction& tx, const TrashEntry& entry) {
    BALUHOST_TRY(const auto standings, standings_of(tx, gate_.present(), std::span(&entry, 1)));
    BALUHOST_CHECK(gate_.demand({.resolution = {}, .standing = standings.front()}, entry.path,
                                Right::remove, Right::write));
    BALUHOST_TRY(const auto access, admit_place(tx, entry));
    BALUHOST_CHECK(check_paths_below());
    BALUHOST_CHECK(check_recorded(access.resolution));
    const auto& found = access.resolution.found;
    if (found.empty()) return Error{Errc::not_found, "no such home"};
    std::optional<FileEntry> existing;
    if (access.resolution.complete) {
      existing = found.back();
      if (existing->kind == FileKind::directory || entry.kind == FileKind::directory)
        return Error{overwrite_ ? Errc::conflict : Errc::already_exists, "something is there"};
      if (!overwrite_) return Error{Errc::already_exists, "a file is there"};
    }
    const auto above = found.size() - (existing ? 1 : 0);
    const auto& parent = found[above - 1];
    if (parent.kind == FileKind::file) return Error{Errc::conflict, "a file is among the parents"};
    return Place{.parent = parent,
                 .missing = missing_paths(to_.parent(), above),
                 .existing = std::move(existing)};
  }

  Result<Recorded<FileInfo>> restore(WriteTransaction& tx, std::optional<TreeRecord>& pending) {
    BALUHOST_CHECK(gate_.hold(tx, std::array{known_.path, to_}));
    BALUHOST_TRY(const auto entry, tx.trash().find(known_.id, principal_.user()));
    if (!entry) return Error{Errc::not_found, "nothing in the trash has that id"};
    BALUHOST_TRY(const auto place, place_of(tx, *entry));
    const auto now = deps_.clock.now();
    std::vector<NewAuditEvent> events;
    const auto add = [&](std::vector<NewAuditEvent> more) {
      std::ranges::move(more, std::back_inserter(events));
    };
    BALUHOST_TRY(auto root, put_back(tx, *entry, place, now, events));
    BALUHOST_TRY(auto grants, settle_grants(tx, entry->owner, deps_.audit_log, principal_));
    add(std::move(grants));
    BALUHOST_TRY(auto shares,
                 end_unpermitted_shares(tx, {.home = entry->owner}, deps_.audit_log, principal_));
    add(std::move(shares));
    auto event = draft();
    BALUHOST_TRY(
        auto begun,
        begin_record(tx, {.root = root.id, .event = event, .source = entry->path.str()}, now));
    add(std::move(begun.events));
    pending = std::move(begun.pending);
    const TreeTotals totals{.files = entry->file_count, .bytes = entry->size};
    auto details = removal_details(entry->kind, totals);
    details.add("source", entry->path.str());
    if (place.existing) details.add("replaced", true);
    auto info = info_of(std::move(root), to_);
    BALUHOST_TRY(info.shows_content, may_read(tx, gate_.present(), info.entry));
    return recorded(std::move(info),
                    AuditEvents{with_details(std::move(event), details), std::move(events)});
  }

  /// The root, where it goes, with what it replaces as a version.
  Result<FileEntry> put_back(WriteTransaction& tx, const TrashEntry& entry, const Place& place,
                             Timestamp now, std::vector<NewAuditEvent>& events) {
    TakenOver over;
    Trimmed trimmed;
    if (place.existing) {
      BALUHOST_TRY(auto ended,
                   end_shares(tx, {.below = place.existing->id}, deps_.audit_log, principal_));
      std::ranges::move(ended, std::back_inserter(events));
      BALUHOST_TRY(over, replace(tx, entry, *place.existing, now));
    }
    for (const auto& path : place.missing) {
      auto made = deps_.audit_log.draft(Action::create_directory, principal_);
      made.resource = path.str();
      events.push_back(std::move(made));
    }
    BALUHOST_TRY(const auto parent, make_directories(tx, place.parent, place.missing, now));
    BALUHOST_TRY(auto root, tx.trash().restore(entry.id, parent.id, to_.name()));
    if (place.existing) {
      BALUHOST_TRY(trimmed, trim_versions(tx, deps_.audit_log, deps_.keep, root.id, to_, now));
      std::ranges::move(trimmed.events, std::back_inserter(events));
    }
    BALUHOST_CHECK(tx.users().add_usage(
        entry.owner,
        {.bytes = -over.dropped_bytes - trimmed.bytes,
         .files = entry.file_count - (place.existing ? 1 : 0),
         .entries = static_cast<std::int64_t>(place.missing.size()) - (place.existing ? 1 : 0),
         .trash_bytes = -entry.bytes(),
         .version_bytes = entry.version_bytes + over.kept_bytes - trimmed.bytes,
         .most_entries = deps_.limits.entries_per_user}));
    root.version_bytes -= trimmed.bytes;
    return root;
  }

  Result<TakenOver> replace(WriteTransaction& tx, const TrashEntry& entry,
                            const FileEntry& existing, Timestamp now) {
    BALUHOST_TRY(const auto contents, tx.versions().list(entry.root, KeepRules::kMostVersions * 4));
    for (const auto& version : contents) {
      if (!version.is_current) continue;
      FileEntry heir = existing;
      heir.id = entry.root;
      heir.content = version.content;
      return take_over(tx, deps_.keep, existing, heir, now);
    }
    return Error{Errc::internal, "a file without content"};
  }

  [[nodiscard]] NewAuditEvent draft() const {
    auto event = deps_.audit_log.draft(Action::restore, principal_);
    event.resource = to_.str();
    return event;
  }

  const FileService::Dependencies& deps_;
  const Principal& principal_;
  TrashEntry known_;
  FilePath to_;
  bool overwrite_;
  PathGate gate_;
  TreeTotals below_;
};

} // namespace

Result<FileInfo> TrashService::restore(const Principal& principal, TrashId id,
                                       const RestoreRequest& request) {
  auto event = deps_.audit_log.draft(Action::restore, principal);
  event.resource = std::string{kTrashRoute} + "/" + std::to_string(id.value);
  if (principal.share() != nullptr) {
    return deps_.audit_log.denied(principal, kTrashRoute, Operation::restore,
                                  Rights{Right::remove}.to_text(),
                                  Error{Errc::forbidden, "a share sees no trash"});
  }
  auto known = find(principal, id);
  if (!known) return deps_.audit_log.failed(std::move(event), std::move(known).error());
  auto to = request.to.value_or(known->path);
  return Restoring(deps_, principal, *std::move(known), std::move(to), request.overwrite).run();
}

} // namespace baluhost
