#include "baluhost/host/source_backup.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/filesystem/private_file.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

namespace baluhost {
namespace {

using migration::BackupCheck;

std::string stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%d_%H%M%S", &parts);
  return text.data();
}

/// A name is free again within a second.
std::string free_name(const std::string& start, const std::string& end) {
  for (;;) {
    std::string file = concat(start, stamp(), end);
    std::error_code failure;
    if (!std::filesystem::exists(std::filesystem::symlink_status(file, failure))) return file;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

Result<void> make_directory(const std::string& directory) {
  auto made = make_private_directory(directory);
  if (!made) return Error{made.error().code, "the backup directory: " + made.error().detail};
  return {};
}

void remove_file(const std::string& file) noexcept {
  std::error_code failed; // there may be none
  std::filesystem::remove(file, failed);
}

/// Where `directory` is, or would be made.
std::filesystem::path existing_part(const std::string& directory) {
  std::error_code ignored;
  std::filesystem::path there = std::filesystem::absolute(directory, ignored).lexically_normal();
  while (there.has_relative_path() &&
         !std::filesystem::exists(std::filesystem::symlink_status(there, ignored)))
    there = there.parent_path();
  return there;
}

class FileBackup final : public migration::SourceBackup {
 public:
  FileBackup(std::unique_ptr<DatabaseBackup> database, std::optional<std::string> file,
             std::string directory)
      : database_(std::move(database)), file_(std::move(file)), directory_(std::move(directory)) {}

  std::vector<bulk::Finding> obstacles() override {
    if (!file_) return {};
    std::error_code failure, ignored;
    const auto size = std::filesystem::file_size(*file_, failure);
    const auto there = existing_part(directory_);
    const bool is_directory = std::filesystem::is_directory(there, ignored);
    struct statvfs space {};
    if (!is_directory || ::access(there.c_str(), W_OK | X_OK) != 0 ||
        ::statvfs(there.c_str(), &space) != 0) {
      const bool is_all = there == std::filesystem::path{directory_};
      return {{"", "", "",
               "the backup directory " + directory_ + " cannot be " + (is_all ? "used" : "made") +
                   ": " + there.string() + " is " +
                   (is_directory ? "not to be written to" : "no directory")}};
    }
    if (failure || space.f_bavail * space.f_frsize >= size) return {};
    return {{"", "", "",
             "the backup needs " + std::to_string(size) + " bytes in " + directory_ + ", and " +
                 std::to_string(space.f_bavail * space.f_frsize) + " are free"}};
  }

  Result<std::string> make() override {
    BALUHOST_CHECK(make_directory(directory_));
    const std::string kind{database_->kind()};
    const std::string file =
        free_name(directory_ + "/baluhost_" + kind + "_",
                  std::filesystem::path{database_->file_name()}.extension().string());
    auto made = database_->copy_unseen(file);
    if (made) return file;
    const Error& error = made.error();
    if (error.code == Errc::not_found && !file_) return error.detail + ": no backup was made";
    return Error{error.code, file_ ? "the backup " + file + ": " + error.detail
                                   : error.detail + "; --no-backup does without"};
  }

  std::unique_ptr<BulkStore> rows(const std::string& name) override {
    return database_->rows(name);
  }

  Result<void> check(const std::string& name, BackupCheck check) override {
    BALUHOST_TRY(const auto wrong, database_->check_structure(name, check == BackupCheck::quick
                                                                        ? StructureCheck::quick
                                                                        : StructureCheck::full));
    if (wrong.empty()) return {};
    return Error{Errc::internal, "the backup " + name + " is not sound: " + wrong.front()};
  }

  void remove(const std::string& name) noexcept override { remove_file(name); }

 private:
  const std::unique_ptr<DatabaseBackup> database_;
  const std::optional<std::string> file_; ///< of the source, where it is one
  const std::string directory_;
};

} // namespace

Result<std::unique_ptr<migration::SourceBackup>> make_source_backup(const DatabaseOptions& source,
                                                                    const std::string& directory) {
  const DatabaseKind* kind = find_database_kind(source.url);
  if (!kind) return invalid(database_url_forms());
  BALUHOST_TRY(auto database, find_database_tools(source.url)->backup(source));
  return std::make_unique<FileBackup>(std::move(database), kind->file(source.url), directory);
}

} // namespace baluhost
