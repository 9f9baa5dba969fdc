#pragma once

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/random_source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// How encrypted content lies in a blob (ADR 0030). Numbers are big-endian.
///
///     header   magic (16), id of the key (8), salt (32)
///     records  offset of the first byte in the content (8), length (4), nonce (12),
///              ciphertext (length), tag (16); at most 64 KiB of content each
///     index    for each run of records: offset in the content (8), place in the blob (8)
///     trailer  size of the content (8), number of runs (8), nonce (12), tag (16)
///
/// In a run each record but the last is full, so any byte is found by the index and a division. The
/// key of a file is HMAC-SHA-256 of the key that the header names over a label and the salt. A tag
/// covers the numbers before it, and a nonce is random. What is staged has no index and no trailer;
/// there a record, an empty one too, replaces what earlier ones had from its offset on.
namespace baluhost::encryption {

inline constexpr std::int64_t kRecordContent = 64 * 1024;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kRecordHead = 12;
inline constexpr std::int64_t kRecordOverhead = kRecordHead + kNonceBytes + kTagBytes;
inline constexpr std::int64_t kRecordBytes = kRecordContent + kRecordOverhead;
inline constexpr std::size_t kHeaderBytes = 16 + 8 + 32;
inline constexpr std::int64_t kIndexEntry = 16;
inline constexpr std::int64_t kTrailerBytes = 8 + 8 + kNonceBytes + kTagBytes;

/// Content that begins so is always encrypted, so that plain content is never taken for it.
inline constexpr char kFirstByte = '\xF5';

/// What names the key of a file.
struct Header {
  std::string key_id; ///< in hex
  std::string salt;

  [[nodiscard]] std::string bytes() const;

  /// None: `bytes` begin no encrypted content.
  static std::optional<Header> parse(std::string_view bytes);
};

struct FileKey {
  Header header;
  Secret key;
};

/// A key for new content, by the newest one in `keys`. unavailable.
Result<FileKey> new_file_key(KeyDirectory& keys, RandomSource& random);
/// The key of content with that header. unavailable: the key that it names is not there.
Result<FileKey> find_file_key(KeyDirectory& keys, Header header);

/// A run of records.
struct Run {
  std::int64_t offset{}; ///< in the content
  std::int64_t place{};  ///< in the blob
};

struct RecordHead {
  std::int64_t offset{};
  std::int64_t length{};
};

/// unavailable.
Result<std::string> seal_record(const Secret& key, RandomSource& random, std::int64_t offset,
                                std::string_view content);
/// None: no record begins so.
std::optional<RecordHead> parse_record_head(std::string_view bytes);
/// The content of a record; none: it is damaged, or of another key.
std::optional<std::string> open_record(const Secret& key, std::string_view record);

/// Index and trailer. unavailable.
Result<std::string> seal_end(const Secret& key, RandomSource& random, std::span<const Run> runs,
                             std::int64_t size);

struct Trailer {
  std::int64_t size{};
  std::int64_t runs{};
};
/// None: it is damaged, or of another key.
std::optional<Trailer> open_trailer(const Secret& key, std::string_view bytes);
/// Of the bytes of an entry of the index.
Run parse_run(std::string_view bytes);

/// What is told of content that is no longer what was written.
Error damaged_content();

} // namespace baluhost::encryption
