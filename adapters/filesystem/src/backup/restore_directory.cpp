// What a restore makes lies beside its place first: in a directory ".restoring" in the directory
// that it comes into, or under the name of its file with that end.

#include "backup/backup_layout.hpp"
#include "backup/blob_copier.hpp"
#include "baluhost/posix_common/posix.hpp"
#include "blob_files.hpp"

#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/backup_directory.hpp"
#include "baluhost/filesystem/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

using namespace backup;

constexpr auto kAside = ".restoring";

Error refused(std::string why) { return Error{Errc::conflict, std::move(why)}; }
fs::path with(const fs::path& path, const std::string& end) { return path.string() + end; }
fs::path parent_of(const fs::path& path) {
  return fs::absolute(path).lexically_normal().parent_path();
}

/// Flushes what was written below the file system of `directory`, and its names.
Result<void> flush(const fs::path& directory) {
  const posix::Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) != 0) return os_error(directory);
  return {};
}

Result<void> rename_to(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::rename(from, to, failure);
  if (failure) return failed(to, failure.message());
  return {};
}

Result<std::string> read_text(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file && (errno == ENOENT || errno == ENOTDIR))
    return Error{Errc::not_found, path.string() + " does not exist"};
  if (!file) return os_error(path);
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// `path` and the directories above it that are not there, the outermost first.
std::vector<fs::path> missing_directories(const fs::path& path) {
  std::vector<fs::path> missing;
  std::error_code failure;
  for (fs::path at = fs::absolute(path).lexically_normal(); !at.empty(); at = at.parent_path()) {
    if (!at.has_filename()) continue;
    if (fs::exists(fs::symlink_status(at, failure))) break;
    missing.insert(missing.begin(), at);
  }
  return missing;
}

/// What a restore makes: the text of the mark.
struct Places {
  std::vector<fs::path> directories; ///< that were absent or empty
  std::vector<fs::path> files;       ///< that were absent
  std::vector<fs::path> made;        ///< what was absent, the outermost directory first
  std::string database;              ///< that is no file, without secrets; empty: none

  [[nodiscard]] std::string text() const {
    std::string lines;
    for (const fs::path& path : directories) lines += "directory " + path.string() + "\n";
    for (const fs::path& path : files) lines += "file " + path.string() + "\n";
    for (const fs::path& path : made) lines += "made " + path.string() + "\n";
    if (!database.empty()) lines += "database " + database + "\n";
    return lines;
  }

  static Places parse(const std::string& text) {
    Places places;
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = std::min(text.find('\n', begin), text.size());
      const std::string line = text.substr(begin, end - begin);
      begin = end + 1;
      const auto space = line.find(' ');
      const std::string value = space == std::string::npos ? "" : line.substr(space + 1);
      if (line.starts_with("directory "))
        places.directories.emplace_back(value);
      else if (line.starts_with("file "))
        places.files.emplace_back(value);
      else if (line.starts_with("made "))
        places.made.emplace_back(value);
      else if (line.starts_with("database "))
        places.database = value;
    }
    return places;
  }
};

Result<void> empty_directory(const fs::path& path) {
  std::error_code failure;
  fs::remove_all(path / kAside, failure);
  if (!failure) {
    for (fs::directory_iterator it{path, failure}, end; !failure && it != end;
         it.increment(failure))
      fs::remove_all(it->path(), failure);
  }
  if (failure && failure != std::errc::no_such_file_or_directory)
    return failed(path, failure.message());
  return {};
}

/// Those of them that are empty, the innermost first.
void remove_empty(const std::vector<fs::path>& directories) {
  std::error_code ignored;
  for (auto it = directories.rbegin(); it != directories.rend(); ++it) fs::remove(*it, ignored);
}

/// Puts in the directory what was built in it.
Result<void> place_in(const fs::path& directory) {
  BALUHOST_CHECK(flush(directory));
  std::vector<fs::path> built;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator{directory / kAside, failure})
    built.push_back(entry.path());
  if (failure) return failed(directory / kAside, failure.message());
  for (const fs::path& path : built) BALUHOST_CHECK(rename_to(path, directory / path.filename()));
  fs::remove(directory / kAside, failure);
  if (failure) return failed(directory / kAside, failure.message());
  return flush(directory);
}

class RestoreDirectory final : public RestoreFiles {
 public:
  RestoreDirectory(BackupDirectoryOptions options, const Digester& digester, OpenContentsBy open_by)
      : o_(std::move(options)),
        digester_(digester),
        open_by_(std::move(open_by)),
        backup_(o_.backup) {}

  Result<std::string> read(std::string_view name) const override {
    return read_text(backup_ / name);
  }
  std::string path_of(std::string_view name) const override { return (backup_ / name).string(); }
  Result<BackupFile> examine(const std::string& name) const override {
    return backup::examine(backup_, name, digester_);
  }
  Result<std::optional<Anchor>> anchor() const override {
    return make_anchor_file(path_of(kAnchor))->newest();
  }

  std::string mark_path() const override { return restore_mark_in(o_.data_dir); }
  bool is_marked() const override { return fs::exists(mark_path()); }

  Result<void> check_is_absent(bool with_blobs, const RestorePlaces& database) const override {
    for (const fs::path& path : directories(with_blobs)) {
      if (!is_absent_or_empty(path)) return exists(path);
    }
    if (fs::exists(fs::symlink_status(o_.anchor_file))) return exists(o_.anchor_file);
    BALUHOST_CHECK(check_parent(o_.anchor_file));
    return database.file.empty() ? Result<void>{} : check_parent(database.file);
  }

  Result<void> lock() override {
    made_ = missing_directories(o_.data_dir);
    if (!fs::exists(lock_path())) made_.push_back(lock_path());
    auto locked = make_private_directory(o_.data_dir);
    if (locked) locked = acquire();
    if (!locked) remove_empty(made_);
    return locked;
  }

  void release() override {
    if (!is_marked() && is_made(lock_path())) lock_->remove_file();
    lock_.reset();
    remove_empty(made_);
  }

  Result<void> mark(bool with_blobs, const RestorePlaces& database) override {
    with_blobs_ = with_blobs;
    Places places;
    for (const fs::path& path : directories(with_blobs))
      places.directories.push_back(fs::absolute(path));
    places.made = made_;
    for (const fs::path& path : directories(with_blobs)) add_made(places.made, path);
    const fs::path anchor = fs::absolute(o_.anchor_file);
    places.files = {anchor, with(anchor, kAside)};
    places.files.insert(places.files.end(), database.files.begin(), database.files.end());
    places.database = database.database;
    return write_private_file(mark_path(), places.text());
  }

  Result<std::string> marked_database() const override {
    BALUHOST_TRY(const Places places, marked());
    return places.database;
  }

  Result<void> undo() override {
    BALUHOST_TRY(Places places, marked());
    const bool had_lock = std::ranges::find(places.made, lock_path()) != places.made.end();
    for (const fs::path& path : places.directories) BALUHOST_CHECK(empty_directory(path));
    std::error_code failure;
    for (const fs::path& path : places.files) {
      if (!fs::remove(path, failure) && failure) return failed(path, failure.message());
    }
    // The lock, and the directories above it, are needed for what follows.
    std::erase(places.made, lock_path());
    remove_empty(places.made);
    for (const fs::path& path : places.made) {
      if (fs::exists(path) && !is_made(path)) made_.push_back(path);
    }
    if (had_lock && !is_made(lock_path())) made_.push_back(lock_path());
    return unmark();
  }

  Result<void> copy_keys_and_anchor() override {
    const fs::path keys = o_.keys_dir;
    if (with_blobs_)
      BALUHOST_CHECK(make_private_directory((fs::path{o_.blob_dir} / kAside).string()));
    BALUHOST_CHECK(copy_keys(backup_ / kKeys, keys / kAside));
    BALUHOST_CHECK(flush(keys));
    if (open_by_) {
      BALUHOST_TRY(open_content_, open_by_((keys / kAside).string()));
    }
    copier_.emplace(digester_, open_content_);
    if (!fs::exists(backup_ / kAnchor)) return {};
    return copy_private(backup_ / kAnchor, with(o_.anchor_file, kAside));
  }

  Result<std::optional<CopiedContent>> copy_blob(const BlobId& blob) override {
    return copier_->copy(place_of(backup_ / kBlobs, blob),
                         place_of(fs::path{o_.blob_dir} / kAside, blob));
  }

  Result<void> place() override {
    for (const fs::path& directory : directories(with_blobs_)) BALUHOST_CHECK(place_in(directory));
    const fs::path anchor = o_.anchor_file;
    if (!fs::exists(with(anchor, kAside))) return {};
    BALUHOST_CHECK(rename_to(with(anchor, kAside), anchor));
    return flush(parent_of(anchor));
  }

  Result<std::int64_t> size_in_place(const BlobId& blob) const override {
    const fs::path path = place_of(o_.blob_dir, blob);
    posix::Fd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd && (errno == ENOENT || errno == ENOTDIR))
      return Error{Errc::not_found, path.string() + " does not exist"};
    if (!fd) return os_error(path);
    BALUHOST_TRY(auto content, make_file_blob_reader(std::move(fd), path.string()));
    if (open_content_) {
      BALUHOST_TRY(content, open_content_(std::move(content)));
    }
    return content->size();
  }

  Result<void> unmark() override {
    BALUHOST_CHECK(flush(o_.data_dir));
    std::error_code failure;
    fs::remove(mark_path(), failure);
    if (failure) return failed(mark_path(), failure.message());
    return flush(o_.data_dir);
  }

 private:
  Result<void> acquire() {
    BALUHOST_TRY(lock_, DirectoryLock::acquire(o_.data_dir));
    return {};
  }

  [[nodiscard]] fs::path lock_path() const {
    return fs::absolute(o_.data_dir).lexically_normal() / DirectoryLock::kFileName;
  }
  [[nodiscard]] bool is_made(const fs::path& path) const {
    return std::ranges::find(made_, path) != made_.end();
  }

  static void add_made(std::vector<fs::path>& made, const fs::path& path) {
    for (const fs::path& missing : missing_directories(path)) {
      if (std::ranges::find(made, missing) == made.end()) made.push_back(missing);
    }
  }

  std::vector<fs::path> directories(bool with_blobs) const {
    std::vector<fs::path> all{o_.keys_dir};
    if (with_blobs) all.emplace_back(o_.blob_dir);
    return all;
  }

  static Error exists(const fs::path& path) {
    return refused(path.string() + " exists: a backup is never restored over existing data");
  }

  Result<void> check_parent(const fs::path& path) const {
    const fs::path parent = parent_of(path);
    if (fs::is_directory(parent) || parent == parent_of(mark_path())) return {};
    return failed(parent,
                  "does not exist: " + path.filename().string() + " cannot be restored there");
  }

  Result<Places> marked() const {
    BALUHOST_TRY(const std::string text, read_text(mark_path()));
    return Places::parse(text);
  }

  const BackupDirectoryOptions o_;
  const Digester& digester_;
  const OpenContentsBy open_by_;
  OpenContent open_content_;         ///< once the keys are there
  std::optional<BlobCopier> copier_; ///< the same
  const fs::path backup_;
  std::optional<DirectoryLock> lock_;
  bool with_blobs_{false};
  std::vector<fs::path> made_; ///< the data directory, those above it and its lock, if absent
};

} // namespace

std::unique_ptr<RestoreFiles> make_restore_directory(BackupDirectoryOptions options,
                                                     const Digester& digester,
                                                     OpenContentsBy open_by) {
  return std::make_unique<RestoreDirectory>(std::move(options), digester, std::move(open_by));
}

std::string restore_mark_in(const std::string& data_dir) {
  return data_dir + "/restore-unfinished";
}

} // namespace baluhost
