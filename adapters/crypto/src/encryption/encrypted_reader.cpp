#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "encryption/record_log.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

// The trailer vouches for the size. The index is not covered: a wrong entry leads to a record of
// another offset, which is found. It is searched where it lies, so that no content, however oddly
// it was uploaded, takes memory. The record that was opened last is kept for the next piece.
namespace baluhost {
namespace {

using namespace encryption;

class EncryptedReader final : public BlobReader {
 public:
  EncryptedReader(std::unique_ptr<BlobReader> stored, FileKey key, const Trailer& trailer)
      : stored_(std::move(stored)), key_(std::move(key)), trailer_(trailer) {}

  std::int64_t size() const noexcept override { return trailer_.size; }
  std::optional<int> file_descriptor() const noexcept override { return std::nullopt; }

  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (offset < 0) return Error{Errc::internal, "a blob has no bytes before its first"};
    const std::lock_guard lock(mutex_);
    std::size_t done = 0;
    while (done < buffer.size() && offset < trailer_.size) {
      if (offset < kept_.offset || offset >= kept_.end) BALUHOST_CHECK(open_record_of(offset));
      const auto wanted = std::min<std::int64_t>(kept_.end - offset,
                                                 static_cast<std::int64_t>(buffer.size() - done));
      done += content_.copy(buffer.data() + done, static_cast<std::size_t>(wanted),
                            static_cast<std::size_t>(offset - kept_.offset));
      offset += wanted;
    }
    return done;
  }

 private:
  Result<Run> run(std::int64_t number) const {
    char bytes[kIndexEntry];
    const std::int64_t index = stored_->size() - kTrailerBytes - trailer_.runs * kIndexEntry;
    BALUHOST_TRY(const auto got, stored_->read_at(index + number * kIndexEntry, bytes));
    if (got != sizeof bytes) return damaged_content();
    return parse_run({bytes, sizeof bytes});
  }

  Result<void> open_record_of(std::int64_t offset) const {
    std::int64_t low = 0; // the last run that begins at or before `offset` is in [low, high)
    std::int64_t high = trailer_.runs;
    std::int64_t run_end = trailer_.size;
    Run found{};
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      BALUHOST_TRY(const Run entry, run(middle));
      if (entry.offset <= offset) {
        found = entry;
        low = middle + 1;
      } else {
        run_end = entry.offset;
        high = middle;
      }
    }
    if (found.place < static_cast<std::int64_t>(kHeaderBytes)) return damaged_content();
    const auto place = place_in(found, offset, std::min(run_end, trailer_.size));
    const auto read = [&](std::int64_t at, std::span<char> buffer) {
      return stored_->read_at(at, buffer);
    };
    kept_ = {};
    BALUHOST_TRY(content_, read_record(key_.key, read, place));
    kept_ = place;
    return {};
  }

  std::unique_ptr<BlobReader> stored_;
  FileKey key_;
  Trailer trailer_;
  mutable std::mutex mutex_;
  mutable RecordPlace kept_;
  mutable std::string content_;
};

/// Content whose size cannot be told any more: it is there, and cannot be read.
class DamagedReader final : public BlobReader {
 public:
  explicit DamagedReader(std::int64_t stored) : stored_(stored) {}
  std::int64_t size() const noexcept override { return stored_; }
  std::optional<int> file_descriptor() const noexcept override { return std::nullopt; }
  Result<std::size_t> read_at(std::int64_t, std::span<char>) const override {
    return damaged_content();
  }

 private:
  std::int64_t stored_;
};

} // namespace

Result<std::optional<std::string>> key_of_content(const BlobReader& stored) {
  char begin[kHeaderBytes];
  BALUHOST_TRY(const auto got, stored.read_at(0, begin));
  auto header = Header::parse({begin, got});
  if (!header) return std::optional<std::string>{};
  return std::optional{std::move(header->key_id)};
}

Result<std::unique_ptr<BlobReader>> open_encrypted(std::unique_ptr<BlobReader> stored,
                                                   KeyDirectory& keys) {
  char begin[kHeaderBytes];
  BALUHOST_TRY(const auto got, stored->read_at(0, begin));
  auto header = Header::parse({begin, got});
  if (!header) return stored;
  BALUHOST_TRY(auto key, find_file_key(keys, *std::move(header)));
  char end[kTrailerBytes];
  const std::int64_t size = stored->size();
  const std::int64_t room = size - static_cast<std::int64_t>(kHeaderBytes) - kTrailerBytes;
  std::optional<Trailer> trailer;
  if (room >= 0) {
    BALUHOST_TRY(const auto read, stored->read_at(size - kTrailerBytes, end));
    trailer = open_trailer(key.key, {end, read});
  }
  if (!trailer || trailer->runs > room / kIndexEntry)
    return std::unique_ptr<BlobReader>(std::make_unique<DamagedReader>(size));
  return std::unique_ptr<BlobReader>(
      std::make_unique<EncryptedReader>(std::move(stored), std::move(key), *trailer));
}

} // namespace baluhost
