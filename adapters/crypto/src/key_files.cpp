#include "key_files.hpp"

#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/names.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <tuple>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 16 * 1024;
constexpr std::size_t kKidDigits = 16;
constexpr std::size_t kStampLength = 23; // 20261124T025431.123456Z

class ScopedFd {
 public:
  explicit ScopedFd(int fd) noexcept : fd_(fd) {}
  ScopedFd(const ScopedFd&) = delete;
  ScopedFd& operator=(const ScopedFd&) = delete;
  ~ScopedFd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::string_view extension(KeyKind kind) { return kind == KeyKind::seal ? ".pem" : ".key"; }

std::string to_stamp(Timestamp time) {
  auto text = time.to_rfc3339();
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::optional<Timestamp> parse_stamp(std::string_view text) {
  if (text.size() != kStampLength) return std::nullopt;
  std::string rfc3339(text);
  for (const std::size_t colon : {13, 11}) rfc3339.insert(colon, ":");
  for (const std::size_t dash : {6, 4}) rfc3339.insert(dash, "-");
  const auto time = Timestamp::parse(rfc3339);
  return time && to_stamp(*time) == text ? std::optional(*time) : std::nullopt;
}

bool is_kid(std::string_view text) { return text.size() == kKidDigits && is_lower_hex(text); }

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

constexpr auto kKinds = names<KeyKind>({{KeyKind::access, "access"},
                                        {KeyKind::refresh, "refresh"},
                                        {KeyKind::seal, "seal"},
                                        {KeyKind::factor, "factor"},
                                        {KeyKind::content, "content"}});

} // namespace

std::string_view to_string(KeyKind kind) noexcept { return name_of(kKinds, kind); }

std::string key_file_name(const KeyInfo& info) {
  return std::string(to_string(info.kind)) + '-' + to_stamp(info.created_at) + '-' + info.kid +
         std::string(extension(info.kind));
}

std::optional<KeyInfo> parse_key_file_name(std::string_view name) {
  for (const auto kind : kKeyKinds) {
    const auto word = to_string(kind);
    const auto end = extension(kind);
    if (name.size() != word.size() + 1 + kStampLength + 1 + kKidDigits + end.size()) continue;
    if (!name.starts_with(word) || !name.ends_with(end)) continue;
    const auto stamp = parse_stamp(name.substr(word.size() + 1, kStampLength));
    const auto kid = name.substr(word.size() + 1 + kStampLength + 1, kKidDigits);
    if (!stamp || !is_kid(kid)) return std::nullopt;
    KeyInfo info{kind, std::string(kid), *stamp, false};
    return key_file_name(info) == name ? std::optional(std::move(info)) : std::nullopt;
  }
  return std::nullopt;
}

Result<void> KeyFiles::make_directory(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  if (::mkdir(path.c_str(), 0700) == 0) {
    const ScopedFd fd(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0 && ::fsync(fd.get()) == 0) return {};
  } else if (errno == EEXIST) {
    return {};
  }
  return Error{Errc::unavailable,
               "cannot make the directory of the keys, " + path + ": " + ::strerrordesc_np(errno)};
}

Result<KeyFiles> KeyFiles::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return Error{
        errno == ENOENT ? Errc::not_found : Errc::unavailable,
        "cannot open the directory of the keys, " + path + ": " + ::strerrordesc_np(errno)};
  }
  KeyFiles files(path, fd);
  struct stat info {};
  if (::fstat(fd, &info) != 0) return files.failed("cannot examine");
  if ((info.st_mode & 022) != 0) {
    return Error{Errc::conflict,
                 path + " may be changed by others than its owner: run chmod 700 on it"};
  }
  return files;
}

KeyFiles::KeyFiles(KeyFiles&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

KeyFiles::~KeyFiles() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> KeyFiles::lock() const {
  while (::flock(fd_, LOCK_EX) != 0) {
    if (errno != EINTR) return failed("cannot lock");
  }
  return {};
}

Result<std::int64_t> KeyFiles::change_time() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return failed("cannot examine");
  return info.st_mtim.tv_sec * std::int64_t{1'000'000'000} + info.st_mtim.tv_nsec;
}

Result<std::vector<KeyInfo>> KeyFiles::list() const {
  // A second open of the directory: the position of the first is shared with its copies.
  const std::unique_ptr<DIR, decltype([](DIR* stream) { ::closedir(stream); })> stream(
      ::fdopendir(::openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  if (!stream) return failed("cannot read");
  std::vector<KeyInfo> keys;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    if (auto key = parse_key_file_name(entry->d_name)) keys.push_back(*std::move(key));
  }
  if (errno != 0) return failed("cannot read");
  std::sort(keys.begin(), keys.end(), [](const KeyInfo& a, const KeyInfo& b) {
    return std::tie(b.created_at, b.kid) < std::tie(a.created_at, a.kid);
  });
  return keys;
}

Result<std::string> KeyFiles::read(std::string_view name, unsigned refused_mode) const {
  const ScopedFd fd(
      ::openat(fd_, std::string(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.get() < 0 && errno == ENOENT)
    return Error{Errc::not_found, full(name) + " does not exist"};
  if (fd.get() < 0 && errno == ELOOP) {
    return Error{Errc::conflict, full(name) + " is a symbolic link: put the file itself there"};
  }
  if (fd.get() < 0) return failed("cannot open", name);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return failed("cannot examine", name);
  if (!S_ISREG(info.st_mode)) return Error{Errc::conflict, full(name) + " is not a regular file"};
  if ((info.st_mode & refused_mode) != 0) {
    return Error{Errc::conflict,
                 full(name) +
                     " may be read or changed by others than its owner: run chmod 600 on it, and "
                     "baluhostctl keys rotate if somebody may have read it"};
  }
  std::string bytes(kMaxKeyFileBytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::read(fd.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot read", name);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<Secret> KeyFiles::read_secret(std::string_view name) const {
  BALUHOST_TRY(auto bytes, read(name, 077));
  return Secret(std::move(bytes));
}

Result<std::string> KeyFiles::read_public(std::string_view name) const {
  auto bytes = read(name, 022);
  if (!bytes && bytes.error().code == Errc::not_found) return std::string();
  return bytes;
}

Result<void> KeyFiles::write(std::string_view name, std::string_view bytes, unsigned mode) const {
  const std::string temporary = ".new-" + std::string(name);
  ::unlinkat(fd_, temporary.c_str(),
             0); // what a crash left; the lock keeps others from being at it
  const ScopedFd fd(
      ::openat(fd_, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.get() < 0) return failed("cannot make", name);
  if (!write_all(fd.get(), bytes) || ::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0 ||
      ::renameat(fd_, temporary.c_str(), fd_, std::string(name).c_str()) != 0) {
    Error error = failed("cannot write", name);
    ::unlinkat(fd_, temporary.c_str(), 0);
    return error;
  }
  if (::fsync(fd_) != 0) return failed("cannot flush");
  return {};
}

Result<void> KeyFiles::remove(std::string_view name) const {
  if (::unlinkat(fd_, std::string(name).c_str(), 0) != 0 && errno != ENOENT)
    return failed("cannot delete", name);
  if (::fsync(fd_) != 0) return failed("cannot flush");
  return {};
}

Error KeyFiles::failed(std::string_view what, std::string_view name) const {
  const int number = errno;
  return {number == ENOSPC || number == EDQUOT ? Errc::insufficient_storage : Errc::unavailable,
          std::string(what) + ' ' + (name.empty() ? path_ : full(name)) + ": " +
              ::strerrordesc_np(number)};
}

} // namespace baluhost
