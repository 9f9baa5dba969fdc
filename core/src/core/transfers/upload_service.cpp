#include "baluhost/core/transfers/upload_service.hpp"

#include "access/caller.hpp"
#include "access/path_access.hpp"
#include "access/permission_gate.hpp"
#include "baluhost/ports/transactions.hpp"
#include "transfers/in_progress_upload.hpp"
#include "transfers/upload_chunk.hpp"
#include "transfers/upload_rights.hpp"

#include <algorithm>
#include <utility>

// An upload lives in a row and a staging file: the row comes first and goes first, so that a
// staging file without a row is orphaned.
namespace baluhost {
namespace {

constexpr std::size_t kExpiredBatch = 100;
constexpr std::string_view kUploadsRoute = "/api/v1/uploads";

NewAuditEvent about(const PendingUpload& upload, NewAuditEvent event) {
  event.resource = upload.target.str();
  const auto mime_type = media_type_of(upload.target.name().str());
  return with_details(
      std::move(event),
      JsonObject{}.add("attempted_size", upload.length).add("mime_type", mime_type));
}

/// Who came by a share has what came by it; an account has what came by none.
bool is_own(const Principal& principal, const PendingUpload& upload) {
  if (const auto* share = principal.share()) return upload.share && upload.share->id == share->id;
  return !upload.share && upload.creator == principal.user();
}

/// Who may end an upload: its creator; who has all rights where it goes, as the owner or by role.
bool may_end(const Principal& principal, const PendingUpload& upload) {
  if (is_own(principal, upload)) return true;
  if (principal.share() != nullptr) return false;
  const bool owns_home = principal.user() && upload.target.home() == principal.name();
  return decide({.role = principal.role(), .owns_home = owns_home}, Rights::all()) ==
         Decision::allowed;
}

Error too_much() {
  return Error{Errc::payload_too_large, "more content than the upload has room for"};
}

Error no_such_upload() { return Error{Errc::not_found, "no such upload"}; }

Result<void> put_empty(BlobStore& blobs, FilePlacement& placement, const PendingUpload& upload) {
  BALUHOST_TRY(const auto writer, blobs.create());
  if (upload.expected && writer->sha256() != *upload.expected)
    return Error{Errc::digest_mismatch, "no content has another digest than announced"};
  BALUHOST_TRY(const auto content, writer->publish());
  BALUHOST_CHECK(placement.put(content, std::chrono::microseconds{0}, &upload));
  return {};
}

Result<void> insert(const FileService::Dependencies& deps, FilePlacement& placement,
                    const PendingUpload& upload) {
  return deps.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    BALUHOST_CHECK(placement.admit_pending(tx, upload.length));
    // Counted with this one: whoever has inserted one keeps the count of its creator's to the end
    // of the transaction, so that none of several at once passes the limit.
    BALUHOST_CHECK(tx.uploads().insert(upload));
    BALUHOST_TRY(const auto unfinished, tx.uploads().unfinished(upload.creator));
    const auto most = deps.limits.unfinished_uploads;
    if (most > 0 && unfinished > most)
      return Error{Errc::quota_exceeded, "as many uploads are unfinished as may be"};
    return {};
  });
}

} // namespace

UploadService::UploadService(const FileService::Dependencies& deps, RandomSource& random,
                             Digester& digester, UploadServiceOptions options)
    : deps_(deps),
      random_(random),
      digester_(digester),
      options_(options),
      holds_(std::make_shared<Holds>()) {}

UploadService::~UploadService() = default;

Result<PendingUpload> UploadService::create(const Principal& principal,
                                            const CreateUpload& request) {
  return make(principal, request, std::nullopt);
}

Result<PendingUpload> UploadService::make(const Principal& principal, const CreateUpload& request,
                                          std::optional<std::int64_t> announced) {
  FilePlacement placement(deps_, principal,
                          {.path = request.target,
                           .overwrite = request.overwrite,
                           .parents = request.parents,
                           .conditions = request.conditions});
  auto upload = begin(placement, principal, request, announced);
  if (upload) return upload;
  return placement.failed(std::move(upload).error(), {.attempted_size = request.length});
}

/// An upload of no bytes is in its place at once; of any other there is a row afterwards.
Result<PendingUpload> UploadService::begin(FilePlacement& placement, const Principal& principal,
                                           const CreateUpload& request,
                                           std::optional<std::int64_t> announced) {
  const auto now = deps_.clock.now();
  BALUHOST_CHECK(placement.admit(request.length));
  if (announced.value_or(0) > request.length) return too_much();
  BALUHOST_CHECK(check_upload_size(request.length, options_.max_upload_bytes));
  BALUHOST_CHECK(check_space(deps_.blobs, request.length, options_.min_free_bytes));
  // An upload goes on with another token of its creator, so there has to be one.
  if (!principal.user()) return Error{Errc::forbidden, "a resumable upload belongs to a user"};
  BALUHOST_TRY(const auto id, random_.bytes(UploadId::kBytes));
  const auto* came_by = principal.share();
  const PendingUpload upload{
      .id = UploadId{to_hex(id)},
      .creator = *principal.user(),
      .target = placement.place(),
      .length = request.length,
      .overwrite = request.overwrite,
      .parents = request.parents,
      .expected = request.expected,
      .share = came_by ? std::optional{UploadShare{came_by->id, request.target}} : std::nullopt,
      .created_at = now,
      .expires_at = now + options_.expiry};
  BALUHOST_CHECK(upload.length == 0 ? put_empty(deps_.blobs, placement, upload)
                                    : insert(deps_, placement, upload));
  return upload;
}

Result<PendingUpload> UploadService::find(const Principal& principal, const UploadId& id, For use) {
  struct Found {
    std::optional<PendingUpload> upload;
    bool is_outside{false}; ///< of what the caller's credential is bound to
  };
  BALUHOST_TRY(auto found, query(deps_.database, [&](ReadTransaction& tx) -> Result<Found> {
                 Found seen;
                 BALUHOST_TRY(seen.upload, tx.uploads().find(id));
                 if (!seen.upload || !principal.key() || !principal.key()->root) return seen;
                 BALUHOST_TRY(const auto access, look_up(tx, principal, seen.upload->target));
                 seen.is_outside = access.standing.is_outside;
                 return seen;
               }));
  auto& upload = found.upload;
  if (!upload || upload->expires_at <= deps_.clock.now()) return no_such_upload();
  if (found.is_outside) {
    return beyond_path(deps_.audit_log, principal, upload->target.str(), Operation::upload,
                       Scope::files_write);
  }
  if (is_own(principal, *upload)) return *std::move(upload);
  if (use == For::owner_too && may_end(principal, *upload)) return *std::move(upload);
  return deps_.audit_log.denied(principal, upload->target.str(), Operation::upload,
                                Rights{Right::write}.to_text(), no_such_upload());
}

Result<PendingUpload> UploadService::status(const Principal& principal, const UploadId& id) {
  BALUHOST_TRY(auto upload, find(principal, id, For::creator));
  const auto request = holds_->holder(id);
  if (!request || !request->settle()) return upload;
  return find(principal, id, For::creator);
}

Result<Page<UnfinishedUpload>> UploadService::list(const Principal& principal,
                                                   const std::optional<FilePath>& path,
                                                   const PageRequest& page) {
  const auto limit = page_limit(page);
  const auto list = "uploads:" + (path ? path->str() : "");
  std::optional<UploadId> after;
  if (page.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(list, *page.cursor));
    auto id = UploadId::parse(key);
    if (!id) return invalid_cursor();
    after = *std::move(id);
  }
  if (principal.share() != nullptr)
    return Error{Errc::forbidden, "a share does not tell what others add"};
  if (!path && path_bounds(principal.credential()).root) {
    return beyond_path(deps_.audit_log, principal, kUploadsRoute, Operation::list_uploads,
                       Scope::files_write);
  }
  PathGate gate(deps_.audit_log, principal, Operation::list_uploads);
  using Rows = std::vector<UnfinishedUpload>;
  auto rows = query(deps_.database, [&](ReadTransaction& tx) -> Result<Rows> {
    UploadFilter filter{.creator = principal.user(), .home = {}, .below = path};
    auto home = Username::parse(path ? path->home() : principal.name());
    bool all_of_home = !path && principal.user();
    if (path) {
      BALUHOST_TRY(const auto access, gate.admit(tx, *path, {}));
      all_of_home = access.standing.owns_home || access.standing.role == Role::admin;
    }
    if (all_of_home && home) filter.home = *std::move(home);
    if (all_of_home && path) filter.creator.reset();
    return tx.uploads().list_unfinished(filter, after, limit + 1);
  });
  if (!rows) return gate.failed(std::move(rows).error());
  return make_page(*std::move(rows), limit, list,
                   [](const UnfinishedUpload& row) { return row.upload.id.value; });
}

/// An upload that is one request's now, as it is now.
struct UploadService::HeldUpload {
  Holds::Hold hold;
  PendingUpload upload;
};

Result<UploadService::HeldUpload> UploadService::hold_upload(const Principal& principal,
                                                             const UploadId& id) {
  auto free = Holds::take(holds_, id);
  BALUHOST_TRY(auto upload, find(principal, id, For::creator));
  if (free) return HeldUpload{*std::move(free), std::move(upload)};
  const auto older = holds_->holder(id);
  if (older && older->yield()) {
    auto freed = Holds::take(holds_, id);
    BALUHOST_TRY(upload, find(principal, id, For::creator));
    if (freed) return HeldUpload{*std::move(freed), std::move(upload)};
  }
  return deps_.audit_log.failed(about(upload, deps_.audit_log.draft(Action::upload, principal)),
                                std::move(free).error());
}

Result<UploadChunk> UploadService::create_with_content(const Principal& principal,
                                                       const CreateUpload& request,
                                                       const std::optional<ChunkChecksum>& checksum,
                                                       std::optional<std::int64_t> announced) {
  BALUHOST_TRY(const auto upload, make(principal, request, announced));
  auto chunk = open(principal, upload.id, 0, checksum, announced, FirstRequest::yes);
  if (!chunk) {
    [[maybe_unused]] const auto removed = deps_.database.bookkeep(
        [&](Bookkeeping& tx) -> Result<void> { return tx.uploads().remove(upload.id); });
  }
  return chunk;
}

Result<UploadChunk> UploadService::append(const Principal& principal, const UploadId& id,
                                          std::int64_t offset,
                                          const std::optional<ChunkChecksum>& checksum,
                                          std::optional<std::int64_t> announced) {
  return open(principal, id, offset, checksum, announced, FirstRequest::no);
}

Result<UploadChunk> UploadService::open(const Principal& principal, const UploadId& id,
                                        std::int64_t offset,
                                        const std::optional<ChunkChecksum>& checksum,
                                        std::optional<std::int64_t> announced, FirstRequest first) {
  BALUHOST_TRY(auto held, hold_upload(principal, id));
  const auto& upload = held.upload;
  const auto failed = [&](Error error) {
    return deps_.audit_log.failed(about(upload, deps_.audit_log.draft(Action::upload, principal)),
                                  std::move(error));
  };
  if (upload.is_finished()) return failed({Errc::conflict, "the upload is finished"});
  if (upload.offset != offset) return failed({Errc::conflict, "the upload has another offset"});
  if (announced.value_or(0) > upload.length - offset) return failed(too_much());
  if (auto admitted = deps_.database.admit(SpaceUse::grows); !admitted)
    return failed(std::move(admitted).error());
  auto staged = deps_.blobs.stage(id, offset);
  if (!staged) return failed(std::move(staged).error());
  // Another server may have written to it before the staging file was ours, and it is cut now: the
  // offset goes back with it.
  BALUHOST_TRY(auto now, find(principal, id, For::creator));
  if (now.is_finished()) {
    staged->reset();
    BALUHOST_CHECK(deps_.blobs.discard_staged(id));
    return failed({Errc::conflict, "another server finished this upload meanwhile"});
  }
  if (now.offset != offset) {
    BALUHOST_CHECK(deps_.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      return tx.uploads().advance(id, std::min(now.offset, (*staged)->size()), now.expires_at);
    }));
    return failed({Errc::conflict, "another server wrote to this upload meanwhile"});
  }
  auto in_progress = std::make_shared<UploadChunk::InProgress>(
      *this, principal, std::move(now), std::move(held.hold), *std::move(staged), checksum, first);
  holds_->set_holder(id, in_progress);
  return UploadChunk{std::move(in_progress)};
}

Result<void> UploadService::terminate(const Principal& principal, const UploadId& id) {
  BALUHOST_TRY(auto upload, find(principal, id, For::owner_too));
  const bool own = is_own(principal, upload);
  std::optional<Holds::Hold> hold;
  if (own) {
    BALUHOST_TRY(auto held, hold_upload(principal, id));
    hold.emplace(std::move(held.hold));
    upload = std::move(held.upload);
  } else if (auto free = Holds::take(holds_, id)) {
    hold.emplace(*std::move(free)); // else the request that writes to it fails at its next step
  }
  if (upload.is_finished()) {
    return deps_.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(Caller::hold(tx, principal, deps_.clock.now()));
      return tx.uploads().remove(id);
    });
  }
  const auto draft = deps_.audit_log.draft(Action::upload, principal);
  auto written = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto present, Caller::hold(tx, principal, deps_.clock.now()));
    if (!may_end(present, upload)) return no_such_upload();
    BALUHOST_CHECK(tx.uploads().remove(id));
    if (own) return AuditEvents{ended_upload(upload, draft, Errc::client_disconnected)};
    if (upload.share)
      return AuditEvents{with_details(
          ended_upload(upload, draft, Errc::forbidden),
          JsonObject{}.add("share", upload.share->id.value).add("ended_by", principal.name()))};
    BALUHOST_TRY(const auto creator, tx.users().find(upload.creator));
    return AuditEvents{ended_upload(upload, draft, Errc::forbidden,
                                    creator ? std::optional{creator->username} : std::nullopt)};
  });
  if (!written) return deps_.audit_log.failed(about(upload, draft), std::move(written).error());
  if (!hold) return {};
  return deps_.blobs.discard_staged(id);
}

Result<void> UploadService::remove_unpermitted() {
  // Looked for without holding up who writes: mostly there are none.
  BALUHOST_TRY(const auto found, query(deps_.database, [](ReadTransaction& tx) {
                 return unpermitted_uploads(tx, {});
               }));
  if (found.empty()) return {};
  auto written = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(auto events,
                 end_unpermitted_uploads(tx, {}, deps_.audit_log.draft(Action::upload)));
    if (events.empty()) return Error{Errc::not_found, "they were ended meanwhile"};
    auto last = std::move(events.back());
    events.pop_back();
    return AuditEvents{std::move(last), std::move(events)};
  });
  if (!written && written.error().code != Errc::not_found) return std::move(written).error();
  return {};
}

Result<std::int64_t> UploadService::remove_expired() {
  const auto now = deps_.clock.now();
  std::int64_t removed = 0;
  for (;;) {
    BALUHOST_TRY(auto expired, query(deps_.database, [&](ReadTransaction& tx) {
                   return tx.uploads().expired(now, kExpiredBatch);
                 }));
    std::vector<UploadId> gone;
    for (const auto& upload : expired) {
      auto hold = Holds::take(holds_, upload.id);
      if (!hold) continue; // a request is writing to it and will renew it
      BALUHOST_TRY(const bool is_gone, expire(upload, now));
      if (is_gone) gone.push_back(upload.id);
    }
    removed += static_cast<std::int64_t>(gone.size());
    if (gone.empty() || expired.size() < kExpiredBatch) return removed;
  }
}

/// False if it was renewed or ended meanwhile.
Result<bool> UploadService::expire(const PendingUpload& upload, Timestamp now) {
  if (upload.is_finished()) {
    BALUHOST_CHECK(deps_.database.bookkeep(
        [&](Bookkeeping& tx) -> Result<void> { return tx.uploads().remove(upload.id); }));
    return true;
  }
  struct Seen {
    bool lives_on{false};
  };
  const auto work = [&](WriteTransaction& tx, Seen& seen) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto found, tx.uploads().find(upload.id));
    seen.lives_on = !found || found->expires_at > now;
    if (seen.lives_on) return no_such_upload();
    BALUHOST_TRY(auto event, lapse_upload(tx, *found, deps_.audit_log.draft(Action::upload)));
    return AuditEvents{std::move(event)};
  };
  auto done = attempt<Seen>(deps_.database, work);
  if (done.seen.lives_on) return false;
  BALUHOST_CHECK(std::move(done.result));
  BALUHOST_CHECK(deps_.blobs.discard_staged(upload.id));
  return true;
}

} // namespace baluhost
