#include "upload_chunk.hpp"

#include <algorithm>

// The offset in the database never passes what is durable in the staging file, and it reaches the whole length only in
// the transaction that puts the file in place: a client that finds the full length at its HEAD takes the upload for
// done. So a request whose client went away after the last byte is finished all the same. A request may bring
// gigabytes: what it brought so far is kept now and then, so that a crash costs little of it, unless a checksum decides
// at its end whether any of it counts.
namespace baluhost {
namespace {

Error over() { return Error{Errc::unavailable, "this request's part of the upload is over"}; }

} // namespace

UploadChunk::Engine::Engine(const UploadService& service, const Principal& principal, PendingUpload upload,
                            UploadService::Claims::Claim claim, std::unique_ptr<StagedBlob> staged,
                            const std::optional<ChunkChecksum>& checksum, UploadService::FirstRequest first)
    : claim_(std::move(claim)),
      parts_(service.parts_),
      expiry_(service.options_.expiry),
      checkpoint_bytes_(service.options_.checkpoint_bytes),
      upload_(std::move(upload)),
      placement_(parts_, principal, {upload_.target, upload_.overwrite, upload_.parents, false, {}}),
      checksum_(checksum.value_or(ChunkChecksum{})),
      staged_(std::move(staged)),
      is_first_(first == UploadService::FirstRequest::yes) {
  if (checksum_.sha256) sha256_ = service.digester_.sha256_stream();
  if (checksum_.sha1) sha1_ = service.digester_.sha1_stream();
}

UploadChunk::Engine::~Engine() {
  if (over_) return;
  // Nobody is left to be told how it went; what failed is recorded.
  if (is_whole() && !has_checksum()) {
    [[maybe_unused]] const auto finished = finish();
    return;
  }
  give_up();
  if (is_first_) [[maybe_unused]]
    const auto recorded = fail(Error{Errc::client_disconnected});
}

Result<void> UploadChunk::Engine::write(std::string_view bytes) {
  if (over_) return over();
  auto taken = take(bytes);
  if (taken) return {};
  give_up();
  return fail(std::move(taken).error());
}

Result<void> UploadChunk::Engine::take(std::string_view bytes) {
  if (static_cast<std::int64_t>(bytes.size()) > upload_.length - staged_->size()) {
    return Error{Errc::payload_too_large, "more content than announced"};
  }
  BALUHOST_CHECK(staged_->write(bytes));
  if (sha256_) sha256_->update(bytes);
  if (sha1_) sha1_->update(bytes);
  const bool is_due = staged_->size() - upload_.offset >= checkpoint_bytes_ && !has_checksum() && !is_whole();
  return is_due ? keep() : Result<void>{};
}

Result<UploadProgress> UploadChunk::Engine::finish() {
  if (over_) return over();
  if (!checksum_fits()) {
    give_up();
    return fail(Error{Errc::digest_mismatch, "the bytes of this request have another checksum than announced"});
  }
  if (is_whole()) return complete();
  if (auto kept = keep(); !kept) {
    if (is_first_) forget();
    return fail(std::move(kept).error());
  }
  end();
  return UploadProgress{upload_, std::nullopt};
}

bool UploadChunk::Engine::checksum_fits() const {
  return (!sha256_ || sha256_->digest() == *checksum_.sha256) && (!sha1_ || sha1_->digest() == *checksum_.sha1);
}

Result<UploadProgress> UploadChunk::Engine::complete() {
  if (upload_.expected && staged_->sha256() != *upload_.expected) {
    forget();
    return fail(Error{Errc::digest_mismatch, "the content has another digest than announced"});
  }
  auto content = staged_->publish();
  if (!content && is_first_) forget();
  if (!content) return fail(std::move(content).error());
  const auto duration = std::max(parts_.clock.now() - upload_.created_at, std::chrono::microseconds{0});
  auto put = placement_.put(*content, duration, &upload_);
  if (!put) {
    forget();
    return fail(std::move(put).error());
  }
  end();
  upload_.offset = upload_.length;
  return UploadProgress{upload_, *std::move(put)};
}

/// Makes what was received durable, then the offset.
Result<void> UploadChunk::Engine::keep() {
  BALUHOST_CHECK(staged_->sync());
  const auto offset = staged_->size();
  const auto expires_at = parts_.clock.now() + expiry_;
  BALUHOST_CHECK(parts_.database.bookkeep(
      [&](Bookkeeping& books) -> Result<void> { return books.uploads().advance(upload_.id, offset, expires_at); }));
  upload_.offset = offset;
  upload_.expires_at = expires_at;
  return {};
}

/// Keeps of this request what counts without its end.
void UploadChunk::Engine::give_up() {
  if (is_first_) return forget();
  if (has_checksum()) return undo();
  if (!is_whole()) [[maybe_unused]]
    const auto kept = keep();
}

/// Where cutting fails, the next request's `stage` cuts to the offset.
void UploadChunk::Engine::undo() { [[maybe_unused]] const auto cut = staged_->truncate(upload_.offset); }

/// Ends the whole upload. What cannot be removed now expires.
void UploadChunk::Engine::forget() {
  staged_.reset();
  [[maybe_unused]] const auto removed =
      parts_.database.bookkeep([&](Bookkeeping& books) -> Result<void> { return books.uploads().remove(upload_.id); });
  [[maybe_unused]] const auto discarded = parts_.blobs.discard_staged(upload_.id);
}

/// Before the answer goes out: the client's next request may be faster than the end of this object.
void UploadChunk::Engine::end() {
  over_ = true;
  staged_.reset();
  claim_.reset();
}

Error UploadChunk::Engine::fail(Error error) {
  end();
  const auto duration = std::max(parts_.clock.now() - upload_.created_at, std::chrono::microseconds{0});
  return placement_.failed(std::move(error), {upload_.length, duration, std::nullopt});
}

UploadChunk::UploadChunk(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
UploadChunk::UploadChunk(UploadChunk&&) noexcept = default;
UploadChunk& UploadChunk::operator=(UploadChunk&&) noexcept = default;
UploadChunk::~UploadChunk() = default;

Result<void> UploadChunk::write(std::string_view bytes) { return engine_->write(bytes); }
Result<UploadProgress> UploadChunk::finish() { return engine_->finish(); }

} // namespace baluhost
