#pragma once

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <memory>
#include <optional>
#include <string>

namespace baluhost {

/// Of `with_encryption`.
struct EncryptionOptions {
  bool encrypt{true}; ///< new contents; what is encrypted already is read either way
  bool sha1{false};   ///< also compute the SHA-1 of contents, as the store below does
};

/// A store whose contents lie encrypted in `inner`: AES-256-GCM (NIST SP 800-38D) in pieces of 64
/// KiB, under a key of each content's own that follows from the newest one in `keys`. Sizes,
/// digests, ranges and what is staged are those of the plain content. Contents that are there
/// already stay as they are, and are read. What was changed, or has another key, is unavailable
/// when it is read, what has no key when it is opened, and never other bytes. Encrypted contents
/// have no `file_descriptor`. The references must outlive the store and everything opened from it.
std::unique_ptr<BlobStore> with_encryption(std::unique_ptr<BlobStore> inner,
                                           const EncryptionOptions& options, KeyDirectory& keys,
                                           const Digester& digester, RandomSource& random);

/// The content of a blob that lies as `stored` in the store below: that itself, where it is not
/// encrypted. unavailable: its key is not in `keys`, which must outlive it. One that was changed
/// opens, and fails when it is read.
Result<std::unique_ptr<BlobReader>> open_encrypted(std::unique_ptr<BlobReader> stored,
                                                   KeyDirectory& keys);

/// The id of the key that content which lies as `stored` needs, as `KeyInfo::kid`; none: it is not
/// encrypted. unavailable.
Result<std::optional<std::string>> key_of_content(const BlobReader& stored);

} // namespace baluhost
