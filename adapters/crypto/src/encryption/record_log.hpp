#pragma once

#include "encryption/content_format.hpp"

#include "baluhost/domain/function_ref.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::encryption {

/// Reads bytes of a blob or a staging file, as `BlobReader::read_at`.
using ReadAt = FunctionRef<Result<std::size_t>(std::int64_t, std::span<char>)>;

/// Where the record lies that holds a byte of the content, and which part of it counts.
struct RecordPlace {
  std::int64_t place{};
  std::int64_t offset{}; ///< of its first byte in the content
  std::int64_t end{};    ///< where the next run begins, or the content ends
};

/// The place of the record with the byte `at`, which is in `run`; that ends at `run_end`.
RecordPlace place_in(const Run& run, std::int64_t at, std::int64_t run_end);

/// Reads and opens the record at `place.place`. unavailable: it is damaged, or another one.
Result<std::string> read_record(const Secret& key, ReadAt read, const RecordPlace& place);

/// Content as it is written, record after record, and what of it has no record yet. Writes to
/// nothing itself. One thread at a time.
class RecordLog {
 public:
  explicit RecordLog(FileKey key) : key_(std::move(key)) {}

  [[nodiscard]] const FileKey& key() const noexcept { return key_; }
  [[nodiscard]] std::int64_t size() const noexcept {
    return recorded_ + static_cast<std::int64_t>(pending_.size());
  }
  /// Where the next record goes; 0: the header is not written yet.
  [[nodiscard]] std::int64_t end() const noexcept { return end_; }
  /// Of how many runs it consists: what it takes in memory.
  [[nodiscard]] std::size_t runs() const noexcept { return runs_.size(); }

  using Write = FunctionRef<Result<void>(std::string_view)>;

  /// Takes `bytes` and writes what fills a record. After an error of `write` it holds what it held
  /// before.
  Result<void> append(std::string_view bytes, RandomSource& random, Write write);

  /// Writes what has no record yet.
  Result<void> flush(RandomSource& random, Write write);

  /// The same, index and trailer. An empty content is none: nothing is written.
  Result<void> finish(RandomSource& random, Write write);

  /// Forgets what comes after `size`, which is at most that of the content.
  void cut(std::int64_t size);

  /// Up to `buffer.size()` bytes of the content from `at`.
  Result<std::size_t> read_at(std::int64_t at, std::span<char> buffer, ReadAt read) const;

  /// Takes over what a staging file of `stored` bytes holds after its header, up to the first thing
  /// that is no sound record. unavailable: it cannot be read.
  Result<void> load(std::int64_t stored, ReadAt read);

 private:
  Result<void> write_record(std::string_view content, RandomSource& random, Write write);
  void add_record(std::int64_t offset, std::int64_t length);

  FileKey key_;
  std::vector<Run> runs_;
  std::int64_t recorded_{0}; ///< bytes of the content in records that count
  std::int64_t end_{0};
  bool goes_on_{false}; ///< the next record belongs to the last run
  bool is_cut_{false};  ///< no record says yet that what lies after `recorded_` is gone
  std::string pending_;
};

} // namespace baluhost::encryption
