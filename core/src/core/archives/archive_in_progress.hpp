#pragma once

#include "access/file_rights.hpp"
#include "archives/content_check.hpp"
#include "baluhost/core/archives/archive_service.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baluhost {

[[nodiscard]] inline FormerPlace place_of(const ArchiveEntry& entry) {
  return {.file = entry.file, .owner = entry.owner, .path = entry.path};
}

/// An archive on its way: where it is, and the files whose contents are under way. One thread at a
/// time.
class ArchiveStream::InProgress {
 public:
  /// `range`: of the archive's bytes, all of them where the whole is sent.
  InProgress(const ArchiveService::Dependencies& deps, Archive archive, const ByteRange& range,
             NewAuditEvent event);
  ~InProgress();

  [[nodiscard]] Result<ArchivePiece> next(const Principal& caller);
  void end(std::int64_t sent) noexcept;

 private:
  /// A file whose content is under way.
  struct Sending {
    std::unique_ptr<Download::Record> record;
    std::int64_t sent{0};
  };

  /// What of a piece is content.
  struct Part {
    std::shared_ptr<Sending> file;
    std::int64_t begin{};
    std::int64_t length{};
    bool is_last{false}; ///< of what is sent of the file
  };

  /// An entry, and the bytes of it that are to be sent.
  struct Planned {
    ArchiveEntry entry;
    std::string header;
    std::int64_t content_begin{}; ///< in the archive
    std::int64_t content_end{};
    std::int64_t from{}; ///< of what is sent of the content, in the content
    std::int64_t to{};
    bool sends_content{false};
    std::optional<std::string> content; ///< all of it, where it is small

    [[nodiscard]] bool is_whole() const noexcept { return from == 0 && to == entry.content->size; }
  };

  /// A content that does not fit into a piece.
  struct Large {
    Planned planned;
    std::unique_ptr<BlobReader> reader;
    ContentCheck check;
    std::shared_ptr<Sending> file;

    /// No check is needed: its last bytes are not sent, or it was read to its end before.
    bool is_checked{false};
  };

  Result<void> add_more(ArchivePiece& piece, const Principal& caller);
  Result<void> add_entries(ArchivePiece& piece, const Principal& caller);
  Result<void> add_small(ArchivePiece& piece, std::vector<Planned> run);
  Result<void> begin_large(Planned planned);
  Result<void> add_large(ArchivePiece& piece);
  Result<bool> prepare_large();
  Result<void> add_directory(ArchivePiece& piece, const Principal& caller);
  void add_end(ArchivePiece& piece);

  Result<std::vector<Planned>> plan_run(std::int64_t room);
  [[nodiscard]] Planned plan(const ArchiveEntry& entry) const;
  Result<void> read_small(Planned& planned, std::vector<ContentChecksum>& found);
  Result<std::vector<std::shared_ptr<Sending>>> put_on_record(std::span<const Planned> files);
  Result<bool> find_checksum(ArchiveEntry& entry);
  Result<void> note_checksums(std::span<const ContentChecksum> checksums);
  Result<void> stay_alive();
  Error fail_large(Error error);
  void append(ArchivePiece& piece, std::string_view bytes, std::int64_t at);
  enum class Rest { follows, none };
  void settle(std::int64_t sent, Rest rest) noexcept;
  [[nodiscard]] NewAuditEvent event_of(const ArchiveEntry& entry) const;

  ArchiveService::Dependencies deps_;
  Archive archive_;
  std::int64_t position_;
  std::int64_t end_;
  NewAuditEvent event_;
  std::deque<ArchiveEntry> page_; ///< from the entry that the position is in
  std::deque<ArchiveEntry> directory_page_;
  std::optional<Large> large_;

  /// A content that is read for its checksum alone.
  struct Reading {
    BlobId blob;
    std::unique_ptr<BlobReader> reader;
    ContentCheck check;
  };
  std::optional<Reading> reading_;

  std::int64_t piece_size_{0};   ///< of the last piece, which is on its way
  std::vector<Part> parts_;      ///< of it
  std::optional<Error> failure_; ///< to be told after the piece that was whole before it
  std::chrono::microseconds touched_;
};

} // namespace baluhost
