#include "transfers/upload_rights.hpp"

#include "access/path_access.hpp"
#include "baluhost/core/audit/audit_log.hpp"

#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kUploadsAtOnce = 500;

Result<bool> may_write(ReadTransaction& tx, const PendingUpload& upload) {
  BALUHOST_TRY(const auto creator, tx.users().find(upload.creator));
  if (!creator || !creator->enabled) return false;
  BALUHOST_TRY(const auto access, look_up(tx, creator->id, creator->role, upload.target));
  return decide(access.standing, Right::write) == Decision::allowed;
}

} // namespace

NewAuditEvent ended_upload(const PendingUpload& upload, NewAuditEvent draft, Errc why,
                           const std::optional<Username>& creator) {
  draft.success = false;
  draft.error_message = code_of(why);
  draft.resource = upload.target.str();
  JsonObject details;
  details.add("attempted_size", upload.length)
      .add("mime_type", media_type_of(upload.target.name().str()));
  if (creator) details.add("creator", creator->str());
  return with_details(std::move(draft), details);
}

Result<NewAuditEvent> lapse_upload(WriteTransaction& tx, const PendingUpload& upload,
                                   NewAuditEvent draft) {
  BALUHOST_CHECK(tx.uploads().remove(upload.id));
  if (upload.share) {
    draft = with_details(std::move(draft), JsonObject{}.add("share", upload.share->id.value));
  } else {
    BALUHOST_TRY(const auto creator, tx.users().find(upload.creator));
    if (creator) attribute(draft, *creator);
  }
  return ended_upload(upload, std::move(draft), Errc::client_disconnected);
}

Result<std::vector<UnfinishedUpload>> unpermitted_uploads(ReadTransaction& tx,
                                                          const UploadFilter& filter) {
  std::vector<UnfinishedUpload> found;
  for (std::optional<UploadId> after;;) {
    BALUHOST_TRY(const auto page, tx.uploads().list_unfinished(filter, after, kUploadsAtOnce));
    for (const auto& row : page) {
      // What came by a share ends with that.
      if (row.upload.share || row.upload.target.home() == row.creator.str()) continue;
      BALUHOST_TRY(const bool permitted, may_write(tx, row.upload));
      if (!permitted) found.push_back(row);
    }
    if (page.size() < kUploadsAtOnce) return found;
    after = page.back().upload.id;
  }
}

Result<std::vector<NewAuditEvent>> end_unpermitted_uploads(WriteTransaction& tx,
                                                           const UploadFilter& filter,
                                                           const NewAuditEvent& draft) {
  std::vector<NewAuditEvent> events;
  BALUHOST_TRY(const auto unpermitted, unpermitted_uploads(tx, filter));
  for (const auto& [upload, creator] : unpermitted) {
    BALUHOST_CHECK(tx.uploads().remove(upload.id));
    events.push_back(ended_upload(upload, draft, Errc::forbidden, creator));
  }
  return events;
}

} // namespace baluhost
