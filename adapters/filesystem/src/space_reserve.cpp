#include "baluhost/filesystem/space_reserve.hpp"

#include "baluhost/posix_common/posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

namespace baluhost {
namespace {

/// SQLite's shared memory, its write-ahead log and what lies beside them.
constexpr std::int64_t kBytesToOpen = std::int64_t{512} << 10;
constexpr std::int64_t kInodesToOpen = 3;

std::string directory_of(const std::string& path) {
  auto parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

/// Blocks, not a hole. Where the file system cannot set them aside it is written.
bool allocate(int fd, std::int64_t bytes) noexcept {
  if (::fallocate(fd, 0, 0, bytes) == 0) return true;
  return errno == EOPNOTSUPP && ::posix_fallocate(fd, 0, bytes) == 0;
}

} // namespace

SpaceReserve::SpaceReserve(std::string path)
    : path_(std::move(path)), directory_(directory_of(path_)) {}

Result<StorageSpace> SpaceReserve::space() const {
  struct statvfs info {};
  if (::statvfs(directory_.c_str(), &info) != 0)
    return posix::os_error("cannot ask for the free space of " + directory_);
  return posix::space_of(info);
}

std::int64_t SpaceReserve::target(const StorageSpace& space) noexcept {
  return std::min(kMostBytes, space.total_bytes / 8) / kPieces * kPieces;
}

std::int64_t SpaceReserve::held() const noexcept {
  std::int64_t bytes = 0;
  for (int i = 0; i < kPieces; ++i) {
    struct stat info {};
    if (::stat(piece(i).c_str(), &info) == 0) bytes += info.st_size;
  }
  return bytes;
}

bool SpaceReserve::release() noexcept {
  for (int i = 0; i < kPieces; ++i) {
    if (::unlink(piece(i).c_str()) == 0) return true;
  }
  return false;
}

Result<void> SpaceReserve::keep(std::int64_t min_free_bytes) {
  for (int i = 0; i < kPieces; ++i) {
    BALUHOST_TRY(const auto now, space());
    const auto bytes = target(now) / kPieces;
    struct stat info {};
    if (::stat(piece(i).c_str(), &info) == 0 && info.st_size == bytes) continue;
    if (now.free_bytes - bytes < min_free_bytes) return {};
    // Under another name until it is whole: what is cut short by a crash holds nothing and is made
    // again.
    const std::string temporary = piece(i) + ".new";
    const posix::Fd fd(
        ::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd || !allocate(fd.get(), bytes) || ::rename(temporary.c_str(), piece(i).c_str()) != 0) {
      Error error = posix::os_error("cannot set space aside in " + directory_);
      ::unlink(temporary.c_str());
      if (error.code == Errc::insufficient_storage) return {};
      return error;
    }
  }
  return {};
}

void SpaceReserve::make_room_to_open() noexcept {
  for (;;) {
    const auto now = space();
    if (!now) return;
    const bool inodes = now->total_inodes == 0 || now->free_inodes >= kInodesToOpen;
    if ((now->free_bytes >= kBytesToOpen && inodes) || !release()) return;
  }
}

} // namespace baluhost
