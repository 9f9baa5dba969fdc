#include "blob_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

// The lock of the file makes one holder, in this process and any other (flock belongs to the open
// file, not to the process). What a failed flush left in the page cache may be gone from the disk
// and still be read back, so the file is cut to what was flushed before, and its digest in memory
// is not kept.
namespace baluhost {
namespace {

constexpr std::size_t kReadBuffer = std::size_t{1} << 20;

std::string staging_path(const UploadId& id) { return std::string(kStaging) + '/' + id.value; }

class FileStagedBlob final : public StagedBlob {
 public:
  FileStagedBlob(std::shared_ptr<BlobFiles> files, UploadId id, posix::Fd fd, ContentHashes hash,
                 std::int64_t size)
      : files_(std::move(files)),
        id_(std::move(id)),
        fd_(std::move(fd)),
        hash_(std::move(hash)),
        size_(size),
        flushed_(size),
        name_flushed_(size > 0) {}

  ~FileStagedBlob() override {
    struct stat info {};
    if (!fd_ || damaged_ || ::fstat(fd_.get(), &info) != 0 || info.st_nlink == 0) return;
    try {
      files_->staged_hashes.keep(id_, {std::move(hash_), size_, info.st_ino, change_time(info)});
    } catch (const std::exception&) {
      // Without memory the next holder reads the file instead.
    }
  }

  Result<void> write(std::string_view bytes) override {
    if (unusable()) return spent();
    if (!posix::write_all_at(fd_.get(), bytes, size_)) {
      failed_ = true;
      return posix::os_error("cannot write a staging file");
    }
    hash_.update(bytes);
    size_ += static_cast<std::int64_t>(bytes.size());
    writeback_.advance(fd_.get(), size_);
    return {};
  }

  Result<void> sync() override {
    if (damaged_ || !fd_) return spent();
    if (::fdatasync(fd_.get()) != 0) return damaged(posix::os_error("cannot flush a staging file"));
    if (!name_flushed_) {
      const auto directory = files_->directory(kStaging);
      if (!directory || ::fsync(directory.get()) != 0) {
        return damaged(posix::os_error("cannot flush the staging directory"));
      }
      name_flushed_ = true;
    }
    flushed_ = size_;
    return {};
  }

  std::int64_t size() const noexcept override { return size_; }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (damaged_ || !fd_) return spent();
    if (offset < 0) return Error{Errc::internal, "a staging file has no bytes before its first"};
    // After `size_` may lie what a failed write left.
    const auto wanted = static_cast<std::size_t>(
        std::clamp<std::int64_t>(size_ - offset, 0, static_cast<std::int64_t>(buffer.size())));
    const auto got = posix::read_all_at(fd_.get(), buffer.data(), wanted, offset);
    if (got < 0) return posix::os_error("cannot read a staging file");
    return static_cast<std::size_t>(got);
  }
  Sha256Digest sha256() const noexcept override { return hash_.sha256->digest(); }

  Result<void> truncate(std::int64_t size) override {
    if (damaged_ || !fd_) return spent();
    if (size < 0 || size > size_)
      return Error{Errc::internal, "a staging file can only be cut to less than it has"};
    if (::ftruncate(fd_.get(), size) != 0)
      return damaged(posix::os_error("cannot cut a staging file"));
    auto hash = read_hash(*files_, fd_.get(), size);
    if (!hash) return damaged(std::move(hash).error());
    hash_ = *std::move(hash);
    size_ = size;
    flushed_ = std::min(flushed_, size);
    failed_ = false;
    writeback_ = EarlyWriteback(size);
    return {};
  }

  Result<Content> publish() override {
    if (unusable()) return spent();
    BALUHOST_TRY(auto id, files_->new_id());
    if (auto flushed = files_->finish_data(fd_.get()); !flushed)
      return damaged(std::move(flushed).error());
    auto named = files_->move_to_blob(kStaging, id_.value, id);
    fd_ = posix::Fd();
    if (!named) return std::move(named).error();
    return Content{std::move(id), size_, sha256(), hash_.sha1_digest(), hash_.crc32->value()};
  }

  static Result<ContentHashes> read_hash(const BlobFiles& files, int fd, std::int64_t size) {
    auto hash = files.new_hash();
    std::vector<char> buffer(static_cast<std::size_t>(std::min<std::int64_t>(size, kReadBuffer)));
    for (std::int64_t offset = 0; offset < size;) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::int64_t>(size - offset, kReadBuffer));
      const auto got = posix::read_all_at(fd, buffer.data(), wanted, offset);
      if (got < 0) return posix::os_error("cannot read a staging file");
      if (got == 0)
        return Error{Errc::unavailable, "a staging file became shorter while it was read"};
      hash.update({buffer.data(), static_cast<std::size_t>(got)});
      offset += got;
    }
    return hash;
  }

 private:
  bool unusable() const noexcept { return failed_ || damaged_ || !fd_; }

  Error damaged(Error error) {
    damaged_ = true;
    // Best effort: whoever comes next cuts it to the offset in the database, which is not more.
    (void)!::ftruncate(fd_.get(), flushed_);
    return error;
  }

  static Error spent() {
    return {Errc::unavailable, "this staging file failed before or is published"};
  }

  std::shared_ptr<BlobFiles> files_;
  UploadId id_;
  posix::Fd fd_;
  ContentHashes hash_;
  std::int64_t size_;
  std::int64_t flushed_;
  bool name_flushed_;
  bool failed_{false};  ///< a write failed: bytes after `size_` are rubbish, those before are good
  bool damaged_{false}; ///< what the file holds after `flushed_` is not known
  EarlyWriteback writeback_{size_};
};

} // namespace

Result<std::unique_ptr<StagedBlob>> open_staged_blob(std::shared_ptr<BlobFiles> files,
                                                     const UploadId& id, std::int64_t offset) {
  if (!UploadId::is_valid(id.value) || (offset < 0 && offset != kAllStaged))
    return Error{Errc::not_found, "no staging file has this name"};
  const bool is_made = offset == 0;
  for (;;) {
    auto fd =
        posix::open_beneath(files->root.get(), staging_path(id),
                            O_RDWR | O_NONBLOCK | (is_made ? O_CREAT : 0), is_made ? 0600 : 0);
    if (!fd && errno == ENOENT && !is_made)
      return Error{Errc::not_found, "the staging file is gone"};
    if (!fd) return posix::os_error("cannot open a staging file");
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK)
        return Error{Errc::conflict, "another request writes to this upload"};
      return posix::os_error("cannot lock a staging file");
    }
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return posix::os_error("cannot examine a staging file");
    if (!S_ISREG(info.st_mode))
      return Error{Errc::unavailable, "a staging file is not a regular file"};
    if (info.st_nlink == 0) continue; // discarded or published between the open and the lock
    const std::int64_t size = offset == kAllStaged ? info.st_size : offset;
    if (info.st_size < size)
      return Error{Errc::not_found, "the staging file is shorter than the upload"};

    auto kept = files->staged_hashes.take(id);
    const bool fits = kept && kept->size == size && kept->inode == info.st_ino &&
                      kept->change_time == change_time(info);
    if (info.st_size > size && ::ftruncate(fd.get(), size) != 0) {
      return posix::os_error("cannot cut a staging file");
    }
    auto hash = fits ? Result<ContentHashes>(std::move(kept->hash))
                     : FileStagedBlob::read_hash(*files, fd.get(), size);
    if (!hash) return std::move(hash).error();
    return std::unique_ptr<StagedBlob>(std::make_unique<FileStagedBlob>(
        std::move(files), id, std::move(fd), *std::move(hash), size));
  }
}

} // namespace baluhost
