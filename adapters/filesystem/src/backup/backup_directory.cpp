#include "baluhost/filesystem/backup_directory.hpp"

#include "backup/backup_layout.hpp"
#include "backup/blob_copier.hpp"

#include "baluhost/filesystem/private_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

using namespace backup;

bool is_within(const fs::path& path, const fs::path& directory) {
  std::error_code failure;
  const fs::path inner = fs::weakly_canonical(fs::absolute(path), failure).lexically_normal();
  fs::path outer = fs::weakly_canonical(fs::absolute(directory), failure).lexically_normal();
  if (!outer.has_filename()) outer = outer.parent_path();
  const auto ends = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return !failure && ends.first == outer.end();
}

class BackupDirectory final : public BackupFiles {
 public:
  BackupDirectory(BackupDirectoryOptions options, const Digester& digester,
                  OpenContent open_content)
      : o_(std::move(options)),
        digester_(digester),
        directory_(o_.backup),
        copier_(digester, std::move(open_content)) {}

  Result<void> begin() override {
    for (const std::string& own : {o_.blob_dir, o_.keys_dir}) {
      if (is_within(directory_, own)) {
        return Error{Errc::conflict, directory_.string() + " lies in " + own +
                                         ", which the server uses itself: a backup goes elsewhere"};
      }
    }
    if (!is_absent_or_empty(directory_)) {
      return Error{Errc::conflict, directory_.string() +
                                       " is not empty: a backup goes into a new or empty "
                                       "directory"};
    }
    return make_private_directory(directory_.string());
  }

  Result<void> copy_anchor() override {
    if (!fs::exists(o_.anchor_file)) return {};
    return copy_private(o_.anchor_file, directory_ / kAnchor);
  }

  Result<void> copy_keys() override { return backup::copy_keys(o_.keys_dir, directory_ / kKeys); }

  Result<std::optional<CopiedContent>> copy_blob(const BlobId& blob) override {
    return copier_.copy(place_of(o_.blob_dir, blob), place_of(directory_ / kBlobs, blob));
  }

  void keep_blobs(FunctionRef<bool(const BlobId&)> is_wanted) override {
    std::error_code ignored;
    std::vector<fs::path> unwanted;
    for (const auto& entry : fs::recursive_directory_iterator{directory_ / kBlobs, ignored}) {
      if (entry.is_regular_file() && !is_wanted(BlobId{entry.path().filename().string()}))
        unwanted.push_back(entry.path());
    }
    for (const fs::path& path : unwanted) fs::remove(path, ignored);
  }

  std::string path_of(std::string_view name) const override { return (directory_ / name).string(); }

  Result<void> write(std::string_view name, std::string_view text) override {
    return write_private_file(path_of(name), text);
  }

  Result<std::vector<BackupFile>> files() const override {
    std::vector<BackupFile> found;
    std::error_code failure;
    for (fs::recursive_directory_iterator it{directory_, failure}, end; !failure && it != end;
         it.increment(failure)) {
      if (it.depth() == 0 && it->path().filename() == kBlobs) it.disable_recursion_pending();
      if (!it->is_regular_file()) continue;
      BALUHOST_TRY(
          auto file,
          examine(directory_, it->path().lexically_relative(directory_).string(), digester_));
      found.push_back(std::move(file));
    }
    if (failure) return failed(directory_, failure.message());
    std::ranges::sort(found, {}, &BackupFile::name);
    return found;
  }

  void flush() override { ::sync(); }

 private:
  const BackupDirectoryOptions o_;
  const Digester& digester_;
  const fs::path directory_;
  BlobCopier copier_;
};

} // namespace

std::unique_ptr<BackupFiles> make_backup_directory(BackupDirectoryOptions options,
                                                   const Digester& digester,
                                                   OpenContent open_content) {
  return std::make_unique<BackupDirectory>(std::move(options), digester, std::move(open_content));
}

} // namespace baluhost
