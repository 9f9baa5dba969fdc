#pragma once

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

struct stat;
struct statvfs;

namespace baluhost {
struct StorageSpace;
}

namespace baluhost::posix {

/// A file descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) noexcept : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd();

  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }
  explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_{-1};
};

/// insufficient_storage for ENOSPC and EDQUOT, else unavailable; `detail` is "what: text of the
/// errno".
Error os_error(std::string_view what, int error_number);
Error os_error(std::string_view what); ///< of errno

/// What the file system says of its blocks and inodes, as who is not root may use them.
StorageSpace space_of(const struct statvfs& info) noexcept;

/// Opens `path` below `directory` without following any link; errno tells why it failed.
Fd open_beneath(int directory, const std::string& path, int flags, unsigned mode = 0);

/// Writes all of `bytes` at `offset`; false and errno otherwise.
bool write_all_at(int fd, std::string_view bytes, std::int64_t offset) noexcept;

/// Fills `[buffer, buffer + size)` from `offset` as far as the file goes; -1 and errno on an error.
std::int64_t read_all_at(int fd, char* buffer, std::size_t size, std::int64_t offset) noexcept;

} // namespace baluhost::posix
