#include "baluhost/filesystem/backup_directory.hpp"

#include "backup_layout.hpp"

#include "baluhost/filesystem/private_file.hpp"

#include <unistd.h>

#include <utility>
#include <vector>

namespace baluhost {
namespace {

using namespace backup;

class BackupDirectory final : public BackupFiles {
 public:
  explicit BackupDirectory(BackupDirectoryOptions options)
      : o_(std::move(options)), directory_(o_.backup) {}

  Result<void> begin() override {
    if (!is_absent_or_empty(directory_)) {
      return Error{Errc::conflict, directory_.string() +
                                       " is not empty: a backup goes into a new or empty "
                                       "directory"};
    }
    return make_private_directory(directory_.string());
  }

  Result<void> copy_anchor_and_keys() override {
    if (fs::exists(o_.anchor_file))
      BALUHOST_CHECK(copy_private(o_.anchor_file, directory_ / kAnchor));
    return copy_keys(o_.keys_dir, directory_ / kKeys);
  }

  Result<bool> copy_blob(const BlobId& blob) override {
    const fs::path from = place_of(o_.blob_dir, blob);
    const fs::path to = place_of(directory_ / kBlobs, blob);
    if (fs::exists(to)) return true;
    if (!fs::exists(from)) return false;
    BALUHOST_CHECK(make_private_directory(to.parent_path().string()));
    auto copied = copy_private(from, to);
    if (!copied && !fs::exists(from)) return false;
    BALUHOST_CHECK(std::move(copied));
    return true;
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

  void flush() override { ::sync(); }

 private:
  const BackupDirectoryOptions o_;
  const fs::path directory_;
};

} // namespace

std::unique_ptr<BackupFiles> make_backup_directory(BackupDirectoryOptions options) {
  return std::make_unique<BackupDirectory>(std::move(options));
}

} // namespace baluhost
