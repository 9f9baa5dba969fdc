#include "baluhost/core/files/file_service.hpp"

#include "access/grant_tree.hpp"
#include "access/path_access.hpp"
#include "access/share_ends.hpp"
#include "baluhost/domain/text.hpp"
#include "files/counted_tree.hpp"
#include "files/file_tree.hpp"
#include "trash/tree_recording.hpp"
#include "versions/keeping.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

// A move and a copy ask the same questions of where they go; they differ in what they do then. Both
// happen in one transaction under the locks of both homes, so of two that want one name the second
// sees that the first has it.
namespace baluhost {
namespace {

Operation operation_of(Action action) {
  if (action == Action::copy) return Operation::copy;
  return action == Action::rename ? Operation::rename : Operation::move;
}

class Relocation {
 public:
  Relocation(const FileService::Dependencies& deps, const Principal& principal, Action action,
             const FilePath& from, const FilePath& to, Overwrite overwrite)
      : deps_(deps),
        principal_(principal),
        action_(action),
        from_(from),
        to_(to),
        overwrite_(overwrite),
        gate_(deps.audit_log, principal, operation_of(action)) {}

  Result<FileInfo> run() {
    struct Nothing {};
    auto done = attempt_counted<Nothing>(
        deps_.database, from_,
        [&](WriteTransaction& tx, CountedTree& tree, Nothing&) -> Result<Recorded<FileInfo>> {
          BALUHOST_CHECK(gate_.hold(tx, std::array{from_, to_}));
          BALUHOST_TRY(auto site, survey(tx, tree));
          BALUHOST_CHECK(check_paths_below(site.totals));
          BALUHOST_TRY(site.ended, end_shares_of(tx, site));
          BALUHOST_TRY(auto entry, action_ == Action::copy ? copy(tx, site) : move(tx, site));
          BALUHOST_TRY(auto ended, count(tx, site, entry));
          if (action_ == Action::move && !site.leaves_home()) {
            // What somebody gave on there may lie where that somebody has no rights now.
            BALUHOST_TRY(auto grants,
                         settle_grants(tx, site.owner.id, deps_.audit_log, principal_));
            std::ranges::move(grants, std::back_inserter(ended));
            BALUHOST_TRY(auto shares, end_unpermitted_shares(tx, {.home = site.owner.id},
                                                             deps_.audit_log, principal_));
            std::ranges::move(shares, std::back_inserter(ended));
          }
          std::ranges::move(site.ended, std::back_inserter(ended));
          auto info = info_of(std::move(entry), to_);
          info.shows_content = site.is_readable;
          auto details = names();
          details.add("file_count", site.totals.files);
          if (site.place.existing) details.add("replaced", true);
          return recorded(std::move(info),
                          AuditEvents{with_details(draft(), details), std::move(ended)});
        });
    if (!done.result) {
      return gate_.failed(
          with_details(draft(), names()),
          with_trash(deps_.database, principal_, to_, std::move(done.result).error()));
    }
    return std::move(done.result);
  }

 private:
  /// Where it goes.
  struct Place {
    FileEntry parent;
    std::optional<FileEntry> existing; ///< what it replaces
    [[nodiscard]] bool replaces_file() const { return existing && existing->content; }
    [[nodiscard]] std::int64_t replaced_files() const { return replaces_file() ? 1 : 0; }
    [[nodiscard]] std::int64_t replaced_entries() const { return existing ? 1 : 0; }
  };
  struct Site {
    FileEntry source;
    TreeTotals totals; ///< of the source
    Place place;
    User owner;                         ///< of the place
    bool is_readable{false};            ///< the source, by the caller
    std::vector<NewAuditEvent> ended{}; ///< shares that end with the change
    TakenOver taken_over{};             ///< of the file that was replaced
    [[nodiscard]] bool leaves_home() const { return source.owner != owner.id; }
  };

  Result<Site> survey(ReadTransaction& tx, CountedTree& tree) {
    if (principal_.share() != nullptr)
      return gate_.refuse(to_, Right::write, "a share moves and copies nothing");
    BALUHOST_TRY(const auto source,
                 gate_.admit(tx, from_, needed_at_source(), of_credential(needed_at_source())));
    BALUHOST_TRY(const auto target, gate_.admit(tx, to_, Right::write));
    // What the caller may read where it goes must have been the caller's to read.
    if (rights_on(target.standing).includes(Right::read)) {
      const auto needed = needed_at_source() | Right::read;
      BALUHOST_CHECK(gate_.demand(source, from_, needed, of_credential(needed)));
    }
    if (!source.resolution.complete) return Error{Errc::not_found, "nothing is there to take"};
    BALUHOST_CHECK(check_recorded(target.resolution));
    if (action_ != Action::copy) BALUHOST_CHECK(check_recorded(source.resolution));
    const auto& entry = source.resolution.found.back();
    if (to_.is_home() || (action_ != Action::copy && from_.is_home()))
      return Error{Errc::conflict, "a home has its place"};
    if (from_.contains(to_)) return Error{Errc::conflict, "into itself"};

    BALUHOST_TRY(auto place, place_of(tx, target.resolution, entry));
    BALUHOST_TRY(auto owner, tx.users().find(place.parent.owner));
    if (!owner) return Error{Errc::internal, "a home without its user"};
    BALUHOST_TRY(const auto totals, totals_of(tx, tree, entry, owner->id));
    return Site{.source = entry,
                .totals = totals,
                .place = std::move(place),
                .owner = *std::move(owner),
                .is_readable = rights_on(source.standing).includes(Right::read)};
  }

  Result<Place> place_of(ReadTransaction& tx, const Resolution& target,
                         const FileEntry& source) const {
    const auto& found = target.found;
    if (found.empty()) return Error{Errc::not_found, "no such home"};
    std::optional<FileEntry> existing;
    if (target.complete) {
      existing = found.back();
      BALUHOST_CHECK(check_replaceable(tx, source, *existing));
    }
    const auto& parent = found[found.size() - (existing ? 2 : 1)];
    if (parent.kind == FileKind::file) return Error{Errc::conflict, "a file is among the parents"};
    if (!existing && found.size() + 1 < to_.segments().size())
      return Error{Errc::not_found, "a parent is missing"};
    return Place{.parent = parent, .existing = std::move(existing)};
  }

  /// quota_exceeded if it is more than may go to the home of `owner` at once.
  Result<TreeTotals> totals_of(ReadTransaction& tx, CountedTree& tree, const FileEntry& source,
                               UserId owner) const {
    TreeTotals totals{.files = 1,
                      .bytes = source.content ? source.content->size : 0,
                      .version_bytes = source.version_bytes};
    if (source.kind == FileKind::directory) {
      BALUHOST_TRY(totals, tree.totals(tx, source));
    }
    const auto at_once = deps_.limits.entries_at_once;
    const bool makes_rows = action_ == Action::copy || source.owner != owner;
    if (at_once > 0 && totals.entries() > at_once && makes_rows)
      return Error{Errc::quota_exceeded,
                   "more entries than may be copied, or moved into another home, at once"};
    return totals;
  }

  /// Out of a home, whoever owns the other may read it.
  [[nodiscard]] Rights needed_at_source() const {
    if (action_ == Action::copy) return Right::read;
    const Rights needed = Right::write | Rights{Right::remove};
    return from_.home() == to_.home() ? needed : needed | Right::read;
  }

  /// Whoever may write may give an entry another name in its place.
  [[nodiscard]] Rights of_credential(Rights needed) const {
    return action_ == Action::rename ? needed - Right::remove : needed;
  }

  Result<void> check_replaceable(ReadTransaction& tx, const FileEntry& source,
                                 const FileEntry& existing) const {
    if (overwrite_ == Overwrite::no) return Error{Errc::already_exists, "something is there"};
    if (existing.kind != source.kind)
      return Error{Errc::conflict, "a file and a directory do not replace each other"};
    if (existing.kind == FileKind::file) return {};
    BALUHOST_TRY(const auto empty, tx.files().is_empty(existing.id));
    if (!empty) return Error{Errc::conflict, "the directory there is not empty"};
    return {};
  }

  /// Everything below must have a path that can be named, where it goes.
  [[nodiscard]] Result<void> check_paths_below(const TreeTotals& totals) const {
    if (to_.segments().size() + static_cast<std::size_t>(totals.depth) <= FilePath::kMostSegments &&
        code_points(to_.str()) + static_cast<std::size_t>(totals.path_length) <=
            FilePath::kMostCharacters) {
      return {};
    }
    return invalid("would make a path below it longer or deeper than allowed").at("/to");
  }

  /// Those of what leaves its home, and of what is replaced by another node.
  Result<std::vector<NewAuditEvent>> end_shares_of(WriteTransaction& tx, const Site& site) {
    std::vector<NewAuditEvent> ended;
    const auto end_below = [&](FileId root) -> Result<void> {
      BALUHOST_TRY(auto events, end_shares(tx, {.below = root}, deps_.audit_log, principal_));
      std::ranges::move(events, std::back_inserter(ended));
      return {};
    };
    const bool moves = action_ != Action::copy;
    if (moves && site.leaves_home()) BALUHOST_CHECK(end_below(site.source.id));
    const bool keeps_node = !moves && site.place.existing && site.place.existing->content;
    if (site.place.existing && !keeps_node) BALUHOST_CHECK(end_below(site.place.existing->id));
    return ended;
  }

  Result<FileEntry> move(WriteTransaction& tx, Site& site) {
    const auto now = deps_.clock.now();
    if (site.leaves_home()) BALUHOST_CHECK(tx.grants().remove_below(site.source.id));
    if (site.place.replaces_file()) {
      BALUHOST_TRY(site.taken_over,
                   take_over(tx, deps_.keep, *site.place.existing, site.source, now));
    } else if (site.place.existing) {
      BALUHOST_CHECK(tx.files().remove(site.place.existing->id, now));
    }
    return tx.files().relocate(site.source.id, site.place.parent.id, to_.name(), site.owner.id,
                               now);
  }

  Result<FileEntry> copy(WriteTransaction& tx, Site& site) {
    const auto now = deps_.clock.now();
    const auto& existing = site.place.existing;
    if (site.place.replaces_file()) {
      const auto former = former_of(deps_.keep, *existing->content, *site.source.content);
      const auto size = existing->content->size;
      site.taken_over = former == FormerContent::kept ? TakenOver{.kept_bytes = size}
                                                      : TakenOver{.dropped_bytes = size};
      return tx.files().replace_content(
          existing->id, *site.source.content,
          {.now = now, .modified_at = now, .written_by = written_by(principal_), .former = former});
    }
    if (existing) BALUHOST_CHECK(tx.files().remove(existing->id, now));
    return tx.files().copy(site.source.id, site.place.parent.id, to_.name(), site.owner.id, now,
                           written_by(principal_));
  }

  /// Counts what came and what went to their owners. Room that uploads under way have set aside is
  /// not there for it. Returns the events of versions that are beyond the rule now.
  Result<std::vector<NewAuditEvent>> count(WriteTransaction& tx, const Site& site,
                                           FileEntry& entry) {
    Trimmed trimmed;
    if (entry.content) {
      BALUHOST_TRY(trimmed, trim_versions(tx, deps_.audit_log, deps_.keep, entry.id, to_,
                                          deps_.clock.now()));
    }
    const bool copies = action_ == Action::copy;
    const bool comes = copies || site.leaves_home();
    const auto& totals = site.totals;
    const std::int64_t versions = comes && !copies ? totals.version_bytes : 0;
    const std::int64_t growth =
        (comes ? totals.bytes : 0) + versions - site.taken_over.dropped_bytes - trimmed.bytes;
    if (comes) {
      BALUHOST_TRY(const auto committed, committed_bytes(tx, site.owner));
      BALUHOST_CHECK(
          deps_.quotas.reserve(site.owner.id, growth, committed, site.owner.quota_bytes));
    }
    if (!copies && site.leaves_home()) {
      BALUHOST_CHECK(
          tx.users().add_usage(site.source.owner, {.bytes = -totals.bytes - totals.version_bytes,
                                                   .files = -totals.files,
                                                   .entries = -totals.entries(),
                                                   .version_bytes = -totals.version_bytes}));
    }
    BALUHOST_CHECK(tx.users().add_usage(
        site.owner.id, {.bytes = growth,
                        .files = (comes ? totals.files : 0) - site.place.replaced_files(),
                        .entries = (comes ? totals.entries() : 0) - site.place.replaced_entries(),
                        .version_bytes = versions + site.taken_over.kept_bytes - trimmed.bytes,
                        .most_entries = comes ? deps_.limits.entries_per_user : 0}));
    return std::move(trimmed.events);
  }

  [[nodiscard]] NewAuditEvent draft() const {
    auto event = deps_.audit_log.draft(action_, principal_);
    event.resource = to_.str();
    return event;
  }
  [[nodiscard]] JsonObject names() const {
    return JsonObject{}.add("source", from_.str()).add("destination", to_.str());
  }

  const FileService::Dependencies& deps_;
  const Principal& principal_;
  Action action_;
  const FilePath& from_;
  const FilePath& to_;
  Overwrite overwrite_;
  PathGate gate_;
};

} // namespace

Result<FileInfo> FileService::move(const Principal& principal, const FilePath& from,
                                   const FilePath& to, Overwrite overwrite) {
  const bool same_directory = !from.is_home() && !to.is_home() && from.parent() == to.parent();
  return Relocation(deps_, principal, same_directory ? Action::rename : Action::move, from, to,
                    overwrite)
      .run();
}

Result<FileInfo> FileService::copy(const Principal& principal, const FilePath& from,
                                   const FilePath& to, Overwrite overwrite) {
  return Relocation(deps_, principal, Action::copy, from, to, overwrite).run();
}

} // namespace baluhost
