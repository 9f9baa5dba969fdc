#pragma once

#include "baluhost/filesystem/backup_directory.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace baluhost::backup {

/// Copies blobs as they lie; the copy's content is known from what passed, so nothing is read
/// twice. One thread at a time.
class BlobCopier {
 public:
  /// Without `open_content` what lies there is the content. `digester` must outlive it.
  BlobCopier(const Digester& digester, OpenContent open_content)
      : digester_(digester), open_content_(std::move(open_content)) {}

  /// Copies the file `from` to `to`, for its owner's eyes only; what is there is replaced. None:
  /// there is no `from`. insufficient_storage and unavailable concern `to`.
  Result<std::optional<CopiedContent>> copy(const std::filesystem::path& from,
                                            const std::filesystem::path& to);

 private:
  const Digester& digester_;
  OpenContent open_content_;
  std::string buffer_ = std::string(std::size_t{256} << 10, '\0');
};

} // namespace baluhost::backup
