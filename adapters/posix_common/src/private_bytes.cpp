#include "baluhost/posix_common/private_bytes.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/posix_common/posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <cerrno>
#include <cstdint>

// The one reader of keys and passwords. It looks at what it has opened, not at a name that may mean
// another file a moment later, follows no link, and waits for no writer of a pipe.
namespace baluhost::posix {

Result<std::string> read_private(const PrivateFile& file) {
  const Fd fd(
      ::openat(file.directory, file.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return Error{Errc::not_found, file.path + " does not exist"};
  if (!fd && errno == ELOOP)
    return Error{Errc::conflict, file.path + " is a symbolic link: put the file itself there"};
  if (!fd) return os_error("cannot open " + file.path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return os_error("cannot examine " + file.path);
  if (!S_ISREG(info.st_mode)) return Error{Errc::conflict, file.path + " is not a regular file"};
  if ((info.st_mode & file.refused_mode) != 0) {
    return Error{
        Errc::conflict,
        concat(file.path, " may be read or changed by others than its owner: run chmod 600 on it",
               file.advice)};
  }
  if (static_cast<std::uint64_t>(info.st_size) > file.max_bytes)
    return Error{Errc::conflict, file.path + " is too long for what it should hold"};
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  const auto got = read_all_at(fd.get(), bytes.data(), bytes.size(), 0);
  if (got < 0) return os_error("cannot read " + file.path);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

} // namespace baluhost::posix
