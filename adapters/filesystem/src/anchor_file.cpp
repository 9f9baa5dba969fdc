#include "baluhost/filesystem/anchor_file.hpp"

#include "baluhost/posix_common/posix.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <mutex>

// The file is opened for every call: one that an operator moves away or puts back is then seen at
// once, and what it costs is nothing beside the flush. The lock of the file keeps "is the last line
// whole?" and the append together across programs.
namespace baluhost {
namespace {

constexpr std::int64_t kTailBytes = 64 * 1024; // some 800 lines

std::optional<Anchor> parse_line(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  Anchor anchor{};
  const auto [end, code] = std::from_chars(line.data(), line.data() + space, anchor.number.value);
  if (code != std::errc{} || end != line.data() + space || anchor.number.value < 1)
    return std::nullopt;
  auto hash = Sha256Digest::parse_hex(line.substr(space + 1));
  if (!hash) return std::nullopt;
  anchor.seal_hash = *hash;
  return anchor;
}

class AnchorFile final : public AnchorLog {
 public:
  explicit AnchorFile(std::string path) : path_(std::move(path)) {}

  Result<void> append(const Anchor& anchor) override {
    const std::lock_guard lock(mutex_);
    bool made = false;
    posix::Fd fd(::open(path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) {
      fd = posix::Fd(
          ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
      made = true;
    }
    if (!fd) return failed("cannot open the anchor file");
    if (::flock(fd.get(), LOCK_EX) != 0) return failed("cannot lock the anchor file");
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return failed("cannot examine the anchor file");
    if (!S_ISREG(info.st_mode)) return Error{Errc::unavailable, path_ + " is not a regular file"};

    std::string line = std::to_string(anchor.number.value) + ' ' + anchor.seal_hash.hex() + '\n';
    char last = '\n';
    if (info.st_size > 0 && posix::read_all_at(fd.get(), &last, 1, info.st_size - 1) != 1) {
      return failed("cannot read the anchor file");
    }
    if (last != '\n') line.insert(line.begin(), '\n');
    if (!posix::write_all_at(fd.get(), line, info.st_size))
      return failed("cannot write the anchor file");
    if (::fdatasync(fd.get()) != 0) return failed("cannot flush the anchor file");
    return made ? sync_directory() : Result<void>{};
  }

  Result<std::optional<Anchor>> newest() const override {
    const posix::Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && errno == ENOENT) return std::optional<Anchor>{};
    if (!fd) return failed("cannot open the anchor file");
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return failed("cannot examine the anchor file");
    if (!S_ISREG(info.st_mode)) return Error{Errc::unavailable, path_ + " is not a regular file"};

    const std::int64_t begin = std::max<std::int64_t>(0, info.st_size - kTailBytes);
    std::string tail(static_cast<std::size_t>(info.st_size - begin), '\0');
    const std::int64_t got = posix::read_all_at(fd.get(), tail.data(), tail.size(), begin);
    if (got < 0) return failed("cannot read the anchor file");
    return newest_in(std::string_view(tail).substr(0, static_cast<std::size_t>(got)));
  }

 private:
  static std::optional<Anchor> newest_in(std::string_view text) {
    std::optional<Anchor> newest;
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      const auto anchor = parse_line(text.substr(0, end));
      if (anchor && (!newest || anchor->number >= newest->number)) newest = anchor;
      text.remove_prefix(end + 1);
    }
    return newest;
  }

  Result<void> sync_directory() const {
    const auto parent = std::filesystem::path(path_).parent_path();
    const posix::Fd fd(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
      return failed("cannot flush the directory of the anchor file");
    return {};
  }

  Error failed(std::string_view what) const {
    return {Errc::unavailable, posix::os_error(what).detail + " (" + path_ + ")"};
  }

  std::string path_;
  mutable std::mutex mutex_;
};

} // namespace

std::unique_ptr<AnchorLog> make_anchor_file(const std::string& path) {
  return std::make_unique<AnchorFile>(path);
}

} // namespace baluhost
