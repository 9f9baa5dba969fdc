#include "database/repositories.hpp"

namespace baluhost::memory {

Result<std::optional<PendingUpload>> MemoryUploads::find(const UploadId& id) const {
  return copy_of(state_.uploads.find(id));
}

Result<std::vector<PendingUpload>> MemoryUploads::expired(Timestamp now, std::size_t limit) const {
  std::vector<PendingUpload> uploads;
  state_.uploads.each([&](const UploadId&, const PendingUpload& upload) {
    if (uploads.size() >= limit) return false;
    if (upload.expires_at <= now) uploads.push_back(upload);
    return true;
  });
  return uploads;
}

Result<std::vector<UnfinishedUpload>> MemoryUploads::list_unfinished(
    const UploadFilter& filter, const std::optional<UploadId>& after, std::size_t limit) const {
  const auto is_wanted = [&](const PendingUpload& upload) {
    if (upload.is_finished() || (filter.below && !filter.below->contains(upload.target)))
      return false;
    if (filter.share && (!upload.share || upload.share->id != *filter.share)) return false;
    if (!filter.creator && !filter.home) return true;
    return upload.creator == filter.creator ||
           (filter.home && upload.target.home() == filter.home->str());
  };
  std::vector<UnfinishedUpload> found;
  state_.uploads.each([&](const UploadId& id, const PendingUpload& upload) {
    if (found.size() >= limit) return false;
    if ((!after || id > *after) && is_wanted(upload)) {
      found.push_back({upload, state_.users.find(upload.creator)->user.username});
    }
    return true;
  });
  return found;
}

Result<std::int64_t> MemoryUploads::reserved_bytes(const Username& owner) const {
  std::int64_t bytes = 0;
  state_.uploads.each([&](const UploadId&, const PendingUpload& upload) {
    if (upload.target.home() == owner.str() && !upload.is_finished()) bytes += upload.length;
    return true;
  });
  return bytes;
}

Result<std::int64_t> MemoryUploads::unfinished(UserId creator) const {
  std::int64_t count = 0;
  state_.uploads.each([&](const UploadId&, const PendingUpload& upload) {
    if (upload.creator == creator && !upload.is_finished()) ++count;
    return true;
  });
  return count;
}

Result<void> MemoryUploads::insert(const PendingUpload& upload) {
  if (!state_.users.contains(upload.creator)) return Error{Errc::internal, "an upload of no user"};
  if (state_.uploads.contains(upload.id)) return Error{Errc::internal, "an upload id twice"};
  state_.uploads.put(upload.id, upload);
  return {};
}

Result<void> MemoryUploads::advance(const UploadId& id, std::int64_t offset, Timestamp expires_at) {
  const auto* found = state_.uploads.find(id);
  if (found == nullptr) return Error{Errc::not_found, "no such upload"};
  PendingUpload upload = *found;
  upload.offset = offset;
  upload.expires_at = expires_at;
  state_.uploads.put(id, std::move(upload));
  return {};
}

Result<void> MemoryUploads::remove(const UploadId& id) {
  if (!state_.uploads.erase(id)) return Error{Errc::not_found, "no such upload"};
  return {};
}

} // namespace baluhost::memory
