#include "baluhost/core/files/file_service.hpp"

#include "access/path_access.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/file_tree.hpp"
#include "transfers/in_progress_upload.hpp"

#include <chrono>
#include <utility>

// A download reads the row first and opens the blob then. Between the two the file may get new
// content and the sweeper may take the old blob: the row is read again, so that a reader never sees
// anything but one whole version.
namespace baluhost {
namespace {

constexpr int kAttemptsToOpen = 5;

/// What one look at the database and the store gave.
struct Opened {
  FileInfo info;
  bool not_modified{false};
  std::optional<ByteRange> range{};
  std::unique_ptr<BlobReader> reader{}; ///< none for HEAD and 304
};

class Opening {
 public:
  Opening(const FileService::Dependencies& deps, PathGate& gate, const FilePath& path,
          const DownloadRequest& request)
      : deps_(deps), gate_(gate), path_(path), request_(request) {}

  Result<Opened> open() {
    for (int attempt = 1;; ++attempt) {
      BALUHOST_TRY(auto opened, look());
      if (opened.not_modified || !request_.content) return opened;
      auto reader = deps_.blobs.open(opened.info.entry.content->blob);
      if (reader) {
        if ((*reader)->size() != opened.info.entry.content->size)
          return Error{Errc::internal, "a blob is not as long as its row says"};
        opened.reader = *std::move(reader);
        return opened;
      }
      if (reader.error().code != Errc::not_found) return std::move(reader).error();
      if (attempt == kAttemptsToOpen) return Error{Errc::internal, "the blob of a file is missing"};
    }
  }

  /// As last seen.
  [[nodiscard]] const std::optional<FileInfo>& info() const noexcept { return info_; }

 private:
  Result<Opened> look() {
    info_.reset();
    BALUHOST_TRY(info_, query(deps_.database, [&](ReadTransaction& tx) -> Result<FileInfo> {
                   BALUHOST_TRY(const auto access, gate_.admit(tx, path_, Right::read));
                   if (!access.resolution.complete) return Error{Errc::not_found, "no such file"};
                   const auto& entry = access.resolution.found.back();
                   if (entry.kind == FileKind::directory)
                     return Error{Errc::conflict, "a directory has no content"};
                   return with_version(tx, info_of(entry, path_));
                 }));
    switch (evaluate(request_.conditions, &*info_)) {
      case Verdict::failed:
        return Error{Errc::precondition_failed, "a condition of the request does not hold"};
      case Verdict::not_modified:
        return Opened{.info = *info_, .not_modified = true};
      case Verdict::go_on:
        break;
    }
    std::optional<ByteRange> range;
    if (request_.content && request_.range &&
        range_applies(request_, info_->validators(), deps_.clock.now())) {
      BALUHOST_TRY(range, ByteRange::parse(*request_.range, info_->entry.content->size));
    }
    return Opened{.info = *info_, .range = range};
  }

  /// `info`, with the content of the version that is asked for.
  Result<FileInfo> with_version(ReadTransaction& tx, FileInfo info) const {
    if (!request_.version) return info;
    if (gate_.present().share() != nullptr)
      return gate_.refuse(path_, Right::read, "a share sees no versions");
    BALUHOST_TRY(const auto version, tx.versions().find(info.entry.id, *request_.version));
    if (!version) return Error{Errc::not_found, "no such version"};
    info.entry.content = version->content;
    info.entry.modified_at = version->created_at;
    return info;
  }

  const FileService::Dependencies& deps_;
  PathGate& gate_;
  const FilePath& path_;
  const DownloadRequest& request_;
  std::optional<FileInfo> info_;
};

} // namespace

bool range_applies(const DownloadRequest& request, const Validators& there, Timestamp now) {
  if (request.if_range_etag) return *request.if_range_etag == there.etag;
  if (!request.if_range_date) return true;
  return request.if_range_date->seconds() == there.modified_at.seconds() &&
         now >= *request.if_range_date + std::chrono::seconds{1};
}

Result<Upload> FileService::begin_upload(const Principal& principal, const FilePath& path,
                                         const PutOptions& options) {
  auto in_progress =
      std::make_unique<Upload::InProgress>(deps_, options_, principal, path, options);
  BALUHOST_CHECK(in_progress->begin());
  return Upload{std::move(in_progress)};
}

Result<Download> FileService::open(const Principal& principal, const FilePath& path,
                                   const DownloadRequest& request) {
  PathGate gate(deps_.audit_log, principal, Operation::download);
  Opening opening(deps_, gate, path, request);
  const auto draft = [&] {
    auto event = deps_.audit_log.draft(Action::download, principal);
    event.resource = gate.place_of(path).str();
    if (request.version)
      event = with_details(std::move(event), JsonObject{}.add("version", request.version->value));
    return event;
  };
  const auto failed = [&](Error error) {
    if (!request.content) return gate.failed(std::move(error));
    auto event = draft();
    if (const auto& info = opening.info()) {
      const auto& content = *info->entry.content;
      event = with_details(
          std::move(event),
          JsonObject{}.add("file_size", content.size).add("sha256", content.sha256.hex()));
    }
    return gate.failed(std::move(event), std::move(error));
  };

  auto opened = opening.open();
  if (!opened) return failed(std::move(opened).error());
  std::unique_ptr<Download::Record> record;
  if (opened->reader) {
    auto begun = deps_.transfers.begin(draft(), *opened->info.entry.content, opened->range);
    if (!begun) return failed(std::move(begun).error());
    record = *std::move(begun);
  }
  return Download{std::move(opened->info), opened->not_modified, opened->range,
                  std::move(opened->reader), std::move(record)};
}

} // namespace baluhost
