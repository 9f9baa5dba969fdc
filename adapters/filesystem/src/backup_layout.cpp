#include "backup_layout.hpp"

#include "blob_layout.hpp"

#include "baluhost/filesystem/private_file.hpp"

#include <cerrno>
#include <cstring>

namespace baluhost::backup {

Error failed(const fs::path& path, const std::string& why) {
  return Error{Errc::unavailable, path.string() + ": " + why};
}

Error os_error(const fs::path& path) { return failed(path, std::strerror(errno)); }

fs::path place_of(const fs::path& root, const BlobId& blob) { return root / blob_path(blob); }

Result<void> copy_private(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  if (!fs::copy_file(from, to, failure) || failure) return failed(to, failure.message());
  fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, failure);
  return {};
}

Result<void> copy_keys(const fs::path& from, const fs::path& to) {
  BALUHOST_CHECK(make_private_directory(to.string()));
  std::error_code failure;
  for (fs::directory_iterator it{from, failure}, end; !failure && it != end;
       it.increment(failure)) {
    if (it->is_regular_file()) BALUHOST_CHECK(copy_private(it->path(), to / it->path().filename()));
  }
  if (failure) return failed(from, failure.message());
  return {};
}

bool is_absent_or_empty(const fs::path& path) {
  std::error_code failure;
  if (!fs::exists(fs::symlink_status(path, failure))) return true;
  return fs::is_directory(path, failure) && fs::is_empty(path, failure);
}

} // namespace baluhost::backup
