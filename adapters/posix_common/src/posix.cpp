#include "baluhost/posix_common/posix.hpp"

#include "baluhost/ports/blob_store.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace baluhost::posix {

Fd::~Fd() {
  if (number_ >= 0) ::close(number_);
}

Error os_error(std::string_view what, int error_number) {
  const char* text = ::strerrordesc_np(error_number);
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  return {full ? Errc::insufficient_storage : Errc::unavailable,
          std::string(what) + ": " + (text ? text : "unknown error")};
}

Error os_error(std::string_view what) { return os_error(what, errno); }

StorageSpace space_of(const struct statvfs& info) noexcept {
  const auto block = static_cast<std::int64_t>(info.f_frsize);
  return {.free_bytes = static_cast<std::int64_t>(info.f_bavail) * block,
          .total_bytes = static_cast<std::int64_t>(info.f_blocks) * block,
          .free_inodes = static_cast<std::int64_t>(info.f_favail),
          .total_inodes = static_cast<std::int64_t>(info.f_files)};
}

Fd open_beneath(int directory, const std::string& path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  do {
    fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
  } while (fd < 0 && errno == EINTR);
  return Fd(static_cast<int>(fd));
}

bool write_all_at(int fd, std::string_view bytes, std::int64_t offset) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  return true;
}

std::int64_t read_all_at(int fd, char* buffer, std::size_t size, std::int64_t offset) noexcept {
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got =
        ::pread(fd, buffer + filled, size - filled, offset + static_cast<std::int64_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return static_cast<std::int64_t>(filled);
}

} // namespace baluhost::posix
