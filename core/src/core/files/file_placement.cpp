#include "files/file_placement.hpp"

#include "baluhost/ports/transactions.hpp"
#include "files/file_figures.hpp"
#include "files/file_tree.hpp"
#include "files/free_name.hpp"
#include "trash/tree_recording.hpp"
#include "versions/keeping.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

// A row never names a blob that is not there: the blob is durable before the transaction begins,
// and it is taken away again only where the transaction certainly did not happen. Where the
// database answers neither yes nor no, it is queried; where it does not answer at all, the blob
// stays for the sweep of orphans.
namespace baluhost {
namespace {

/// For how long a client that lost the last answer can still ask how its upload ended.
constexpr std::chrono::hours kFinishedKept{1};
constexpr std::size_t kMostUnfinishedOfShare = 100;

/// One of no bytes was never anything but finished, and has no row yet.
Result<void> mark_finished(UploadRepository& uploads, const PendingUpload& upload, Timestamp now) {
  if (upload.length > 0) return uploads.advance(upload.id, upload.length, now + kFinishedKept);
  auto finished = upload;
  finished.expires_at = now + kFinishedKept;
  return uploads.insert(finished);
}

Result<User> find_owner(ReadTransaction& tx, UserId id) {
  BALUHOST_TRY(auto owner, tx.users().find(id));
  if (!owner) return Error{Errc::internal, "a home without its user"};
  return *std::move(owner);
}

std::string mime_type(const FilePath& path) {
  return std::string{media_type_of(path.name().str())};
}

} // namespace

/// What is at the place now.
struct FilePlacement::Site {
  FilePath path;                     ///< in whose home it goes
  FileEntry deepest;                 ///< the deepest directory above it that exists
  std::size_t existing_segments{};   ///< of the path, down to `deepest`
  std::optional<FileEntry> existing; ///< the file to be replaced
};

FilePlacement::FilePlacement(const FileService::Dependencies& deps, const Principal& principal,
                             PlacementRequest request)
    : deps_(deps),
      principal_(principal),
      request_(std::move(request)),
      gate_(deps.audit_log, principal_, Operation::upload) {}

/// Who has a drop box adds files to it and learns nothing: whatever else is asked for is refused,
/// whether it is there or not.
Result<PathAccess> FilePlacement::admit_path(ReadTransaction& tx) {
  BALUHOST_TRY(auto access, gate_.admit(tx, request_.path, Right::write));
  if (gate_.is_drop_box() && request_.path.segments().size() != 2)
    return gate_.refuse(request_.path, Right::write, "a drop box takes files, no directories");
  return access;
}

Result<FilePlacement::Site> FilePlacement::survey(ReadTransaction& tx) {
  BALUHOST_TRY(const auto access, admit_path(tx));
  BALUHOST_CHECK(check_recorded(access.resolution));
  const auto& found = access.resolution.found;
  const bool is_drop = gate_.is_drop_box();
  const FileEntry* taken = access.resolution.complete ? &found.back() : nullptr;
  const FileEntry* existing = is_drop ? nullptr : taken;
  auto path = access.place_of(request_.path);
  if (is_drop && taken != nullptr) {
    BALUHOST_TRY(path, find_free_name(tx, path));
  }

  const auto there =
      existing != nullptr ? std::optional{info_of(*existing, request_.path)} : std::nullopt;
  if (evaluate(request_.conditions, there ? &*there : nullptr) != Verdict::go_on) {
    return Error{Errc::precondition_failed, "a condition of the request does not hold"};
  }
  if (existing != nullptr) {
    if (existing->kind == FileKind::directory) return Error{Errc::conflict, "a directory is there"};
    if (!request_.overwrite) return Error{Errc::already_exists, "a file is there"};
    if (principal_.share() != nullptr)
      return gate_.refuse(request_.path, Right::write, "a share replaces nothing");
  }
  if (found.empty()) return Error{Errc::not_found, "no such home"};

  const std::size_t above = found.size() - (taken != nullptr ? 1 : 0);
  const FileEntry& deepest = found[above - 1];
  if (deepest.kind == FileKind::file) return Error{Errc::conflict, "a file is among the parents"};
  if (above + 1 < path.segments().size() && !request_.parents)
    return Error{Errc::not_found, "a parent is missing"};

  return Site{std::move(path), deepest, above,
              existing != nullptr ? std::optional{*existing} : std::nullopt};
}

Result<FilePlacement::Replaced> FilePlacement::replaced_at(ReadTransaction& tx,
                                                           const Site& site) const {
  if (!site.existing) return Replaced{};
  const auto size = site.existing->content->size;
  if (deps_.keep.versions_keep == 0) return Replaced{.size = size, .freed = size};
  BALUHOST_TRY(const auto freed, bytes_to_trim(tx, deps_.keep, *site.existing));
  return Replaced{.size = size, .freed = freed};
}

/// What is to be made: the file, if none is replaced, and its parents.
std::int64_t FilePlacement::missing_entries(const Site& site) const {
  if (site.existing) return 0;
  return static_cast<std::int64_t>(site.path.segments().size() - site.existing_segments);
}

Result<void> FilePlacement::admit(std::int64_t bytes) {
  BALUHOST_CHECK(set_room_aside(bytes));
  // Its row and its event would find no room at the end, after all of its bytes.
  return deps_.database.admit(SpaceUse::grows);
}

Result<void> FilePlacement::set_room_aside(std::int64_t bytes) {
  struct Room {
    User owner;
    Replaced replaced;
    QuotaLedger::Reservation reservation;
  };
  const auto look = [&](ReadTransaction& tx) -> Result<Room> {
    BALUHOST_TRY(const auto site, survey(tx));
    BALUHOST_TRY(auto owner, find_owner(tx, site.deepest.owner));
    const auto most = deps_.limits.entries_per_user;
    if (most > 0 && owner.entry_count + missing_entries(site) > most) {
      return Error{Errc::quota_exceeded, "the home has as many entries as it may have"};
    }
    BALUHOST_CHECK(check_share_room(tx, bytes));
    BALUHOST_TRY(const auto committed, committed_bytes(tx, owner));
    BALUHOST_TRY(const auto replaced, replaced_at(tx, site));
    BALUHOST_TRY(auto reservation, deps_.quotas.reserve(owner.id, growth_over(replaced, bytes),
                                                        committed, owner.quota_bytes));
    return Room{std::move(owner), replaced, std::move(reservation)};
  };
  BALUHOST_TRY(auto room, query(deps_.database, look));
  owner_ = std::move(room.owner);
  replaced_ = room.replaced;
  reservation_ = std::move(room.reservation);
  return {};
}

/// What finished and unfinished uploads leave of `max_bytes`.
Result<void> FilePlacement::check_share_room(ReadTransaction& tx, std::int64_t bytes) {
  const auto* credential = principal_.share();
  if (credential == nullptr) return {};
  BALUHOST_TRY(const auto state, tx.shares().find(credential->id));
  if (!state) return Error{Errc::token_revoked, "the share is gone"};
  const auto& share = state->share;
  if (!share.max_bytes) return {};
  share_room_ = std::max<std::int64_t>(*share.max_bytes - share.used_bytes, 0);
  return check_share(bytes);
}

/// What waits counts too, and only so many may wait: strangers are not to use up what their host
/// may have under way.
Result<void> FilePlacement::check_pending_of_share(ReadTransaction& tx, std::int64_t bytes) {
  const auto* credential = principal_.share();
  if (credential == nullptr) return {};
  BALUHOST_CHECK(check_share_room(tx, bytes));
  BALUHOST_TRY(const auto unfinished,
               tx.uploads().list_unfinished({.share = credential->id}, std::nullopt,
                                            kMostUnfinishedOfShare));
  if (unfinished.size() >= kMostUnfinishedOfShare)
    return Error{Errc::quota_exceeded, "as many uploads of the share are unfinished as may be"};
  for (const auto& row : unfinished) {
    if (share_room_) *share_room_ -= std::min(row.upload.length, *share_room_);
  }
  return check_share(bytes);
}

Result<void> FilePlacement::check_share(std::int64_t bytes) const {
  if (!share_room_ || bytes <= *share_room_) return {};
  return Error{Errc::payload_too_large, "more than the share has room for"};
}

Result<void> FilePlacement::admit_pending(Bookkeeping& tx, std::int64_t bytes) {
  BALUHOST_CHECK(gate_.hold(tx, std::array{request_.path}));
  BALUHOST_TRY(const auto site, survey(tx.view()));
  BALUHOST_TRY(replaced_, replaced_at(tx.view(), site));
  BALUHOST_CHECK(check_pending_of_share(tx.view(), bytes));
  if (growth(bytes) == 0) return {};
  BALUHOST_TRY(const auto owner, find_owner(tx.view(), site.deepest.owner));
  if (!owner.quota_bytes) return {};
  BALUHOST_TRY(const auto committed, committed_bytes(tx.view(), owner));
  if (growth(bytes) <= *owner.quota_bytes - committed) return {};
  return Error{Errc::quota_exceeded, "the owner's quota has no room"};
}

Result<void> FilePlacement::grow(std::int64_t bytes) {
  if (!owner_->quota_bytes) return {};
  return deps_.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto owner, tx.users().find(owner_->id));
    if (!owner) return Error{Errc::not_found, "the owner is gone"};
    BALUHOST_TRY(const auto committed, committed_bytes(tx, *owner));
    return reservation_->grow(growth(bytes), committed, owner->quota_bytes);
  });
}

NewAuditEvent FilePlacement::draft(Action action, const FilePath& path) const {
  auto event = deps_.audit_log.draft(action, principal_);
  event.resource = path.str();
  return event;
}

/// Makes missing parents too.
Result<FileEntry> FilePlacement::write_row(WriteTransaction& tx, const Site& site,
                                           const Content& content, FormerContent former,
                                           Timestamp now) {
  const auto modified_at = request_.modified_at.value_or(now);
  if (site.existing) {
    return tx.files().replace_content(site.existing->id, content,
                                      {.now = now,
                                       .modified_at = modified_at,
                                       .written_by = written_by(principal_),
                                       .former = former});
  }
  const auto parents = missing_paths(site.path.parent(), site.existing_segments);
  BALUHOST_TRY(const auto parent, make_directories(tx, site.deepest, parents, now));
  return tx.files().insert({.parent = parent.id,
                            .name = site.path.name(),
                            .kind = FileKind::file,
                            .content = content,
                            .owner = site.deepest.owner,
                            .created_at = now,
                            .modified_at = modified_at,
                            .written_by = written_by(principal_)});
}

Result<Recorded<PutResult>> FilePlacement::put_in(WriteTransaction& tx, const Content& content,
                                                  std::chrono::microseconds duration) {
  BALUHOST_CHECK(gate_.hold(tx, std::array{request_.path}));
  BALUHOST_TRY(const auto site, survey(tx));
  const auto now = deps_.clock.now();
  if (const auto* share = principal_.share())
    BALUHOST_CHECK(tx.shares().add_bytes(share->id, content.size));
  const auto former = site.existing ? former_of(deps_.keep, *site.existing->content, content)
                                    : FormerContent::dropped;
  const std::int64_t there = site.existing ? site.existing->content->size : 0;
  const std::int64_t kept = former == FormerContent::kept ? there : 0;
  BALUHOST_TRY(auto entry, write_row(tx, site, content, former, now));
  Trimmed trimmed; // of a new file there are no versions
  if (site.existing) {
    BALUHOST_TRY(trimmed, trim_versions(tx, deps_.audit_log, deps_.keep, entry.id, site.path, now));
  }
  entry.version_bytes -= trimmed.bytes;
  BALUHOST_CHECK(tx.users().add_usage(site.deepest.owner,
                                      {.bytes = content.size - there + kept - trimmed.bytes,
                                       .files = site.existing ? 0 : 1,
                                       .entries = missing_entries(site),
                                       .version_bytes = kept - trimmed.bytes,
                                       .most_entries = deps_.limits.entries_per_user}));
  auto others = std::move(trimmed.events);
  for (const auto& parent : missing_paths(site.path.parent(), site.existing_segments))
    others.push_back(draft(Action::create_directory, parent));
  return recorded(PutResult{.info = shown(std::move(entry)), .created = !site.existing.has_value()},
                  AuditEvents{stored(content, duration, site), std::move(others)});
}

/// What the caller is told of it: of a drop box the name that was sent, whatever it became.
FileInfo FilePlacement::shown(FileEntry entry) const {
  if (gate_.is_drop_box()) entry.name = request_.path.name();
  return info_of(std::move(entry), request_.path);
}

/// The event of an upload that is in its place.
NewAuditEvent FilePlacement::stored(const Content& content, std::chrono::microseconds duration,
                                    const Site& site) const {
  JsonObject details;
  details.add("file_size", content.size)
      .add("mime_type", mime_type(site.path))
      .add("duration_ms", in_milliseconds(duration));
  details.add("transfer_rate_mbps", megabits_per_second(content.size, duration))
      .add("sha256", content.sha256.hex());
  if (content.sha1) details.add("sha1", content.sha1->hex());
  details.add("replaced", site.existing.has_value());
  return with_details(draft(Action::upload, site.path), details);
}

Result<PutResult> FilePlacement::put(const Content& content, std::chrono::microseconds duration,
                                     const PendingUpload* finishes) {
  struct Seen {
    std::optional<PutResult> put; ///< none: decided against
    bool was_ended{false};        ///< the upload, by whose home it goes into, say
  };
  const auto work = [&](WriteTransaction& tx, Seen& seen) -> Result<AuditEvents> {
    BALUHOST_TRY(auto put, put_in(tx, content, duration));
    if (finishes != nullptr) {
      auto marked = mark_finished(tx.uploads(), *finishes, deps_.clock.now());
      seen.was_ended = !marked && marked.error().code == Errc::not_found;
      BALUHOST_CHECK(std::move(marked));
    }
    seen.put = std::move(put.value);
    return std::move(put.events);
  };
  if (reservation_) reservation_->release();
  auto done = attempt<Seen>(deps_.database, work);
  if (done.result) return *std::move(done.seen.put);
  if (done.seen.put) {
    const auto in_place = is_in_place(content);
    if (in_place && *in_place) return *std::move(done.seen.put);
    return std::move(done.result).error();
  }
  // Who lost the right does not get another try.
  const bool may_try_again =
      finishes != nullptr && finishes->length > 0 && !gate_.refused() && !done.seen.was_ended;
  return take_away(content, may_try_again ? finishes : nullptr, std::move(done.result).error());
}

/// Takes published content away, or back for another try of `upload`; returns what `error` is then.
Error FilePlacement::take_away(const Content& content, const PendingUpload* upload, Error error) {
  const bool may_try_again = upload != nullptr;
  if (may_try_again && error.code == Errc::not_found) error.code = Errc::conflict;
  const bool is_staged = may_try_again && deps_.blobs.restage(content.blob, upload->id).has_value();
  leftover_ = is_staged ? Leftover::staged : Leftover::nothing;
  // What cannot be removed now is found by the sweep of orphans.
  if (!is_staged) [[maybe_unused]]
    const auto removed = deps_.blobs.remove(content.blob);
  return error;
}

Result<bool> FilePlacement::is_in_place(const Content& content) {
  return query(deps_.database,
               [&](ReadTransaction& tx) { return tx.files().references(content.blob); });
}

Error FilePlacement::failed(Error error, const UploadFigures& figures) {
  if (reservation_) reservation_->release();
  error = with_trash(deps_.database, principal_, place(), std::move(error));
  JsonObject details;
  details.add("attempted_size", figures.attempted_size).add("mime_type", mime_type(place()));
  details.add("duration_ms", in_milliseconds(figures.duration));
  if (figures.sha256) details.add("sha256", figures.sha256->hex());
  return gate_.failed(with_details(draft(Action::upload, place()), details), std::move(error));
}

} // namespace baluhost
