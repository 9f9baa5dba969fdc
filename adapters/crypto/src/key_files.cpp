#include "key_files.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/names.hpp"
#include "baluhost/posix_common/private_bytes.hpp"

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

constexpr std::size_t kMaxKeyBytes = 16 * 1024;
constexpr std::size_t kMaxPublicBytes = 1024 * 1024; ///< of every key that ever sealed
constexpr std::size_t kKidDigits = 16;
constexpr std::size_t kStampLength = 23; // 20261124T025431.123456Z

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
    const posix::Fd fd(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd && ::fsync(fd.get()) == 0) return {};
  } else if (errno == EEXIST) {
    return {};
  }
  return Error{Errc::unavailable,
               "cannot make the directory of the keys, " + path + ": " + ::strerrordesc_np(errno)};
}

Result<KeyFiles> KeyFiles::open(const std::string& path) {
  posix::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    return Error{
        errno == ENOENT ? Errc::not_found : Errc::unavailable,
        "cannot open the directory of the keys, " + path + ": " + ::strerrordesc_np(errno)};
  }
  KeyFiles files(path, std::move(fd));
  struct stat info {};
  if (::fstat(files.fd_.get(), &info) != 0) return files.failed("cannot examine");
  if ((info.st_mode & 022) != 0) {
    return Error{Errc::conflict,
                 path + " may be changed by others than its owner: run chmod 700 on it"};
  }
  return files;
}

Result<void> KeyFiles::lock() const {
  while (::flock(fd_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return failed("cannot lock");
  }
  return {};
}

Result<std::int64_t> KeyFiles::change_time() const {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) return failed("cannot examine");
  return info.st_mtim.tv_sec * std::int64_t{1'000'000'000} + info.st_mtim.tv_nsec;
}

Result<std::vector<KeyInfo>> KeyFiles::list() const {
  // A second open of the directory: the position of the first is shared with its copies.
  const std::unique_ptr<DIR, decltype([](DIR* stream) { ::closedir(stream); })> stream(
      ::fdopendir(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
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

Result<Secret> KeyFiles::read_secret(std::string_view name) const {
  BALUHOST_TRY(auto bytes,
               posix::read_private({.directory = fd_.get(),
                                    .name = std::string(name),
                                    .path = full(name),
                                    .refused_mode = 077,
                                    .max_bytes = kMaxKeyBytes,
                                    .advice = ", and baluhostctl keys rotate if somebody may have "
                                              "read it"}));
  return Secret(std::move(bytes));
}

Result<std::string> KeyFiles::read_public(std::string_view name) const {
  auto bytes = posix::read_private({.directory = fd_.get(),
                                    .name = std::string(name),
                                    .path = full(name),
                                    .refused_mode = 022,
                                    .max_bytes = kMaxPublicBytes});
  if (!bytes && bytes.error().code == Errc::not_found) return std::string();
  return bytes;
}

Result<void> KeyFiles::write(std::string_view name, std::string_view bytes, unsigned mode) const {
  const std::string temporary = ".new-" + std::string(name);
  ::unlinkat(fd_.get(), temporary.c_str(),
             0); // what a crash left; the lock keeps others from being at it
  const posix::Fd fd(::openat(fd_.get(), temporary.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return failed("cannot make", name);
  if (!posix::write_all_at(fd.get(), bytes, 0) || ::fchmod(fd.get(), mode) != 0 ||
      ::fsync(fd.get()) != 0 ||
      ::renameat(fd_.get(), temporary.c_str(), fd_.get(), std::string(name).c_str()) != 0) {
    Error error = failed("cannot write", name);
    ::unlinkat(fd_.get(), temporary.c_str(), 0);
    return error;
  }
  if (::fsync(fd_.get()) != 0) return failed("cannot flush");
  return {};
}

Result<void> KeyFiles::remove(std::string_view name) const {
  if (::unlinkat(fd_.get(), std::string(name).c_str(), 0) != 0 && errno != ENOENT)
    return failed("cannot delete", name);
  if (::fsync(fd_.get()) != 0) return failed("cannot flush");
  return {};
}

Error KeyFiles::failed(std::string_view what, std::string_view name) const {
  const int number = errno;
  return posix::os_error(concat(what, ' ', name.empty() ? path_ : full(name)), number);
}

} // namespace baluhost
