#pragma once

#include "baluhost/core/files/file_info.hpp"
#include "baluhost/domain/files/byte_range.hpp"
#include "baluhost/domain/files/version.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/blob_store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace baluhost {

/// The conditions of a GET (RFC 9110 sections 13 and 14), parsed but not evaluated.
struct DownloadRequest {
  bool content{true};                 ///< false for HEAD: nothing leaves, nothing is recorded
  std::optional<std::string> range{}; ///< the Range header as it is
  Preconditions conditions{};
  std::optional<VersionId> version{};         ///< none: the present content
  std::optional<std::string> if_range_etag{}; ///< one of these two
  std::optional<Timestamp> if_range_date{};
};

/// Step 5 (RFC 9110 section 13.1.5): whether the range that is asked for is one of what is there
/// now. A date is a strong validator only once its second is over: the content may have changed
/// twice in it.
[[nodiscard]] bool range_applies(const DownloadRequest& request, const Validators& there,
                                 Timestamp now);

/// Content on its way to a client. Whoever holds it says at the end how it went, with `finish`;
/// dropped without, it counts as interrupted. One thread at a time.
class Download {
 public:
  /// What becomes of the record; made by the `TransferJournal`.
  class Record {
   public:
    virtual ~Record() = default;

    /// Ends it: so many bytes went, the last one too if `complete`.
    virtual void finish(std::int64_t bytes_sent, bool complete) noexcept = 0;

    /// Ends it as failed by the server, for what `why` says.
    virtual void fail(std::int64_t bytes_sent, Errc why) noexcept = 0;

    /// The same, if that needs no wait; else false, and nothing is done.
    virtual bool try_finish(std::int64_t bytes_sent, bool complete) noexcept = 0;
  };

  /// Made by `FileService`.
  Download(FileInfo info, bool not_modified, std::optional<ByteRange> range,
           std::unique_ptr<BlobReader> reader, std::unique_ptr<Record> record)
      : info_(std::move(info)),
        not_modified_(not_modified),
        range_(range),
        reader_(std::move(reader)),
        record_(std::move(record)) {}

  /// The file, as it was when the download began.
  [[nodiscard]] const FileInfo& info() const noexcept { return info_; }

  /// The client has it already (304): there is no content.
  [[nodiscard]] bool not_modified() const noexcept { return not_modified_; }

  /// The part that is sent (206); none for the whole.
  [[nodiscard]] const std::optional<ByteRange>& range() const noexcept { return range_; }

  /// None for HEAD and 304.
  [[nodiscard]] const BlobReader* reader() const noexcept { return reader_.get(); }

  /// Once; queues the event, waiting only where the queue is full. `bytes_sent` of the content.
  void finish(std::int64_t bytes_sent, bool complete) noexcept {
    if (record_) record_->finish(bytes_sent, complete);
    record_.reset();
  }

  /// The same, but never waits. False: the queue is full, and the download goes on.
  [[nodiscard]] bool try_finish(std::int64_t bytes_sent, bool complete) noexcept {
    if (record_ && !record_->try_finish(bytes_sent, complete)) return false;
    record_.reset();
    return true;
  }

  /// The same, for what went wrong here: no fault of the client's.
  void fail(std::int64_t bytes_sent, Errc why) noexcept {
    if (record_) record_->fail(bytes_sent, why);
    record_.reset();
  }

  /// Lets go of the blob, for whoever has read what is to be sent; the record goes on.
  void close() noexcept { reader_.reset(); }

 private:
  FileInfo info_;
  bool not_modified_;
  std::optional<ByteRange> range_;
  std::unique_ptr<BlobReader> reader_;
  std::unique_ptr<Record> record_;
};

} // namespace baluhost
