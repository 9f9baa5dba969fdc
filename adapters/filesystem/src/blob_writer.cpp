#include "blob_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

// Content is received in a file without a name, which the kernel forgets with the process, and gets
// its name when it is durable. Where a file system has no such files, a named one in tmp/ takes its
// place; its lock keeps the sweep at another server's start away. A small content gets its name
// before it is flushed: the journal of the file system then commits both at once. Whoever asked for
// it is told of neither before both are durable; what a crash between the two leaves is a name that
// no row knows, as after a crash before the row, and goes with the sweep of orphans.
namespace baluhost {
namespace {

constexpr std::int64_t kNamedFirst = std::int64_t{1} << 20;

class FileBlobWriter final : public BlobWriter {
 public:
  FileBlobWriter(std::shared_ptr<BlobFiles> files, BlobId id, posix::Fd fd, bool named)
      : files_(std::move(files)),
        id_(std::move(id)),
        fd_(std::move(fd)),
        named_(named),
        hash_(files_->new_hash()) {}

  ~FileBlobWriter() override { drop(); }

  Result<void> write(std::string_view bytes) override {
    if (!fd_) return spent();
    if (!posix::write_all_at(fd_.get(), bytes, size_)) {
      Error error = posix::os_error("cannot write a blob");
      drop();
      return error;
    }
    hash_.update(bytes);
    size_ += static_cast<std::int64_t>(bytes.size());
    writeback_.advance(fd_.get(), size_);
    return {};
  }

  std::int64_t size() const noexcept override { return size_; }
  Sha256Digest sha256() const noexcept override { return hash_.sha256->digest(); }
  std::optional<Sha1Digest> sha1() const noexcept override { return hash_.sha1_digest(); }

  Result<Content> publish() override {
    if (!fd_) return spent();
    auto published = named_ ? publish_named() : publish_unnamed();
    if (published) named_ = false;
    drop();
    if (!published) return std::move(published).error();
    return Content{id_, size_, sha256(), sha1(), hash_.crc32->value()};
  }

 private:
  Result<void> publish_named() const {
    BALUHOST_CHECK(files_->finish_data(fd_.get()));
    return files_->move_to_blob(kTemporary, id_.value, id_);
  }

  Result<void> publish_unnamed() const {
    const bool is_named_first = size_ <= kNamedFirst;
    BALUHOST_CHECK(files_->set_time(fd_.get()));
    if (!is_named_first) BALUHOST_CHECK(BlobFiles::flush_data(fd_.get()));
    const auto directory = files_->directory(fan_out_directory(id_));
    if (!directory) return posix::os_error("cannot open the directory of a blob");
    const std::string source = "/proc/self/fd/" + std::to_string(fd_.get());
    if (::linkat(AT_FDCWD, source.c_str(), directory.get(), id_.value.c_str(), AT_SYMLINK_FOLLOW) !=
        0) {
      return posix::os_error("cannot name a blob");
    }
    if (is_named_first) {
      if (auto flushed = BlobFiles::flush_data(fd_.get()); !flushed) {
        ::unlinkat(directory.get(), id_.value.c_str(), 0);
        return flushed;
      }
    }
    return BlobFiles::finish_name(directory, id_);
  }

  void drop() noexcept {
    if (named_)
      (void)files_->unlink(kTemporary, id_.value); // if it fails, the next start sweeps it
    named_ = false;
    fd_ = posix::Fd();
  }

  static Error spent() { return {Errc::unavailable, "this blob writer is spent"}; }

  std::shared_ptr<BlobFiles> files_;
  BlobId id_;
  posix::Fd fd_;
  bool named_; ///< as tmp/ID, until it is published or dropped
  ContentHashes hash_;
  EarlyWriteback writeback_;
  std::int64_t size_{};
};

} // namespace

Result<std::unique_ptr<BlobWriter>> make_blob_writer(std::shared_ptr<BlobFiles> files) {
  BALUHOST_TRY(auto id, files->new_id());
  const bool named = !files->unnamed_files;
  auto fd = named ? posix::open_beneath(files->root.get(), std::string(kTemporary) + '/' + id.value,
                                        O_CREAT | O_EXCL | O_RDWR, 0600)
                  : posix::open_beneath(files->root.get(), fan_out_directory(id),
                                        O_TMPFILE | O_RDWR, 0600);
  if (!fd) return posix::os_error("cannot make a blob");
  if (named && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::unavailable,
                 "a temporary file was swept away by the start of another server"};
  }
  return std::unique_ptr<BlobWriter>(
      std::make_unique<FileBlobWriter>(std::move(files), std::move(id), std::move(fd), named));
}

} // namespace baluhost
