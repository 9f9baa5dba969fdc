// Importing is a walk of a directory through the same services that HTTP uses, so that rights, quotas and events are the same. What is there
// already is compared, not overwritten: the same content was imported before (an earlier run was cut short), another one is named.

#include "import.hpp"

#include "output.hpp"

#include "baluhost/domain/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace baluhost::ctl {
namespace {

namespace fs = std::filesystem;

class File {
 public:
  File(const fs::path& path, int flags, mode_t mode = 0) : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
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

void set_times(const fs::path& path, Timestamp when) {
  const timespec time{when.seconds(), (when.microseconds - when.seconds() * 1'000'000) * 1000};
  const timespec times[2]{time, time};
  ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

Error os_error(const fs::path& path) { return Error{Errc::unavailable, path.string() + ": " + std::strerror(errno)}; }

} // namespace

Importer::Importer(Services& services, Digester& digester, Principal who) : services_(services), digester_(digester), who_(std::move(who)) {}

void Importer::note(std::vector<std::string>& list, const fs::path& path, const std::string& why) {
  list.push_back(path.string() + ": " + why);
  fmt::print(stderr, "{}\n", printable(list.back()));
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

Result<void> Importer::import_file(const fs::path& source, const FilePath& target, const struct stat& status) {
  if (const auto there = services_.files.info(who_, target)) {
    BALUHOST_TRY(const bool same, is_same(source, *there, status.st_size));
    if (same) ++outcome_.unchanged;
    else note(outcome_.existing, source, target.str() + " exists and is different; it was left as it is");
    return {};
  }
  const File file{source, O_RDONLY | O_NOFOLLOW};
  if (file.fd() < 0) {
    note(outcome_.skipped, source, std::strerror(errno));
    return {};
  }
  PutOptions options;
  options.modified_at = modified(status);
  options.size = status.st_size;
  BALUHOST_TRY(Upload upload, services_.files.begin_upload(who_, target, options));
  std::string buffer(1 << 18, '\0');
  for (ssize_t got = 0; (got = ::read(file.fd(), buffer.data(), buffer.size())) != 0;) {
    if (got < 0) return upload.abandon(os_error(source));
    BALUHOST_CHECK(upload.write({buffer.data(), static_cast<std::size_t>(got)}));
  }
  BALUHOST_CHECK(upload.commit());
  ++outcome_.files;
  outcome_.bytes += status.st_size;
  return {};
}

Result<void> Importer::import_directory(const fs::path& source, const FilePath& target, Progress& progress) {
  struct stat status {};
  if (::lstat(source.c_str(), &status) != 0) return os_error(source);
  if (!target.is_home()) {
    auto made = services_.files.make_directory(who_, target, true, modified(status));
    if (!made && made.error().code == Errc::conflict) {
      note(outcome_.existing, source, target.str() + " exists and is a file");
      return {};
    }
    BALUHOST_CHECK(std::move(made));
  }
  std::vector<fs::path> entries;
  std::error_code failure;
  for (fs::directory_iterator it{source, failure}, end; !failure && it != end; it.increment(failure)) entries.push_back(it->path());
  if (failure) {
    note(outcome_.skipped, source, failure.message());
    return {};
  }
  std::ranges::sort(entries);
  for (const fs::path& entry : entries) {
    const auto name = FileName::parse(entry.filename().string());
    auto child = name ? target.child(*name) : Result<FilePath>{name.error()};
    if (!child) {
      note(outcome_.skipped, entry, "its name cannot be kept: it " + child.error().fields.front().detail);
      continue;
    }
    if (::lstat(entry.c_str(), &status) != 0) {
      note(outcome_.skipped, entry, std::strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
      BALUHOST_CHECK(import_directory(entry, *child, progress));
    } else if (S_ISREG(status.st_mode)) {
      BALUHOST_CHECK(import_file(entry, *child, status));
      progress.update(outcome_.files + outcome_.unchanged);
    } else {
      note(outcome_.skipped, entry, "is neither a file nor a directory");
    }
  }
  return {};
}

Result<ImportOutcome> Importer::import(const fs::path& source, const FilePath& target) {
  struct stat status {};
  if (::stat(source.c_str(), &status) != 0) return os_error(source);
  if (!S_ISDIR(status.st_mode)) return Error{Errc::invalid_request, source.string() + " is not a directory"};
  Progress progress{"importing", 0, "files"};
  BALUHOST_CHECK(import_directory(source, target, progress));
  return std::move(outcome_);
}

Exporter::Exporter(Services& services, Principal who) : services_(services), who_(std::move(who)) {}

Result<void> Exporter::export_file(const FileInfo& info, const fs::path& target) {
  BALUHOST_TRY(Download download, services_.files.open(who_, info.path, {}));
  const fs::path partial = target.string() + ".baluhost-part";
  std::int64_t sent = 0;
  const auto work = [&]() -> Result<void> {
    const File file{partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600};
    if (file.fd() < 0) return os_error(partial);
    std::string buffer(1 << 18, '\0');
    while (sent < download.reader()->size()) {
      BALUHOST_TRY(const std::size_t got, download.reader()->read_at(sent, buffer));
      if (got == 0) return Error{Errc::unavailable, info.path.str() + " is shorter than it should be"};
      for (std::size_t written = 0; written < got;) {
        const ssize_t put = ::write(file.fd(), buffer.data() + written, got - written);
        if (put < 0) return os_error(partial);
        written += static_cast<std::size_t>(put);
      }
      sent += static_cast<std::int64_t>(got);
    }
    if (::fsync(file.fd()) != 0) return os_error(partial);
    set_times(partial, info.entry.modified_at);
    // Never over what is there.
    if (::link(partial.c_str(), target.c_str()) != 0) return os_error(target);
    return {};
  };
  auto done = work();
  ::unlink(partial.c_str());
  download.finish(sent, done.has_value());
  BALUHOST_CHECK(std::move(done));
  ++outcome_.files;
  outcome_.bytes += sent;
  return {};
}

Result<void> Exporter::export_directory(const FilePath& source, const fs::path& target, Timestamp when, Progress& progress) {
  std::error_code failure;
  fs::create_directories(target, failure);
  if (failure) return Error{Errc::unavailable, target.string() + ": " + failure.message()};
  PageRequest request{1000, std::nullopt};
  do {
    BALUHOST_TRY(auto page, services_.files.list(who_, source, request));
    for (const FileInfo& info : page.items) {
      const fs::path place = target / info.entry.name.str();
      if (info.entry.kind == FileKind::directory) {
        BALUHOST_CHECK(export_directory(info.path, place, info.entry.modified_at, progress));
      } else if (fs::exists(fs::symlink_status(place))) {
        outcome_.existing.push_back(place.string());
        fmt::print(stderr, "{}: exists; it was left as it is\n", printable(place.string()));
      } else {
        BALUHOST_CHECK(export_file(info, place));
      }
      progress.update(outcome_.files);
    }
    request.cursor = std::move(page.next_cursor);
  } while (request.cursor);
  set_times(target, when);
  return {};
}

Result<ImportOutcome> Exporter::export_tree(const FilePath& source, const fs::path& target) {
  BALUHOST_TRY(const FileInfo info, services_.files.info(who_, source));
  Progress progress{"exporting", 0, "files"};
  if (info.entry.kind == FileKind::directory) {
    BALUHOST_CHECK(export_directory(source, target, info.entry.modified_at, progress));
  } else {
    std::error_code ignored;
    fs::create_directories(target, ignored);
    BALUHOST_CHECK(export_file(info, target / info.entry.name.str()));
  }
  return std::move(outcome_);
}

} // namespace baluhost::ctl
