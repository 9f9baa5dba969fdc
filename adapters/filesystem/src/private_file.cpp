#include "baluhost/filesystem/private_file.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/posix_common/posix.hpp"
#include "baluhost/posix_common/private_bytes.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <filesystem>
#include <utility>

namespace baluhost {
namespace {

std::string directory_of(const std::string& path) {
  auto parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Result<void> sync_directory(const std::string& path) {
  const posix::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return posix::os_error("cannot flush " + path);
  return {};
}

} // namespace

Result<void> make_private_directory(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) == 0) {
      BALUHOST_CHECK(sync_directory(directory_of(part)));
    } else if (errno != EEXIST) {
      return posix::os_error("cannot make the directory " + part);
    }
    if (end == std::string::npos) break;
  }
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return posix::os_error("cannot examine " + path);
  if (!S_ISDIR(info.st_mode)) return Error{Errc::unavailable, path + " is not a directory"};
  return {};
}

Result<void> write_private_file(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".XXXXXX";
  posix::Fd fd(::mkostemp(temporary.data(), O_CLOEXEC)); // mode 0600
  if (!fd) return posix::os_error("cannot make a file beside " + path);
  const auto failed = [&](const char* what) {
    Error error = posix::os_error(what + path);
    ::unlink(temporary.c_str());
    return error;
  };
  if (!posix::write_all_at(fd.get(), bytes, 0)) return failed("cannot write ");
  if (::fsync(fd.get()) != 0) return failed("cannot flush ");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("cannot replace ");
  return sync_directory(directory_of(path));
}

Result<Secret> read_secret_file(const std::string& path, std::size_t max_bytes) {
  BALUHOST_TRY(auto bytes, posix::read_private({.directory = AT_FDCWD,
                                                .name = path,
                                                .path = path,
                                                .refused_mode = 077,
                                                .max_bytes = max_bytes}));
  return Secret(std::move(bytes));
}

Result<Secret> read_password_file(const std::string& path) {
  BALUHOST_TRY(const Secret raw, read_secret_file(path));
  std::string_view text = raw.reveal();
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return Error{Errc::conflict, path + " is empty: write the password into it"};
  if (text.find('\0') != text.npos)
    return Error{Errc::conflict, path + " holds a NUL, which no password has: write it anew"};
  return Secret{std::string{text}};
}

// Who gives up a restore removes the file under its lock. Whoever had opened it by then holds a
// lock on nothing, and tries again.
Result<DirectoryLock> DirectoryLock::acquire(const std::string& directory) {
  const std::string path = concat(directory, "/", kFileName);
  for (;;) {
    posix::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return posix::os_error("cannot open " + path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK)
        return Error{Errc::conflict, directory + " is in use by another process"};
      return posix::os_error("cannot lock " + path);
    }
    struct stat locked {};
    if (::fstat(fd.get(), &locked) != 0) return posix::os_error("cannot examine " + path);
    if (locked.st_nlink > 0) return DirectoryLock(fd.release(), path);
  }
}

void DirectoryLock::remove_file() const noexcept { ::unlink(path_.c_str()); }

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}
DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

} // namespace baluhost
