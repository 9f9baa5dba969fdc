// Importing is a walk of a directory through the same services that HTTP uses, so that rights,
// quotas and events are the same. What is there already is compared, not overwritten: the same
// content was imported before (an earlier run was cut short), another one is named.

#include "import.hpp"

#include "output.hpp"

#include "baluhost/domain/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace baluhost::ctl {
namespace {

namespace fs = std::filesystem;

class File {
 public:
  File(const fs::path& path, int flags, mode_t mode = 0)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

Timestamp modified(const struct stat& status) {
  return {std::int64_t{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1000};
}

/// Of access and of modification, both `when`.
std::array<timespec, 2> times_of(Timestamp when) {
  const timespec time{when.seconds(), (when.microseconds - when.seconds() * 1'000'000) * 1000};
  return {time, time};
}

Error os_error(const fs::path& path) {
  return Error{Errc::unavailable, path.string() + ": " + std::strerror(errno)};
}

void note(std::vector<std::string>& list, const fs::path& path, const std::string& why) {
  list.push_back(path.string() + ": " + why);
  fmt::print(stderr, "{}\n", printable(list.back()));
}

std::string reason_of(const Error& error) {
  if (!error.fields.empty()) return error.fields.front().detail;
  return error.detail.empty() ? std::string{code_of(error.code)} : error.detail;
}

/// Whether the next file may do although this one did not.
bool is_of_one_file(Errc code) noexcept {
  return code != Errc::unavailable && code != Errc::internal && code != Errc::insufficient_storage;
}

/// How many files are there, a directory's with all below it.
std::int64_t files_below(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(fs::symlink_status(path, failure))) return 1;
  std::int64_t files = 0;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator it{path, options, failure}, end; !failure && it != end;
       it.increment(failure)) {
    if (fs::is_regular_file(it->symlink_status(failure))) ++files;
  }
  return files;
}

/// Never over what is there: EEXIST.
bool rename_without_replacing(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system without that.
  struct stat there {};
  if (::lstat(to.c_str(), &there) == 0) {
    errno = EEXIST;
    return false;
  }
  return ::rename(from.c_str(), to.c_str()) == 0;
}

Result<void> flush_directory(const fs::path& path) {
  const File directory{path, O_RDONLY | O_DIRECTORY};
  if (directory.fd() < 0 || ::fsync(directory.fd()) != 0) return os_error(path);
  return {};
}

/// A new file in a directory, without a name until `publish`, so that nothing stays of it if the
/// program is killed. Where the file system has no such files it is named shortly, since what it
/// will be called may be as long as a name can be; gone with this unless it was published.
class PartialFile {
 public:
  explicit PartialFile(const fs::path& directory)
      : fd_(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
    if (fd_ >= 0) return;
    path_ = (directory / ".baluhost-XXXXXX").string();
    fd_ = ::mkostemp(path_.data(), O_CLOEXEC);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!path_.empty() && !is_published_) ::unlink(path_.c_str());
  }
  [[nodiscard]] int fd() const { return fd_; }
  /// Names it, never over what is there: EEXIST.
  bool publish(const fs::path& target) {
    if (!path_.empty()) return is_published_ = rename_without_replacing(path_, target);
    const std::string self = "/proc/self/fd/" + std::to_string(fd_);
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, target.c_str(), AT_SYMLINK_FOLLOW) == 0;
  }

 private:
  std::string path_;
  int fd_;
  bool is_published_{false};
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

} // namespace

Importer::Importer(FileService& files, Digester& digester, Principal who)
    : files_(files), digester_(digester), who_(std::move(who)) {}

void Importer::leave_out(const fs::path& path, const std::string& why) {
  const std::int64_t files = files_below(path);
  note(outcome_.failed, path,
       fs::is_directory(fs::symlink_status(path))
           ? fmt::format("{}; {} files below it are left out", why, files)
           : why);
  outcome_.failed_files += files;
}

Result<bool> Importer::is_same(const fs::path& source, const FileInfo& info, std::int64_t size) {
  if (!info.entry.content || info.entry.content->size != size) return false;
  const File file{source, O_RDONLY};
  if (file.fd() < 0) return os_error(source);
  const auto hash = digester_.sha256_stream();
  std::string buffer(1 << 18, '\0');
  for (ssize_t got = 0; (got = ::read(file.fd(), buffer.data(), buffer.size())) != 0;) {
    if (got < 0) return os_error(source);
    hash->update({buffer.data(), static_cast<std::size_t>(got)});
  }
  return hash->digest() == info.entry.content->sha256;
}

Result<void> Importer::import_file(const fs::path& source, const FilePath& target,
                                   const struct stat& status) {
  if (const auto there = files_.info(who_, target)) {
    BALUHOST_TRY(const bool same, is_same(source, *there, status.st_size));
    if (same)
      ++outcome_.unchanged;
    else
      note(outcome_.existing, source,
           target.str() + " exists and is different; it was left as it is");
    return {};
  }
  const File file{source, O_RDONLY | O_NOFOLLOW};
  if (file.fd() < 0) {
    leave_out(source, std::strerror(errno));
    return {};
  }
  PutOptions options;
  options.modified_at = modified(status);
  options.size = status.st_size;
  BALUHOST_TRY(Upload upload, files_.begin_upload(who_, target, options));
  std::string buffer(1 << 18, '\0');
  for (ssize_t got = 0; (got = ::read(file.fd(), buffer.data(), buffer.size())) != 0;) {
    if (got < 0) {
      leave_out(source, std::strerror(errno));
      static_cast<void>(upload.abandon(os_error(source)));
      return {};
    }
    BALUHOST_CHECK(upload.write({buffer.data(), static_cast<std::size_t>(got)}));
  }
  BALUHOST_CHECK(upload.commit());
  ++outcome_.files;
  outcome_.bytes += status.st_size;
  return {};
}

Result<void> Importer::import_directory(const fs::path& source, const FilePath& target,
                                        Progress& progress) {
  struct stat status {};
  if (::lstat(source.c_str(), &status) != 0) return os_error(source);
  if (!target.is_home()) {
    auto made = files_.make_directory(who_, target, MissingParents::make, modified(status));
    if (!made && made.error().code == Errc::conflict) {
      note(outcome_.existing, source, target.str() + " exists and is a file");
      return {};
    }
    BALUHOST_CHECK(std::move(made));
  }
  std::vector<fs::path> entries;
  std::error_code failure;
  for (fs::directory_iterator it{source, failure}, end; !failure && it != end;
       it.increment(failure))
    entries.push_back(it->path());
  if (failure) leave_out(source, failure.message());
  std::ranges::sort(entries);
  for (const fs::path& entry : entries) {
    auto imported = import_entry(entry, target, progress);
    if (imported) continue;
    if (!is_of_one_file(imported.error().code)) {
      Error error = std::move(imported).error();
      if (error.detail.find(entry.string()) == std::string::npos)
        error.detail = entry.string() + ": " + reason_of(error);
      error.fields.clear();
      return error;
    }
    leave_out(entry, reason_of(imported.error()));
  }
  return {};
}

Result<void> Importer::import_entry(const fs::path& source, const FilePath& parent,
                                    Progress& progress) {
  const auto name = FileName::parse(source.filename().string());
  auto target = name ? parent.child(*name) : Result<FilePath>{name.error()};
  struct stat status {};
  if (!target) {
    leave_out(source, "its name cannot be kept: it " + target.error().fields.front().detail);
  } else if (::lstat(source.c_str(), &status) != 0) {
    leave_out(source, std::strerror(errno));
  } else if (S_ISDIR(status.st_mode)) {
    return import_directory(source, *target, progress);
  } else if (S_ISREG(status.st_mode)) {
    BALUHOST_CHECK(import_file(source, *target, status));
    progress.update(outcome_.files + outcome_.unchanged);
  } else {
    note(outcome_.skipped, source, "is neither a file nor a directory");
  }
  return {};
}

Result<ImportOutcome> Importer::import(const fs::path& source, const FilePath& target) {
  struct stat status {};
  if (::stat(source.c_str(), &status) != 0) return os_error(source);
  if (!S_ISDIR(status.st_mode))
    return Error{Errc::invalid_request, source.string() + " is not a directory"};
  Progress progress{"importing", 0, "files"};
  BALUHOST_CHECK(import_directory(source, target, progress));
  return std::move(outcome_);
}

Exporter::Exporter(FileService& files, Principal who) : files_(files), who_(std::move(who)) {}

Result<void> Exporter::export_file(const FileInfo& info, const fs::path& target) {
  BALUHOST_TRY(Download download, files_.open(who_, info.path, {}));
  std::int64_t sent = 0;
  const auto work = [&]() -> Result<void> {
    PartialFile file{target.parent_path()};
    if (file.fd() < 0) return os_error(target);
    std::string buffer(1 << 18, '\0');
    while (sent < download.reader()->size()) {
      BALUHOST_TRY(const std::size_t got, download.reader()->read_at(sent, buffer));
      if (got == 0)
        return Error{Errc::unavailable, info.path.str() + " is shorter than it should be"};
      if (!write_all(file.fd(), {buffer.data(), got})) return os_error(target);
      sent += static_cast<std::int64_t>(got);
    }
    const auto times = times_of(info.entry.modified_at);
    ::futimens(file.fd(), times.data());
    if (::fsync(file.fd()) != 0 || !file.publish(target)) return os_error(target);
    return {};
  };
  auto done = work();
  download.finish(sent, done.has_value());
  BALUHOST_CHECK(std::move(done));
  ++outcome_.files;
  outcome_.bytes += sent;
  return {};
}

void Exporter::export_entry(const FileInfo& info, const fs::path& target, Progress& progress) {
  if (info.entry.kind == FileKind::file && fs::exists(fs::symlink_status(target))) {
    note(outcome_.existing, target, "exists; it was left as it is");
    return;
  }
  const auto done = info.entry.kind == FileKind::directory
                        ? export_directory(info.path, target, info.entry.modified_at, progress)
                        : export_file(info, target);
  progress.update(outcome_.files);
  if (done) return;
  note(outcome_.failed, info.path.str(), reason_of(done.error()));
  ++outcome_.failed_files;
}

Result<void> Exporter::export_directory(const FilePath& source, const fs::path& target,
                                        Timestamp when, Progress& progress) {
  std::error_code failure;
  fs::create_directories(target, failure);
  if (failure) return Error{Errc::unavailable, target.string() + ": " + failure.message()};
  PageRequest request{1000, std::nullopt};
  do {
    BALUHOST_TRY(auto page, files_.list(who_, source, request));
    for (const FileInfo& info : page.items)
      export_entry(info, target / info.entry.name.str(), progress);
    request.cursor = std::move(page.next_cursor);
  } while (request.cursor);
  const auto times = times_of(when);
  ::utimensat(AT_FDCWD, target.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
  return flush_directory(target);
}

Result<ImportOutcome> Exporter::export_tree(const FilePath& source, const fs::path& target) {
  BALUHOST_TRY(const FileInfo info, files_.info(who_, source));
  Progress progress{"exporting", 0, "files"};
  if (info.entry.kind == FileKind::directory) {
    BALUHOST_CHECK(export_directory(source, target, info.entry.modified_at, progress));
  } else {
    std::error_code failure;
    fs::create_directories(target, failure);
    if (failure) return Error{Errc::unavailable, target.string() + ": " + failure.message()};
    export_entry(info, target / info.entry.name.str(), progress);
    BALUHOST_CHECK(flush_directory(target));
  }
  return std::move(outcome_);
}

} // namespace baluhost::ctl
