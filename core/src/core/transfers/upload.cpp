#include "baluhost/core/transfers/upload.hpp"

#include "transfers/in_progress_upload.hpp"

#include <algorithm>
#include <utility>

// Room in the quota is set aside before a byte is read: all of it where the size was announced,
// else in steps, so that neither many small writes query the database each time nor a nearly full
// quota refuses what would fit.
namespace baluhost {
namespace {

constexpr std::int64_t kReservationStep = std::int64_t{16} << 20;

Error over() { return Error{Errc::unavailable, "this upload is over"}; }

} // namespace

Result<void> check_space(const BlobStore& blobs, std::int64_t bytes, std::int64_t min_free_bytes) {
  BALUHOST_TRY(const auto space, blobs.space());
  if (bytes <= space.free_bytes - min_free_bytes) return {};
  return Error{Errc::insufficient_storage,
               "the announced content would leave less than the floor of free bytes"};
}

Result<void> check_upload_size(std::int64_t bytes, std::int64_t limit) {
  if (limit <= 0 || bytes <= limit) return {};
  return Error{Errc::payload_too_large, "larger than files.max_upload_bytes"};
}

Upload::InProgress::InProgress(const FileService::Dependencies& deps,
                               const FileServiceOptions& options, const Principal& principal,
                               const FilePath& path, const PutOptions& put)
    : deps_(deps),
      options_(options),
      placement_(deps, principal,
                 {.path = path,
                  .overwrite = put.overwrite || put.conditions.if_match.present,
                  .parents = put.parents,
                  .conditions = put.conditions,
                  .modified_at = put.modified_at}),
      announced_(put.size),
      started_(deps.clock.monotonic()) {
  if (put.expected) expected_.push_back(*put.expected);
}

Upload::InProgress::~InProgress() {
  if (!over_) [[maybe_unused]]
    const auto recorded = fail(Error{Errc::client_disconnected, "the upload was dropped"});
}

Result<void> Upload::InProgress::begin() {
  auto prepared = prepare();
  if (!prepared) return fail(std::move(prepared).error());
  return {};
}

Result<void> Upload::InProgress::prepare() {
  BALUHOST_CHECK(placement_.admit(announced_.value_or(0)));
  reserved_ = announced_.value_or(0);
  if (announced_) {
    BALUHOST_CHECK(check_upload_size(*announced_, options_.max_upload_bytes));
    BALUHOST_CHECK(check_space(deps_.blobs, *announced_, options_.min_free_bytes));
  }
  BALUHOST_TRY(writer_, deps_.blobs.create());
  return {};
}

Result<void> Upload::InProgress::write(std::string_view bytes) {
  if (over_) return over();
  auto taken = take(bytes);
  if (!taken) return fail(std::move(taken).error());
  return {};
}

Result<void> Upload::InProgress::take(std::string_view bytes) {
  const std::int64_t size = received_ + static_cast<std::int64_t>(bytes.size());
  if (announced_ && size > *announced_)
    return Error{Errc::payload_too_large, "more content than announced"};
  BALUHOST_CHECK(check_upload_size(size, options_.max_upload_bytes));
  BALUHOST_CHECK(placement_.check_share(size));
  if (size > reserved_) BALUHOST_CHECK(reserve(size));
  BALUHOST_CHECK(writer_->write(bytes));
  received_ = size;
  return {};
}

Result<void> Upload::InProgress::reserve(std::int64_t size) {
  reserved_ = size + kReservationStep;
  auto grown = placement_.grow(reserved_);
  if (grown || grown.error().code != Errc::quota_exceeded) return grown;
  reserved_ = size;
  return placement_.grow(size);
}

Result<PutResult> Upload::InProgress::commit() {
  if (over_) return over();
  auto content = verified_content();
  if (!content) return fail(std::move(content).error());
  auto put = placement_.put(*content, duration());
  if (!put) return fail(std::move(put).error());
  over_ = true;
  return put;
}

Result<Content> Upload::InProgress::verified_content() {
  if (announced_ && received_ != *announced_)
    return Error{Errc::client_disconnected, "less content than announced"};
  const auto digest = writer_->sha256();
  sha256_ = digest;
  if (std::ranges::any_of(expected_, [&](const auto& expected) { return expected != digest; })) {
    return Error{Errc::digest_mismatch, "the content has another digest than announced"};
  }
  return writer_->publish();
}

void Upload::InProgress::expect(const Sha256Digest& digest) { expected_.push_back(digest); }

Error Upload::InProgress::fail(Error error) {
  if (over_) return error;
  over_ = true;
  writer_.reset();
  return placement_.failed(std::move(error),
                           {std::max(received_, announced_.value_or(0)), duration(), sha256_});
}

Upload::Upload(std::unique_ptr<InProgress> in_progress) : in_progress_(std::move(in_progress)) {}
Upload::Upload(Upload&&) noexcept = default;
Upload& Upload::operator=(Upload&&) noexcept = default;
Upload::~Upload() = default;

Result<void> Upload::write(std::string_view bytes) { return in_progress_->write(bytes); }
Result<PutResult> Upload::commit() { return in_progress_->commit(); }
void Upload::expect(const Sha256Digest& digest) { in_progress_->expect(digest); }
Error Upload::abandon(Error why) { return in_progress_->fail(std::move(why)); }

} // namespace baluhost
