#include "backup.hpp"

#include "postgres_tool.hpp"
#include "side.hpp"

#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/sqlite/sqlite_bulk_store.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <thread>

namespace baluhost::migrate {
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
    const std::string file = start + stamp() + end;
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

class SqliteBackup final : public migration::SourceBackup {
 public:
  SqliteBackup(std::string database, std::string directory)
      : database_(std::move(database)), directory_(std::move(directory)) {}

  std::vector<bulk::Finding> obstacles() override {
    std::error_code failure, ignored;
    const auto size = std::filesystem::file_size(database_, failure);
    const auto there = existing_part(directory_);
    const bool is_directory = std::filesystem::is_directory(there, ignored);
    struct statvfs space {};
    if (!is_directory || ::access(there.c_str(), W_OK | X_OK) != 0 ||
        ::statvfs(there.c_str(), &space) != 0) {
      const bool is_all = there == std::filesystem::path{directory_};
      return {{"", "", "",
               fmt::format("the backup directory {} cannot be {}: {} is {}", directory_,
                           is_all ? "used" : "made", there.string(),
                           is_directory ? "not to be written to" : "no directory")}};
    }
    if (failure || space.f_bavail * space.f_frsize >= size) return {};
    return {{"", "", "",
             fmt::format("the backup needs {} bytes in {}, and {} are free", size, directory_,
                         space.f_bavail * space.f_frsize)}};
  }

  Result<std::string> make() override {
    BALUHOST_CHECK(make_directory(directory_));
    const std::string file = free_name(directory_ + "/baluhost_sqlite_", ".db");
    auto made = backup_sqlite(database_, file);
    if (!made) return Error{made.error().code, "the backup " + file + ": " + made.error().detail};
    return file;
  }

  std::unique_ptr<BulkStore> rows(const std::string& name) override {
    return make_sqlite_bulk_store(name, SqliteFile::frozen);
  }

  Result<void> check(const std::string& name, BackupCheck check) override {
    BALUHOST_TRY(
        const auto wrong,
        check_sqlite(name, check == BackupCheck::full ? SqliteCheck::full : SqliteCheck::quick));
    for (const char* left : {"-wal", "-shm"}) remove_file(name + left);
    if (wrong.empty()) return {};
    return Error{Errc::internal, "the backup " + name + " is not sound: " + wrong.front()};
  }

  void remove(const std::string& name) noexcept override { remove_file(name); }

 private:
  std::string database_;
  std::string directory_;
};

class PostgresBackup final : public migration::SourceBackup {
 public:
  PostgresBackup(std::string url, std::string directory)
      : url_(std::move(url)), directory_(std::move(directory)) {}

  std::vector<bulk::Finding> obstacles() override { return {}; }

  Result<std::string> make() override {
    BALUHOST_CHECK(make_directory(directory_));
    const std::string file = free_name(directory_ + "/baluhost_postgresql_", ".dump");
    auto dumped = run_postgres_tool(at({}, url_), {"pg_dump", "--format=custom", "--file", file});
    if (!dumped && dumped.error().code == Errc::not_found)
      return std::string{"pg_dump is not installed: no backup was made"};
    if (!dumped)
      return Error{dumped.error().code, dumped.error().detail + "; --no-backup does without"};
    return file;
  }

  std::unique_ptr<BulkStore> rows(const std::string&) override { return nullptr; }
  Result<void> check(const std::string&, BackupCheck) override { return {}; }
  void remove(const std::string& name) noexcept override { remove_file(name); }

 private:
  std::string url_;
  std::string directory_;
};

} // namespace

std::unique_ptr<migration::SourceBackup> make_source_backup(const std::string& url,
                                                            const std::string& directory) {
  if (is_sqlite_url(url)) return std::make_unique<SqliteBackup>(path_of(url), directory);
  return std::make_unique<PostgresBackup>(url, directory);
}

} // namespace baluhost::migrate
