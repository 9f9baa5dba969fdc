#include "blob_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

namespace baluhost {
namespace {

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

} // namespace

Result<std::unique_ptr<BlobReader>> make_file_blob_reader(posix::Fd fd, const std::string& name) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return posix::os_error("cannot examine " + name);
  if (!S_ISREG(info.st_mode)) return Error{Errc::unavailable, name + " is not a regular file"};
  return std::unique_ptr<BlobReader>(std::make_unique<FileBlobReader>(std::move(fd), info.st_size));
}

Result<BlobId> BlobFiles::new_id() const {
  BALUHOST_TRY(const auto bytes, random.bytes(BlobId::kBytes));
  return BlobId{to_hex(bytes)};
}

Result<void> BlobFiles::finish_data(int fd) const {
  BALUHOST_CHECK(set_time(fd));
  return flush_data(fd);
}

Result<void> BlobFiles::set_time(int fd) const {
  const auto now = clock.now();
  const auto seconds = now.seconds();
  timespec times[2]{};
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = seconds;
  times[1].tv_nsec = (now.microseconds - seconds * 1'000'000) * 1000;
  if (::futimens(fd, times) != 0) return posix::os_error("cannot set the time of a blob");
  return {};
}

Result<void> BlobFiles::flush_data(int fd) {
  if (::fdatasync(fd) != 0) return posix::os_error("cannot flush a blob");
  return {};
}

Result<void> BlobFiles::finish_name(const posix::Fd& fan_out, const BlobId& id) {
  if (::fsync(fan_out.get()) == 0) return {};
  Error error = posix::os_error("cannot flush the directory of a blob");
  ::unlinkat(fan_out.get(), id.value.c_str(), 0);
  return error;
}

Result<void> BlobFiles::move_to_blob(const char* from, const std::string& name,
                                     const BlobId& id) const {
  const auto source = directory(from);
  if (!source) return posix::os_error("cannot open a directory of the blob store");
  const auto target = directory(fan_out_directory(id));
  if (!target) return posix::os_error("cannot open the directory of a blob");
  if (::renameat2(source.get(), name.c_str(), target.get(), id.value.c_str(), RENAME_NOREPLACE) !=
      0) {
    return posix::os_error("cannot name a blob");
  }
  return finish_name(target, id);
}

Result<void> BlobFiles::move_to_staging(const BlobId& blob, const UploadId& id) const {
  const auto source = directory(fan_out_directory(blob));
  const auto target = directory(kStaging);
  if (!source || !target) return posix::os_error("cannot open a directory of the blob store");
  if (::renameat2(source.get(), blob.value.c_str(), target.get(), id.value.c_str(),
                  RENAME_NOREPLACE) != 0) {
    if (errno == ENOENT) return Error{Errc::not_found, "blob " + blob.value + " does not exist"};
    if (errno == EEXIST) return Error{Errc::conflict, "another request writes to this upload"};
    return posix::os_error("cannot take a blob back to the staging files");
  }
  if (::fsync(target.get()) == 0 && ::fsync(source.get()) == 0) return {};
  return posix::os_error("cannot flush the staging directory");
}

posix::Fd BlobFiles::directory(const std::string& name) const {
  return posix::open_beneath(root.get(), name, O_RDONLY | O_DIRECTORY);
}

bool BlobFiles::unlink(const std::string& directory_name, const std::string& name) const {
  const auto parent = directory(directory_name);
  return parent && ::unlinkat(parent.get(), name.c_str(), 0) == 0;
}

std::int64_t change_time(const struct stat& info) noexcept {
  return info.st_ctim.tv_sec * std::int64_t{1'000'000'000} + info.st_ctim.tv_nsec;
}

void EarlyWriteback::advance(int fd, std::int64_t size) noexcept {
  if (size - begun_ < kWindow) return;
  // A hint: what it cannot begin, the flush does, and reports.
  (void)::sync_file_range(fd, begun_, size - begun_, SYNC_FILE_RANGE_WRITE);
  begun_ = size;
}

} // namespace baluhost
