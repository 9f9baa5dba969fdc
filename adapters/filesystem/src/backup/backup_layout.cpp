#include "backup/backup_layout.hpp"

#include "baluhost/posix_common/posix.hpp"
#include "blob_layout.hpp"

#include "baluhost/filesystem/private_file.hpp"

#include <fcntl.h>

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

Result<BackupFile> examine(const fs::path& root, const std::string& name,
                           const Digester& digester) {
  const fs::path path = root / name;
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (!fs::is_regular_file(status) && (!failure || status.type() == fs::file_type::not_found))
    return Error{Errc::not_found, path.string() + " is no file"};
  const posix::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return os_error(path);
  BackupFile found{.name = name};
  const auto hash = digester.sha256_stream();
  std::string buffer(1 << 18, '\0');
  for (;;) {
    const auto got = posix::read_all_at(file.get(), buffer.data(), buffer.size(), found.size);
    if (got < 0) return os_error(path);
    if (got == 0) break;
    hash->update({buffer.data(), static_cast<std::size_t>(got)});
    found.size += got;
  }
  found.sha256 = hash->digest();
  return found;
}

bool is_absent_or_empty(const fs::path& path) {
  std::error_code failure;
  if (!fs::exists(fs::symlink_status(path, failure))) return true;
  return fs::is_directory(path, failure) && fs::is_empty(path, failure);
}

} // namespace baluhost::backup
