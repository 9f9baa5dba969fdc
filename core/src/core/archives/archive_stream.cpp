#include "archives/archive_in_progress.hpp"

#include "access/file_rights.hpp"
#include "archives/archive_layout.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <utility>

// Small files fill a piece together: their rights are looked at by one query, their contents are
// read and compared, and then all are put on record by one commit. A large one comes in pieces of
// its own, and its last piece waits for the comparison. A client that resumes in the middle of one
// gets its rest only after what lies before was read once more: else a damaged content, whose first
// try broke off, would be made whole by the second.
namespace baluhost {
namespace {

constexpr std::int64_t kPiece = 256 * 1024;
constexpr std::size_t kPage = 256;
constexpr std::chrono::minutes kTouchEvery{1};

std::int64_t length_of(std::string_view text) { return static_cast<std::int64_t>(text.size()); }

} // namespace

ArchiveStream::ArchiveStream(std::unique_ptr<InProgress> in_progress)
    : in_progress_(std::move(in_progress)) {}
ArchiveStream::~ArchiveStream() = default;
Result<ArchivePiece> ArchiveStream::next(const Principal& caller) {
  return in_progress_->next(caller);
}
void ArchiveStream::end(std::int64_t sent) noexcept { in_progress_->end(sent); }

ArchiveStream::InProgress::InProgress(const ArchiveService::Dependencies& deps, Archive archive,
                                      const ByteRange& range, NewAuditEvent event)
    : deps_(deps),
      archive_(std::move(archive)),
      position_(range.first),
      end_(range.last + 1),
      event_(std::move(event)),
      touched_(deps.clock.monotonic()) {}

ArchiveStream::InProgress::~InProgress() { end(0); }

Result<ArchivePiece> ArchiveStream::InProgress::next(const Principal& caller) {
  settle(piece_size_, Rest::follows);
  if (failure_) return *failure_;
  ArchivePiece piece;
  auto added = stay_alive();
  if (added) added = add_more(piece, caller);
  if (!added) {
    failure_ = std::move(added).error();
    if (piece.bytes.empty()) return *failure_;
  }
  piece_size_ = length_of(piece.bytes);
  piece.is_last = position_ == end_ && !failure_;
  return piece;
}

/// Fills the piece, or works for as long as one may.
Result<void> ArchiveStream::InProgress::add_more(ArchivePiece& piece, const Principal& caller) {
  while (length_of(piece.bytes) < kPiece && position_ < end_) {
    const auto before = position_;
    if (large_)
      BALUHOST_CHECK(add_large(piece));
    else if (position_ < archive_.directory_offset)
      BALUHOST_CHECK(add_entries(piece, caller));
    else if (position_ < archive_.directory_offset + archive_.directory_size)
      BALUHOST_CHECK(add_directory(piece, caller));
    else
      add_end(piece);
    if (position_ == before) return {};
  }
  return {};
}

Result<void> ArchiveStream::InProgress::stay_alive() {
  const auto now = deps_.clock.monotonic();
  if (now - touched_ < kTouchEvery) return {};
  touched_ = now;
  return deps_.database.bookkeep(
      [&](Bookkeeping& tx) { return tx.archives().touch(archive_.id, deps_.clock.now()); });
}

/// Appends what of `bytes`, which lie at `at` in the archive, is to be sent from the position on.
void ArchiveStream::InProgress::append(ArchivePiece& piece, std::string_view bytes,
                                       std::int64_t at) {
  const auto from = std::clamp<std::int64_t>(position_ - at, 0, length_of(bytes));
  const auto to = std::clamp<std::int64_t>(end_ - at, from, length_of(bytes));
  piece.bytes += bytes.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  position_ += to - from;
}

ArchiveStream::InProgress::Planned ArchiveStream::InProgress::plan(
    const ArchiveEntry& entry) const {
  Planned planned{.entry = entry, .header = local_header_of(entry), .content = std::nullopt};
  const std::int64_t size = entry.content ? entry.content->size : 0;
  planned.content_begin = entry.offset + length_of(planned.header);
  planned.content_end = planned.content_begin + size;
  planned.from = std::clamp<std::int64_t>(position_ - planned.content_begin, 0, size);
  planned.to = std::clamp<std::int64_t>(end_ - planned.content_begin, 0, size);
  // One without a byte leaves with the last byte of its header.
  planned.sends_content = entry.content && (size == 0 ? position_ < planned.content_begin &&
                                                            planned.content_begin <= end_
                                                      : planned.from < planned.to);
  return planned;
}

/// The entries from the position on that fit into `room` together; the first one, whatever its
/// size.
Result<std::vector<ArchiveStream::InProgress::Planned>> ArchiveStream::InProgress::plan_run(
    std::int64_t room) {
  if (page_.empty()) {
    BALUHOST_TRY(auto entries, query(deps_.database, [&](ReadTransaction& tx) {
                   return tx.archives().entries_at(archive_.id, position_, kPage);
                 }));
    if (entries.empty() || entries.front().offset > position_)
      return Error{Errc::not_found, "the archive is over"};
    page_.assign(std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end()));
  }
  std::vector<Planned> run;
  std::int64_t offset = position_;
  for (const auto& entry : page_) {
    if (offset >= end_) break;
    Planned planned = plan(entry);
    const auto size = planned.content_end - entry.offset;
    if (!run.empty() && size > room) break;
    room -= size;
    offset = planned.content_end;
    run.push_back(std::move(planned));
    if (room <= 0) break;
  }
  return run;
}

Result<void> ArchiveStream::InProgress::add_entries(ArchivePiece& piece, const Principal& caller) {
  BALUHOST_TRY(auto run, plan_run(kPiece - length_of(piece.bytes)));
  std::vector<FormerPlace> places;
  for (const auto& planned : run) places.push_back(place_of(planned.entry));
  BALUHOST_TRY(const auto allowed, count_readable(deps_.database, deps_.audit_log, caller, places));
  run.erase(run.begin() + static_cast<std::ptrdiff_t>(allowed), run.end());
  const auto& first = run.front();
  if (first.content_end - first.content_begin > kPiece) return begin_large(std::move(run.front()));
  return add_small(piece, std::move(run));
}

/// Reads and compares the content of a small file, where it is sent or its checksum is missing.
Result<void> ArchiveStream::InProgress::read_small(Planned& planned,
                                                   std::vector<ContentChecksum>& found) {
  if (!planned.entry.content) return {};
  auto& content = *planned.entry.content;
  if (content.crc32 && (!planned.sends_content || content.size == 0)) return {};
  BALUHOST_TRY(const auto reader, open_content(deps_.blobs, content));
  BALUHOST_TRY(planned.content, read_content(*reader, 0, content.size));
  ContentCheck check(deps_.digester, content);
  BALUHOST_CHECK(check.take(*planned.content));
  if (content.crc32) return {};
  content.crc32 = check.crc32();
  found.push_back({content.blob, *content.crc32});
  planned.header = local_header_of(planned.entry);
  return {};
}

Result<void> ArchiveStream::InProgress::add_small(ArchivePiece& piece, std::vector<Planned> run) {
  // What comes before one that cannot be sent is sent.
  std::optional<Error> failure;
  std::vector<ContentChecksum> found;
  for (auto planned = run.begin(); planned != run.end(); ++planned) {
    auto read = read_small(*planned, found);
    if (read) continue;
    failure = deps_.audit_log.failed(event_of(planned->entry), std::move(read).error());
    run.erase(planned, run.end());
    break;
  }
  BALUHOST_CHECK(note_checksums(found));
  std::vector<Planned> files;
  for (const auto& planned : run)
    if (planned.sends_content) files.push_back(planned);
  BALUHOST_TRY(const auto sending, put_on_record(files));
  auto next = sending.begin();
  for (const auto& planned : run) {
    append(piece, planned.header, planned.entry.offset);
    const auto begin = length_of(piece.bytes);
    if (planned.content) append(piece, *planned.content, planned.content_begin);
    if (planned.sends_content)
      parts_.push_back({*next++, begin, length_of(piece.bytes) - begin, true});
    page_.pop_front();
  }
  return failure ? Result<void>{*std::move(failure)} : Result<void>{};
}

Result<void> ArchiveStream::InProgress::begin_large(Planned planned) {
  auto reader = open_content(deps_.blobs, *planned.entry.content);
  if (!reader) return deps_.audit_log.failed(event_of(planned.entry), std::move(reader).error());
  const Content content = *planned.entry.content;
  const bool sends_last = planned.sends_content && planned.to == content.size;
  large_.emplace(Large{.planned = std::move(planned),
                       .reader = *std::move(reader),
                       .check = ContentCheck(deps_.digester, content),
                       .file = nullptr,
                       .is_checked = content.crc32 && !sends_last});
  return {};
}

/// Reads what has to be read before anything of it is sent; true once that is done.
Result<bool> ArchiveStream::InProgress::prepare_large() {
  Large& large = *large_;
  auto& content = *large.planned.entry.content;
  if (!content.crc32) {
    BALUHOST_TRY(const bool done, large.check.read_on(*large.reader, content.size));
    if (!done) return false;
    content.crc32 = large.check.crc32();
    large.is_checked = true;
    large.planned.header = local_header_of(large.planned.entry);
    const ContentChecksum found{content.blob, *content.crc32};
    BALUHOST_CHECK(note_checksums(std::span(&found, 1)));
  }
  if (!large.is_checked && large.check.position() < large.planned.from)
    return large.check.read_on(*large.reader, large.planned.from);
  return true;
}

Result<void> ArchiveStream::InProgress::add_large(ArchivePiece& piece) {
  Large& large = *large_;
  Planned& planned = large.planned;
  if (!large.file) {
    auto ready = prepare_large();
    if (!ready) return fail_large(std::move(ready).error());
    if (!*ready) return {};
    if (planned.sends_content) {
      auto sending = put_on_record(std::span(&planned, 1));
      if (!sending) return std::move(sending).error();
      large.file = std::move(sending->front());
    }
    append(piece, planned.header, planned.entry.offset);
  }
  if (planned.sends_content) {
    const auto at = position_ - planned.content_begin;
    const auto size = std::min(planned.to - at, kPiece);
    auto bytes = read_content(*large.reader, at, size);
    if (!bytes) return fail_large(std::move(bytes).error());
    if (!large.is_checked)
      if (auto right = large.check.take(*bytes); !right)
        return fail_large(std::move(right).error());
    const auto begin = length_of(piece.bytes);
    append(piece, *bytes, position_);
    parts_.push_back({large.file, begin, size, at + size == planned.to});
    if (at + size < planned.to) return {};
  }
  page_.pop_front();
  large_.reset();
  return {};
}

/// The content of the large file cannot be sent: so says its event.
Error ArchiveStream::InProgress::fail_large(Error error) {
  if (!large_->file)
    return deps_.audit_log.failed(event_of(large_->planned.entry), std::move(error));
  large_->file->record->fail(large_->file->sent, error.code);
  std::erase_if(parts_, [&](const Part& part) { return part.file == large_->file; });
  error.recorded = true;
  return error;
}

Result<void> ArchiveStream::InProgress::add_directory(ArchivePiece& piece,
                                                      const Principal& caller) {
  if (directory_page_.empty()) {
    const auto at = position_ - archive_.directory_offset;
    BALUHOST_TRY(auto entries, query(deps_.database, [&](ReadTransaction& tx) {
                   return tx.archives().directory_at(archive_.id, at, kPage);
                 }));
    if (entries.empty()) return Error{Errc::not_found, "the archive is over"};
    std::vector<FormerPlace> places;
    for (const auto& entry : entries) places.push_back(place_of(entry));
    BALUHOST_TRY(const auto allowed,
                 count_readable(deps_.database, deps_.audit_log, caller, places));
    directory_page_.assign(
        std::make_move_iterator(entries.begin()),
        std::make_move_iterator(entries.begin() + static_cast<std::ptrdiff_t>(allowed)));
  }
  auto& entry = directory_page_.front();
  BALUHOST_TRY(const bool has_checksum, find_checksum(entry));
  if (!has_checksum) return {};
  append(piece, central_header_of(entry), archive_.directory_offset + entry.directory_offset);
  directory_page_.pop_front();
  return {};
}

/// Finds the checksum of an older content; true once it is there.
Result<bool> ArchiveStream::InProgress::find_checksum(ArchiveEntry& entry) {
  if (!entry.content || entry.content->crc32) return true;
  if (!reading_ || reading_->blob != entry.content->blob) {
    BALUHOST_TRY(auto reader, open_content(deps_.blobs, *entry.content));
    reading_.emplace(Reading{.blob = entry.content->blob,
                             .reader = std::move(reader),
                             .check = ContentCheck(deps_.digester, *entry.content)});
    if (entry.content->size == 0) BALUHOST_CHECK(reading_->check.take({}));
  }
  BALUHOST_TRY(const bool done, reading_->check.read_on(*reading_->reader, entry.content->size));
  if (!done) return false;
  entry.content->crc32 = reading_->check.crc32();
  reading_.reset();
  const ContentChecksum found{entry.content->blob, *entry.content->crc32};
  BALUHOST_CHECK(note_checksums(std::span(&found, 1)));
  return true;
}

void ArchiveStream::InProgress::add_end(ArchivePiece& piece) {
  append(piece, end_records_of(archive_), archive_.directory_offset + archive_.directory_size);
}

Result<void> ArchiveStream::InProgress::note_checksums(std::span<const ContentChecksum> checksums) {
  if (checksums.empty()) return {};
  return deps_.database.bookkeep(
      [&](Bookkeeping& tx) { return tx.files().note_checksums(checksums); });
}

NewAuditEvent ArchiveStream::InProgress::event_of(const ArchiveEntry& entry) const {
  auto event = event_;
  event.timestamp = deps_.clock.now();
  event.resource = entry.path;
  JsonObject details;
  if (entry.content)
    details.add("file_size", entry.content->size).add("sha256", entry.content->sha256.hex());
  return with_details(std::move(event), details.add("archive", archive_.id.value));
}

Result<std::vector<std::shared_ptr<ArchiveStream::InProgress::Sending>>>
ArchiveStream::InProgress::put_on_record(std::span<const Planned> files) {
  std::vector<DownloadStart> starts;
  for (const auto& planned : files) {
    auto event = event_;
    event.timestamp = deps_.clock.now();
    event.resource = planned.entry.path;
    std::optional<ByteRange> range;
    if (!planned.is_whole()) range = ByteRange{.first = planned.from, .last = planned.to - 1};
    starts.push_back({std::move(event), *planned.entry.content, range, archive_.id});
  }
  BALUHOST_TRY(auto records, deps_.transfers.begin_all(std::move(starts)));
  std::vector<std::shared_ptr<Sending>> sending;
  for (auto& record : records)
    sending.push_back(std::make_shared<Sending>(Sending{.record = std::move(record)}));
  return sending;
}

/// `sent` bytes of the last piece went, and more follows or not.
void ArchiveStream::InProgress::settle(std::int64_t sent, Rest rest) noexcept {
  for (const auto& part : parts_) {
    const auto gone = std::clamp<std::int64_t>(sent - part.begin, 0, part.length);
    part.file->sent += gone;
    const bool complete = part.is_last && gone == part.length && sent >= part.begin;
    if (complete || rest == Rest::none) part.file->record->finish(part.file->sent, complete);
  }
  parts_.clear();
  piece_size_ = 0;
}

void ArchiveStream::InProgress::end(std::int64_t sent) noexcept {
  settle(sent, Rest::none);
  if (large_ && large_->file) large_->file->record->finish(large_->file->sent, false);
  large_.reset();
}

} // namespace baluhost
