#include "transfers/upload_chunk.hpp"

#include "access/caller.hpp"

#include <algorithm>

// The offset in the database never passes what is durable in the staging file, and it reaches the
// whole length only in the transaction that puts the file in place: a client that finds the full
// length at its HEAD takes the upload for done. So a request whose client went away after the last
// byte is finished all the same. A request may bring gigabytes: what it brought so far is kept now
// and then, so that a crash costs little of it, unless a checksum decides at its end whether any of
// it counts.
//
// A connection may die without a word. Its request is cut by its deadline at last, but the client
// is back long before: its newest request ends the silent one and goes on where the database says,
// as the client was told.
namespace baluhost {
namespace {

/// Clients of tus try again after one second and after three; one that brings bytes is hardly ever
/// silent for so long.
constexpr std::chrono::milliseconds kSilence{1000};

} // namespace

Error UploadChunk::InProgress::over() const {
  if (!taken_over_) return Error{Errc::unavailable, "this request's part of the upload is over"};
  return Error{.code = Errc::conflict,
               .detail = "a newer request goes on with this upload",
               .recorded = true};
}

UploadChunk::InProgress::InProgress(const UploadService& service, const Principal& principal,
                                    PendingUpload upload, UploadService::Holds::Hold hold,
                                    std::unique_ptr<StagedBlob> staged,
                                    const std::optional<ChunkChecksum>& checksum,
                                    UploadService::FirstRequest first)
    : hold_(std::move(hold)),
      deps_(service.deps_),
      expiry_(service.options_.expiry),
      checkpoint_bytes_(service.options_.checkpoint_bytes),
      upload_(std::move(upload)),
      principal_(principal),
      placement_(
          deps_, principal,
          {.path = upload_.asked(), .overwrite = upload_.overwrite, .parents = upload_.parents}),
      checksum_(checksum.value_or(ChunkChecksum{})),
      staged_(std::move(staged)),
      began_at_(upload_.offset),
      is_first_(first == UploadService::FirstRequest::yes) {
  if (checksum_.sha256) sha256_ = service.digester_.sha256_stream();
  if (checksum_.sha1) sha1_ = service.digester_.sha1_stream();
}

void UploadChunk::InProgress::set_connection(std::shared_ptr<ChunkConnection> connection) {
  const std::lock_guard lock(mutex_);
  connection_ = std::move(connection);
}

void UploadChunk::InProgress::drop() {
  const std::lock_guard lock(mutex_);
  if (over_) return;
  // Nobody is left to be told how it went; what failed is recorded.
  if (is_whole() && !has_checksum()) {
    [[maybe_unused]] const auto finished = conclude();
    return;
  }
  give_up();
  if (is_first_) [[maybe_unused]]
    const auto recorded = fail(Error{Errc::client_disconnected});
  end();
}

bool UploadChunk::InProgress::is_silent() const {
  // The client of a first request does not know the upload yet.
  return !is_first_ && connection_ && connection_->silence() >= kSilence;
}

bool UploadChunk::InProgress::yield() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return false;
  if (over_) return true;
  if (!is_silent()) return false;
  const auto connection = connection_;
  taken_over_ = true;
  if (is_whole() && !has_checksum()) {
    [[maybe_unused]] const auto finished = conclude();
  } else {
    end(); // whoever stages it next cuts it to the offset
  }
  connection->close();
  return true;
}

bool UploadChunk::InProgress::settle() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || over_ || has_checksum() || !is_silent()) return false;
  const auto known = upload_.offset;
  if (!store(connection_->take_arrived())) {
    taken_over_ = true;
    return true;
  }
  if (is_whole()) {
    taken_over_ = true;
    const auto connection = connection_;
    [[maybe_unused]] const auto finished = conclude();
    connection->close();
    return true;
  }
  return keep() && upload_.offset > known;
}

Result<void> UploadChunk::InProgress::write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (over_) return over();
  return store(bytes);
}

/// Takes `bytes`; where they are refused, the request is over.
Result<void> UploadChunk::InProgress::store(std::string_view bytes) {
  auto taken = take(bytes);
  if (taken) return {};
  if (taken.error().code == Errc::payload_too_large)
    take_back();
  else
    give_up();
  return fail(std::move(taken).error());
}

Result<void> UploadChunk::InProgress::take(std::string_view bytes) {
  if (static_cast<std::int64_t>(bytes.size()) > upload_.length - staged_->size()) {
    return Error{Errc::payload_too_large, "more content than announced"};
  }
  BALUHOST_CHECK(staged_->write(bytes));
  if (sha256_) sha256_->update(bytes);
  if (sha1_) sha1_->update(bytes);
  const bool is_due =
      staged_->size() - upload_.offset >= checkpoint_bytes_ && !has_checksum() && !is_whole();
  return is_due ? keep() : Result<void>{};
}

Result<UploadProgress> UploadChunk::InProgress::finish() {
  const std::lock_guard lock(mutex_);
  if (over_) return over();
  return conclude();
}

Result<UploadProgress> UploadChunk::InProgress::conclude() {
  if (!checksum_fits()) {
    give_up();
    return fail(Error{Errc::digest_mismatch,
                      "the bytes of this request have another checksum than announced"});
  }
  if (is_whole()) return complete();
  if (auto kept = keep(); !kept) {
    if (is_first_ || kept.error().code == Errc::not_found) forget();
    return fail(std::move(kept).error());
  }
  end();
  return UploadProgress{upload_, std::nullopt};
}

bool UploadChunk::InProgress::checksum_fits() const {
  return (!sha256_ || sha256_->digest() == *checksum_.sha256) &&
         (!sha1_ || sha1_->digest() == *checksum_.sha1);
}

Result<UploadProgress> UploadChunk::InProgress::complete() {
  if (upload_.expected && staged_->sha256() != *upload_.expected) {
    forget();
    return fail(Error{Errc::digest_mismatch, "the content has another digest than announced"});
  }
  auto content = staged_->publish();
  if (!content && is_first_) forget();
  if (!content) return fail(std::move(content).error());
  const auto duration =
      std::max(deps_.clock.now() - upload_.created_at, std::chrono::microseconds{0});
  auto put = placement_.put(*content, duration, &upload_);
  if (!put) {
    settle_for(placement_.leftover());
    return fail(std::move(put).error());
  }
  end();
  upload_.offset = upload_.length;
  return UploadProgress{upload_, *std::move(put)};
}

/// Makes what was received durable, then the offset. Without a new byte the upload is not renewed.
/// not_found: somebody ended it meanwhile.
Result<void> UploadChunk::InProgress::keep() {
  if (staged_->size() == upload_.offset) return {};
  BALUHOST_CHECK(staged_->sync());
  const auto offset = staged_->size();
  const auto expires_at = deps_.clock.now() + expiry_;
  BALUHOST_CHECK(deps_.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    BALUHOST_CHECK(Caller::hold(tx, principal_, deps_.clock.now()));
    return tx.uploads().advance(upload_.id, offset, expires_at);
  }));
  upload_.offset = offset;
  upload_.expires_at = expires_at;
  return {};
}

/// Keeps of this request what counts without its end.
void UploadChunk::InProgress::give_up() {
  if (is_first_) return forget();
  if (has_checksum()) return undo();
  if (is_whole()) return;
  const auto kept = keep();
  if (!kept && kept.error().code == Errc::not_found) forget();
}

/// Nothing of this request counts. Whoever stages it next cuts it to the offset.
void UploadChunk::InProgress::take_back() {
  if (is_first_) return forget();
  if (upload_.offset == began_at_) return;
  [[maybe_unused]] const auto moved = deps_.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    return tx.uploads().advance(upload_.id, began_at_, upload_.expires_at);
  });
}

/// The place was refused. Where all bytes are staged again the client sends the last one again,
/// since the whole length is there with the file only; where the database did not answer, the
/// client may begin anew, unless it is finished.
void UploadChunk::InProgress::settle_for(FilePlacement::Leftover leftover) {
  if (is_first_ || leftover == FilePlacement::Leftover::nothing) return forget();
  const auto offset = leftover == FilePlacement::Leftover::staged ? upload_.length - 1 : 0;
  const auto expires_at = deps_.clock.now() + expiry_;
  [[maybe_unused]] const auto moved = deps_.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    BALUHOST_TRY(const auto found, tx.uploads().find(upload_.id));
    if (!found || found->is_finished()) return {};
    return tx.uploads().advance(upload_.id, offset, expires_at);
  });
}

/// Where cutting fails, the next request's `stage` cuts to the offset.
void UploadChunk::InProgress::undo() {
  [[maybe_unused]] const auto cut = staged_->truncate(upload_.offset);
}

/// Ends the whole upload. What cannot be removed now expires.
void UploadChunk::InProgress::forget() {
  staged_.reset();
  [[maybe_unused]] const auto removed = deps_.database.bookkeep(
      [&](Bookkeeping& tx) -> Result<void> { return tx.uploads().remove(upload_.id); });
  [[maybe_unused]] const auto discarded = deps_.blobs.discard_staged(upload_.id);
}

/// Before the answer goes out: the client's next request may be faster than the end of this object.
void UploadChunk::InProgress::end() {
  over_ = true;
  connection_.reset();
  staged_.reset();
  hold_.reset();
}

Error UploadChunk::InProgress::fail(Error error) {
  end();
  const auto duration =
      std::max(deps_.clock.now() - upload_.created_at, std::chrono::microseconds{0});
  return placement_.failed(std::move(error), {upload_.length, duration, std::nullopt});
}

UploadChunk::UploadChunk(std::shared_ptr<InProgress> in_progress)
    : in_progress_(std::move(in_progress)) {}
UploadChunk::UploadChunk(UploadChunk&&) noexcept = default;

UploadChunk& UploadChunk::operator=(UploadChunk&& other) noexcept {
  std::swap(in_progress_, other.in_progress_);
  return *this;
}

UploadChunk::~UploadChunk() {
  if (in_progress_) in_progress_->drop();
}

void UploadChunk::set_connection(std::shared_ptr<ChunkConnection> connection) {
  in_progress_->set_connection(std::move(connection));
}

Result<void> UploadChunk::write(std::string_view bytes) { return in_progress_->write(bytes); }
Result<UploadProgress> UploadChunk::finish() { return in_progress_->finish(); }

} // namespace baluhost
