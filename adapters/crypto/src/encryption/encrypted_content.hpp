#pragma once

#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "encryption/record_log.hpp"

#include <list>
#include <mutex>
#include <unordered_map>

namespace baluhost::encryption {

struct Surroundings {
  EncryptionOptions options;
  KeyDirectory& keys;
  const Digester& digester;
  RandomSource& random;
};

/// The digests and the checksum of plain content.
struct PlainHashes {
  explicit PlainHashes(const Surroundings& around)
      : sha256(around.digester.sha256_stream()),
        sha1(around.options.sha1 ? around.digester.sha1_stream() : nullptr),
        crc32(around.digester.crc32_stream()) {}

  void update(std::string_view bytes) {
    sha256->update(bytes);
    if (sha1) sha1->update(bytes);
    crc32->update(bytes);
  }
  [[nodiscard]] std::optional<Sha1Digest> sha1_digest() const {
    return sha1 ? std::optional{sha1->digest()} : std::nullopt;
  }

  std::unique_ptr<Sha256Stream> sha256;
  std::unique_ptr<Sha1Stream> sha1;
  std::unique_ptr<Crc32Stream> crc32;
};

/// What the last holder of staged content in this process knew of it.
struct StagedLog {
  RecordLog log;
  PlainHashes hashes;
};

/// Those of contents that nobody holds, the newest 1024. Safe from many threads.
class StagedLogs {
 public:
  void keep(const UploadId& id, StagedLog log);
  std::optional<StagedLog> take(const UploadId& id);

 private:
  static constexpr std::size_t kEntries = 1024;
  using Entries = std::list<std::pair<UploadId, StagedLog>>;
  std::mutex mutex_;
  Entries oldest_first_;
  std::unordered_map<UploadId, Entries::iterator> by_id_;
};

/// Where a staged content leaves what it knows, and what the holder before it left.
struct StagedPlace {
  std::shared_ptr<StagedLogs> logs;
  UploadId id;
  std::optional<StagedLog> known;
};

Result<std::unique_ptr<BlobWriter>> make_encrypting_writer(std::unique_ptr<BlobWriter> inner,
                                                           const Surroundings& around);

/// `offset` as for `BlobStore::stage`, of the plain content.
Result<std::unique_ptr<StagedBlob>> open_encrypting_staged(std::unique_ptr<StagedBlob> inner,
                                                           const Surroundings& around,
                                                           StagedPlace place, std::int64_t offset);

/// Whether new content that begins with `bytes` is to be encrypted.
bool is_to_be_encrypted(const EncryptionOptions& options, std::string_view bytes);

} // namespace baluhost::encryption
