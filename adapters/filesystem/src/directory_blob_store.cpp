#include "baluhost/filesystem/directory_blob_store.hpp"

#include "baluhost/filesystem/private_file.hpp"
#include "blob_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

// The root is opened once and everything else is reached from it by openat2 with RESOLVE_BENEATH
// and RESOLVE_NO_SYMLINKS, so the kernel, not a comparison of strings, keeps the store inside. All
// directories are made at the start, so publishing needs one flush of one directory and no lock:
// publishers meet in the file system's journal only, which commits them together.
namespace baluhost {
namespace {

using DirectoryStream = std::unique_ptr<DIR, decltype([](DIR* stream) { ::closedir(stream); })>;

/// The names in `directory` that `wanted` lets through, sorted.
template <class Wanted>
Result<std::vector<std::string>> names_in(const posix::Fd& directory, Wanted wanted) {
  if (!directory) return posix::os_error("cannot open a directory of the blob store");
  posix::Fd own(::fcntl(directory.get(), F_DUPFD_CLOEXEC, 0));
  const DirectoryStream stream(::fdopendir(own.get()));
  if (!stream) return posix::os_error("cannot read a directory of the blob store");
  (void)own.release();
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    if (wanted(std::string_view(entry->d_name))) names.emplace_back(entry->d_name);
  }
  if (errno != 0) return posix::os_error("cannot read a directory of the blob store");
  std::sort(names.begin(), names.end());
  return names;
}

class DirectoryBlobStore final : public BlobStore {
 public:
  explicit DirectoryBlobStore(std::shared_ptr<BlobFiles> files) : files_(std::move(files)) {}

  Result<std::unique_ptr<BlobWriter>> create() override { return make_blob_writer(files_); }

  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    if (!BlobId::is_valid(id.value)) return Error{Errc::not_found, "no blob has this name"};
    auto fd = posix::open_beneath(root(), blob_path(id), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!fd && errno == ENOENT)
      return Error{Errc::not_found, "blob " + id.value + " does not exist"};
    if (!fd) return posix::os_error("cannot open blob " + id.value);
    return make_file_blob_reader(std::move(fd), "blob " + id.value);
  }

  Result<void> remove(const BlobId& id) override {
    if (!BlobId::is_valid(id.value)) return {};
    if (!files_->unlink(fan_out_directory(id), id.value) && errno != ENOENT) {
      return posix::os_error("cannot remove blob " + id.value);
    }
    return {};
  }

  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                     std::size_t limit) const override {
    std::vector<BlobInfo> blobs;
    const std::string last = after ? after->value : "";
    for (int i = 0; i < kFanOut && blobs.size() < limit; ++i) {
      const auto digits = fan_out_directory(i);
      if (digits < std::string_view(last).substr(0, 2)) continue;
      const auto directory = files_->directory(digits);
      BALUHOST_TRY(const auto names, names_in(directory, [&](std::string_view name) {
                     return BlobId::is_valid(name) && name.starts_with(digits) && name > last;
                   }));
      for (const auto& name : names) {
        if (blobs.size() == limit) break;
        if (const auto info = examine(directory, name)) {
          const auto& time = info->st_mtim;
          blobs.push_back({BlobId{name},
                           info->st_size,
                           {time.tv_sec * std::int64_t{1'000'000} + time.tv_nsec / 1000}});
        }
      }
    }
    return blobs;
  }

  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    return open_staged_blob(files_, id, offset);
  }

  Result<void> discard_staged(const UploadId& id) override {
    if (!UploadId::is_valid(id.value)) return {};
    files_->staged_hashes.forget(id);
    if (!files_->unlink(kStaging, id.value) && errno != ENOENT) {
      return posix::os_error("cannot discard a staging file");
    }
    return {};
  }

  Result<void> restage(const BlobId& blob, const UploadId& id) override {
    if (!BlobId::is_valid(blob.value) || !UploadId::is_valid(id.value))
      return Error{Errc::not_found, "no blob has this name"};
    return files_->move_to_staging(blob, id);
  }

  Result<std::vector<UploadId>> list_staged() const override {
    BALUHOST_TRY(auto names, names_in(files_->directory(kStaging), UploadId::is_valid));
    std::vector<UploadId> ids;
    ids.reserve(names.size());
    for (auto& name : names) ids.push_back({std::move(name)});
    return ids;
  }

  Result<StorageSpace> space() const override {
    struct statvfs info {};
    if (::fstatvfs(root(), &info) != 0)
      return posix::os_error("cannot ask for the free space of the blob directory");
    return posix::space_of(info);
  }

 private:
  int root() const noexcept { return files_->root.get(); }

  /// None for what is not a regular file or went away meanwhile.
  static std::optional<struct stat> examine(const posix::Fd& directory, const std::string& name) {
    struct stat info {};
    if (::fstatat(directory.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(info.st_mode)) {
      return std::nullopt;
    }
    return info;
  }

  std::shared_ptr<BlobFiles> files_;
};

Result<void> make_directories(int root) {
  std::vector<std::string> names{kStaging, kTemporary};
  for (int i = 0; i < kFanOut; ++i) names.push_back(fan_out_directory(i));
  for (const auto& name : names) {
    if (::mkdirat(root, name.c_str(), 0700) != 0 && errno != EEXIST) {
      return posix::os_error("cannot make a directory in the blob directory");
    }
  }
  if (::fsync(root) != 0) return posix::os_error("cannot flush the blob directory");
  return {};
}

/// Whether a file without a name can be made and get the name `name`.
bool has_unnamed_files(const BlobFiles& files, const std::string& name) {
  const auto fd = posix::open_beneath(files.root.get(), kTemporary, O_TMPFILE | O_RDWR, 0600);
  const auto directory = files.directory(kTemporary);
  if (!fd || !directory) return false;
  const std::string source = "/proc/self/fd/" + std::to_string(fd.get());
  if (::linkat(AT_FDCWD, source.c_str(), directory.get(), name.c_str(), AT_SYMLINK_FOLLOW) != 0)
    return false;
  ::unlinkat(directory.get(), name.c_str(), 0);
  return true;
}

/// Removes what a crash left in tmp/; a file that another server is writing to is locked.
Result<void> sweep_temporary_files(const BlobFiles& files) {
  const auto directory = files.directory(kTemporary);
  BALUHOST_TRY(const auto names, names_in(directory, BlobId::is_valid));
  for (const auto& name : names) {
    const auto fd = posix::open_beneath(directory.get(), name, O_RDWR | O_NONBLOCK);
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
      ::unlinkat(directory.get(), name.c_str(), 0);
  }
  return {};
}

} // namespace

Result<std::unique_ptr<BlobStore>> make_directory_blob_store(
    const DirectoryBlobStoreOptions& options, Digester& digester, RandomSource& random,
    const Clock& clock) {
  BALUHOST_CHECK(make_private_directory(options.root));
  posix::Fd root(::open(options.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return posix::os_error("cannot open the blob directory " + options.root);
  if (!posix::open_beneath(root.get(), ".", O_RDONLY | O_DIRECTORY)) {
    return posix::os_error(
        "the blob directory needs openat2 (Linux 5.6 or newer, not blocked by a sandbox)");
  }
  BALUHOST_CHECK(make_directories(root.get()));
  auto files = std::shared_ptr<BlobFiles>(new BlobFiles{
      std::move(root), options.sha1, options.unnamed_files, digester, random, clock, {}});
  BALUHOST_CHECK(sweep_temporary_files(*files));
  BALUHOST_TRY(const auto probe, files->new_id());
  files->unnamed_files = options.unnamed_files && has_unnamed_files(*files, probe.value);
  return std::unique_ptr<BlobStore>(std::make_unique<DirectoryBlobStore>(std::move(files)));
}

} // namespace baluhost
