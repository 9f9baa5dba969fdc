#pragma once

#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "baluhost/ports/common/content_hashes.hpp"
#include "baluhost/ports/common/staged_memory.hpp"
#include "encryption/record_log.hpp"

namespace baluhost::encryption {

struct Surroundings {
  EncryptionOptions options;
  KeyDirectory& keys;
  const Digester& digester;
  RandomSource& random;

  /// For plain content.
  [[nodiscard]] ContentHashes new_hashes() const { return {digester, options.sha1}; }
};

/// What the last holder of staged content in this process knew of it.
struct StagedLog {
  RecordLog log;
  ContentHashes hashes; ///< of the plain content
};

using StagedLogs = StagedMemory<StagedLog>;

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
