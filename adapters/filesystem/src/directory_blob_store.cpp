#include "baluhost/filesystem/directory_blob_store.hpp"

#include "baluhost/filesystem/private_file.hpp"
#include "blob_files.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// The root is opened once and everything else is reached from it by openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, so the kernel,
// not a comparison of strings, keeps the store inside. All directories are made at the start, so publishing needs one flush of one
// directory and no lock: publishers meet in the file system's journal only, which commits them together.
namespace baluhost {
namespace {

constexpr int kFanOut = 256;

std::string fan_out_name(int number) { return to_hex(std::string(1, static_cast<char>(number))); }

using DirectoryStream = std::unique_ptr<DIR, decltype([](DIR* stream) { ::closedir(stream); })>;

/// The names in the directory `path` below `root` that `wanted` lets through, sorted.
template <class Wanted>
Result<std::vector<std::string>> names_in(int root, const std::string& path, Wanted wanted) {
  auto fd = posix::open_beneath(root, path, O_RDONLY | O_DIRECTORY);
  if (!fd) return posix::os_error("cannot open the directory " + path);
  const DirectoryStream stream(::fdopendir(fd.get()));
  if (!stream) return posix::os_error("cannot read the directory " + path);
  (void)fd.release();
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    if (wanted(std::string_view(entry->d_name))) names.emplace_back(entry->d_name);
  }
  if (errno != 0) return posix::os_error("cannot read the directory " + path);
  std::sort(names.begin(), names.end());
  return names;
}

class FileBlobReader final : public BlobReader {
 public:
  FileBlobReader(posix::Fd fd, std::int64_t size) : fd_(std::move(fd)), size_(size) {}

  std::int64_t size() const noexcept override { return size_; }
  std::optional<int> file_descriptor() const noexcept override { return fd_.get(); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (offset < 0) return Error{Errc::internal, "a blob has no bytes before its first"};
    const auto got = posix::read_all_at(fd_.get(), buffer.data(), buffer.size(), offset);
    if (got < 0) return posix::os_error("cannot read a blob");
    return static_cast<std::size_t>(got);
  }

 private:
  posix::Fd fd_;
  std::int64_t size_;
};

class DirectoryBlobStore final : public BlobStore {
 public:
  explicit DirectoryBlobStore(std::shared_ptr<BlobFiles> files) : files_(std::move(files)) {}

  Result<std::unique_ptr<BlobWriter>> create() override { return make_blob_writer(files_); }

  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    if (!is_blob_id(id.value)) return Error{Errc::not_found, "no blob has this name"};
    auto fd = posix::open_beneath(root(), blob_path(id), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!fd && errno == ENOENT) return Error{Errc::not_found, "blob " + id.value + " does not exist"};
    if (!fd) return posix::os_error("cannot open blob " + id.value);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return posix::os_error("cannot examine blob " + id.value);
    if (!S_ISREG(info.st_mode)) return Error{Errc::unavailable, "blob " + id.value + " is not a regular file"};
    return std::unique_ptr<BlobReader>(std::make_unique<FileBlobReader>(std::move(fd), info.st_size));
  }

  Result<void> remove(const BlobId& id) override {
    if (!is_blob_id(id.value)) return {};
    const auto directory = posix::open_beneath(root(), fan_out_directory(id), O_RDONLY | O_DIRECTORY);
    if (!directory) return posix::os_error("cannot open the directory of blob " + id.value);
    if (::unlinkat(directory.get(), id.value.c_str(), 0) != 0 && errno != ENOENT) {
      return posix::os_error("cannot remove blob " + id.value);
    }
    return {};
  }

  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after, std::size_t limit) const override {
    std::vector<BlobInfo> blobs;
    const std::string behind = after ? after->value : "";
    for (int i = 0; i < kFanOut && blobs.size() < limit; ++i) {
      const auto directory = fan_out_name(i);
      if (directory < std::string_view(behind).substr(0, 2)) continue;
      BALUHOST_TRY(const auto names, names_in(root(), directory, [&](std::string_view name) {
                     return is_blob_id(name) && name.starts_with(directory) && name > behind;
                   }));
      for (const auto& name : names) {
        if (blobs.size() == limit) break;
        if (auto info = examine(directory + '/' + name)) {
          const auto& time = info->st_mtim;
          blobs.push_back({BlobId{name}, info->st_size, {time.tv_sec * std::int64_t{1'000'000} + time.tv_nsec / 1000}});
        }
      }
    }
    return blobs;
  }

  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    return open_staged_blob(files_, id, offset);
  }

  Result<void> discard_staged(const UploadId& id) override {
    if (!is_upload_id(id.value)) return {};
    files_->staged_hashes.forget(id);
    if (::unlinkat(root(), ("staging/" + id.value).c_str(), 0) != 0 && errno != ENOENT) {
      return posix::os_error("cannot discard a staging file");
    }
    return {};
  }

  Result<std::vector<UploadId>> list_staged() const override {
    BALUHOST_TRY(auto names, names_in(root(), "staging", is_upload_id));
    std::vector<UploadId> ids;
    ids.reserve(names.size());
    for (auto& name : names) ids.push_back({std::move(name)});
    return ids;
  }

  Result<StorageSpace> space() const override {
    struct statvfs info {};
    if (::fstatvfs(root(), &info) != 0) return posix::os_error("cannot ask for the free space of the blob directory");
    const auto block = static_cast<std::int64_t>(info.f_frsize);
    return StorageSpace{static_cast<std::int64_t>(info.f_bavail) * block, static_cast<std::int64_t>(info.f_blocks) * block,
                        static_cast<std::int64_t>(info.f_favail), static_cast<std::int64_t>(info.f_files)};
  }

 private:
  int root() const noexcept { return files_->root.get(); }

  /// None for what is not a regular file or went away meanwhile.
  std::optional<struct stat> examine(const std::string& path) const {
    struct stat info {};
    if (::fstatat(root(), path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    return info;
  }

  std::shared_ptr<BlobFiles> files_;
};

Result<void> make_directories(int root) {
  std::vector<std::string> names{"staging", "tmp"};
  for (int i = 0; i < kFanOut; ++i) names.push_back(fan_out_name(i));
  for (const auto& name : names) {
    if (::mkdirat(root, name.c_str(), 0700) != 0 && errno != EEXIST) {
      return posix::os_error("cannot make a directory in the blob directory");
    }
  }
  if (::fsync(root) != 0) return posix::os_error("cannot flush the blob directory");
  return {};
}

bool has_unnamed_files(int root, const std::string& name) {
  const auto fd = posix::open_beneath(root, "tmp", O_TMPFILE | O_RDWR, 0600);
  if (!fd) return false;
  const std::string source = "/proc/self/fd/" + std::to_string(fd.get());
  if (::linkat(AT_FDCWD, source.c_str(), root, name.c_str(), AT_SYMLINK_FOLLOW) != 0) return false;
  ::unlinkat(root, name.c_str(), 0);
  return true;
}

/// Removes what a crash left in tmp/; a file that another server is writing to is locked.
Result<void> sweep_temporary_files(int root) {
  BALUHOST_TRY(const auto names, names_in(root, "tmp", is_blob_id));
  for (const auto& name : names) {
    const auto path = "tmp/" + name;
    const auto fd = posix::open_beneath(root, path, O_RDWR | O_NONBLOCK);
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) ::unlinkat(root, path.c_str(), 0);
  }
  return {};
}

} // namespace

Result<std::unique_ptr<BlobStore>> make_directory_blob_store(const DirectoryBlobStoreOptions& options, Digester& digester,
                                                             RandomSource& random, const Clock& clock) {
  BALUHOST_CHECK(make_private_directory(options.root));
  posix::Fd root(::open(options.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return posix::os_error("cannot open the blob directory " + options.root);
  if (!posix::open_beneath(root.get(), ".", O_RDONLY | O_DIRECTORY)) {
    return posix::os_error("the blob directory needs openat2 (Linux 5.6 or newer, not blocked by a sandbox)");
  }
  BALUHOST_CHECK(make_directories(root.get()));
  BALUHOST_CHECK(sweep_temporary_files(root.get()));
  BALUHOST_TRY(const auto probe, random.bytes(16));
  const bool unnamed = options.unnamed_files && has_unnamed_files(root.get(), "tmp/" + to_hex(probe));
  auto files = std::shared_ptr<BlobFiles>(
      new BlobFiles{std::move(root), options.sha1, unnamed, digester, random, clock, {}});
  return std::unique_ptr<BlobStore>(std::make_unique<DirectoryBlobStore>(std::move(files)));
}

} // namespace baluhost
