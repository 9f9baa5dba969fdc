#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace baluhost {

/// Makes `path` and its missing parents with mode 0700; what exists stays as it is. unavailable.
Result<void> make_private_directory(const std::string& path);

/// Replaces or makes the file `path`, mode 0600, at once and durably: a crash leaves the old one or
/// the new one. unavailable, insufficient_storage.
Result<void> write_private_file(const std::string& path, std::string_view bytes);

/// The bytes of a regular file that nobody but its owner may read. not_found without it; conflict
/// if it is a link, not a regular file, longer than `max_bytes` or may be read or written by
/// others; unavailable if it cannot be read. `detail` says what to do.
Result<Secret> read_secret_file(const std::string& path, std::size_t max_bytes = 64 * 1024);

/// `read_secret_file` of a text, without the ends of lines after it. conflict too if it is empty or
/// holds a NUL.
Result<Secret> read_password_file(const std::string& path);

/// Says that this process uses a directory, as long as it lives.
class DirectoryLock {
 public:
  static constexpr std::string_view kFileName = "lock";

  /// Locks the file `kFileName` in `directory`. conflict if another process, or another lock of
  /// this one, has it; unavailable.
  static Result<DirectoryLock> acquire(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

  /// Removes the file, for who leaves nothing in the directory; it is locked until this ends.
  void remove_file() const noexcept;

 private:
  DirectoryLock(int fd, std::string path) noexcept : fd_(fd), path_(std::move(path)) {}
  int fd_{-1};
  std::string path_;
};

} // namespace baluhost
