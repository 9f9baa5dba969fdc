#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/digester.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace baluhost {

/// Reads a content to the end once, and compares it with its digest. One thread at a time.
class ContentCheck {
 public:
  ContentCheck(const Digester& digester, const Content& content);

  /// How many bytes were taken.
  [[nodiscard]] std::int64_t position() const noexcept { return position_; }
  [[nodiscard]] bool is_over() const noexcept { return position_ == content_.size; }

  /// Takes the bytes at `position`. internal, with the last of them, if all together are another
  /// content.
  [[nodiscard]] Result<void> take(std::string_view bytes);

  /// Reads up to `end` from `position`, some MiB at the most; true once it is there. unavailable,
  /// internal.
  [[nodiscard]] Result<bool> read_on(const BlobReader& reader, std::int64_t end);

  /// Of all that was taken.
  [[nodiscard]] std::uint32_t crc32() const noexcept { return crc32_->value(); }

 private:
  Content content_;
  std::unique_ptr<Sha256Stream> sha256_;
  std::unique_ptr<Crc32Stream> crc32_;
  std::int64_t position_{0};
};

/// Opens the blob of a content. internal: it is missing, or of another size.
[[nodiscard]] Result<std::unique_ptr<BlobReader>> open_content(const BlobStore& blobs,
                                                               const Content& content);

/// Reads `size` bytes at `offset`. internal if there are fewer.
[[nodiscard]] Result<std::string> read_content(const BlobReader& reader, std::int64_t offset,
                                               std::int64_t size);

} // namespace baluhost
