// What is read of a blob to check its content goes into the copy as well, so that nothing is read
// twice. An encrypted content is read record after record, and what lies between two that count is
// copied with the second; where it ends is looked up before and in between, in pieces so small that
// they do not matter.

#include "backup/blob_copier.hpp"

#include "backup/backup_layout.hpp"
#include "baluhost/posix_common/posix.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/filesystem/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace baluhost::backup {
namespace {

constexpr std::size_t kSmall = 4096;
constexpr std::size_t kPiece = std::size_t{256} << 10;

/// A file on its way into another.
class Passage {
 public:
  Passage(posix::Fd from, posix::Fd to, std::int64_t size)
      : from_(std::move(from)), to_(std::move(to)), size_(size) {}

  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  /// The first failure to read, as a sentence's end; empty: there was none.
  [[nodiscard]] const std::string& unreadable() const noexcept { return unreadable_; }
  /// The first failure to write.
  [[nodiscard]] const std::optional<Error>& unwritable() const noexcept { return unwritable_; }
  [[nodiscard]] bool is_whole() const noexcept { return copied_ >= size_; }

  Result<std::size_t> read(std::int64_t offset, std::span<char> buffer) {
    const auto got = posix::read_all_at(from_.get(), buffer.data(), buffer.size(), offset);
    if (got < 0) {
      if (unreadable_.empty()) unreadable_ = std::strerror(errno);
      return Error{Errc::unavailable, "cannot be read"};
    }
    if (offset > copied_ && buffer.size() >= kSmall) BALUHOST_CHECK(pass_on_until(offset));
    BALUHOST_CHECK(pass_on(offset, {buffer.data(), static_cast<std::size_t>(got)}));
    return static_cast<std::size_t>(got);
  }

  /// Copies what was not read yet.
  void finish() {
    if (pass_on_until(size_) && copied_ < size_) size_ = copied_; // it was cut meanwhile
  }

 private:
  Result<void> pass_on_until(std::int64_t end) {
    std::string between(kPiece, '\0');
    while (copied_ < end) {
      BALUHOST_TRY(const auto got, read(copied_, between));
      if (got == 0) return {};
    }
    return {};
  }

  /// What of it the copy lacks; nothing where that would leave a gap.
  Result<void> pass_on(std::int64_t offset, std::string_view bytes) {
    if (offset > copied_ || offset + static_cast<std::int64_t>(bytes.size()) <= copied_) return {};
    bytes.remove_prefix(static_cast<std::size_t>(copied_ - offset));
    if (!posix::write_all_at(to_.get(), bytes, copied_)) {
      unwritable_ = posix::os_error("cannot write a copy of a blob");
      return *unwritable_;
    }
    copied_ += static_cast<std::int64_t>(bytes.size());
    return {};
  }

  posix::Fd from_;
  posix::Fd to_;
  std::int64_t size_;
  std::int64_t copied_{0};
  std::string unreadable_;
  std::optional<Error> unwritable_;
};

class PassingReader final : public BlobReader {
 public:
  explicit PassingReader(Passage& passage) : passage_(passage) {}
  std::int64_t size() const noexcept override { return passage_.size(); }
  std::optional<int> file_descriptor() const noexcept override { return std::nullopt; }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (offset < 0) return Error{Errc::internal, "a blob has no bytes before its first"};
    return passage_.read(offset, buffer);
  }

 private:
  Passage& passage_;
};

/// Reads all of a content.
CopiedContent look_at(const BlobReader& content, const Digester& digester, std::span<char> buffer) {
  CopiedContent seen;
  const auto hash = digester.sha256_stream();
  while (seen.size < content.size()) {
    const auto got = content.read_at(seen.size, buffer);
    if (!got || *got == 0) {
      seen.trouble = "the blob cannot be read";
      break;
    }
    hash->update({buffer.data(), *got});
    seen.size += static_cast<std::int64_t>(*got);
  }
  seen.sha256 = hash->digest();
  return seen;
}

/// A content that is copied as it lies, and cannot be opened.
CopiedContent unopened(std::string_view why) {
  return {.trouble = concat("the content cannot be opened: ", why), .is_opened = false};
}

/// One that cannot be opened, nor copied.
CopiedContent unreadable(std::string_view why) {
  CopiedContent content = unopened(why);
  content.is_copied = false;
  return content;
}

} // namespace

Result<std::optional<CopiedContent>> BlobCopier::copy(const fs::path& from, const fs::path& to) {
  posix::Fd source(::open(from.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (!source && (errno == ENOENT || errno == ENOTDIR)) return std::optional<CopiedContent>{};
  if (!source && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) return os_error(from);
  if (!source || ::fstat(source.get(), &info) != 0)
    return std::optional{unreadable(std::strerror(errno))};
  if (!S_ISREG(info.st_mode)) return std::optional{unreadable("it is not a regular file")};

  BALUHOST_CHECK(make_private_directory(to.parent_path().string()));
  posix::Fd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!target) return posix::os_error(to.string());
  Passage passage(std::move(source), std::move(target), info.st_size);
  std::unique_ptr<BlobReader> stored = std::make_unique<PassingReader>(passage);
  auto content = open_content_ ? open_content_(std::move(stored)) : std::move(stored);
  CopiedContent seen =
      content ? look_at(**content, digester_, buffer_) : unopened(content.error().detail);
  passage.finish();
  if (passage.unwritable()) return *passage.unwritable();
  if (!passage.is_whole()) {
    std::error_code ignored;
    fs::remove(to, ignored);
    seen = {.trouble = "the blob cannot be read: " + passage.unreadable(), .is_copied = false};
  }
  return std::optional{std::move(seen)};
}

} // namespace baluhost::backup
