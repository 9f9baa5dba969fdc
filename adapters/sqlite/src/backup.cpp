// A restore builds the database beside its place and renames it there: a file of that name is a
// whole database at all times. Readers leave a log and an index beside a file; those of the copy
// are removed before it is renamed, since they would count as the log of what lies there then.

#include "baluhost/sqlite/sqlite_backup.hpp"

#include "baluhost/sqlite/sqlite_bulk_store.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/sqlite/sqlite_kind.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace baluhost {
namespace {

namespace fs = std::filesystem;

constexpr auto kAside = ".restoring";
constexpr std::array kSides{"-wal", "-shm", "-journal"};

Error failed(const fs::path& path, const std::string& why) {
  return Error{Errc::unavailable, path.string() + ": " + why};
}

Error refused(std::string why) { return Error{Errc::conflict, std::move(why)}; }

fs::path with(const fs::path& path, const std::string& end) { return path.string() + end; }

void remove_sides(const fs::path& path) {
  std::error_code ignored;
  for (const char* end : kSides) fs::remove(with(path, end), ignored);
}

/// Flushes what was written to the file system of `path`, and its name.
Result<void> flush_around(const fs::path& path) {
  const fs::path directory = fs::absolute(path).lexically_normal().parent_path();
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(directory, std::strerror(errno));
  const bool is_flushed = ::syncfs(fd) == 0;
  const auto failure = failed(directory, std::strerror(errno));
  ::close(fd);
  return is_flushed ? Result<void>{} : failure;
}

bool is_log_empty(const fs::path& path) {
  std::error_code failure;
  const fs::path log = with(path, "-wal");
  const auto status = fs::symlink_status(log, failure);
  return !fs::exists(status) || (fs::is_regular_file(status) && fs::file_size(log, failure) == 0);
}

enum class Finished { yes, perhaps };

enum class Use { reading, writing };

Result<std::unique_ptr<Database>> open_present(const fs::path& path, Use use,
                                               Finished finished = Finished::yes) {
  SqliteOptions options;
  options.path = path.string();
  options.create = false;
  options.read_only = use == Use::reading;
  options.unfinished = finished == Finished::perhaps;
  return make_sqlite_database(options);
}

class SqliteBackup final : public DatabaseBackup {
 public:
  explicit SqliteBackup(std::string path) : path_(std::move(path)) {}

  std::string_view kind() const noexcept override { return "sqlite"; }
  std::string_view file_name() const noexcept override { return kSqliteFileName; }

  Result<void> copy(const std::string& file, CopyView view, const CopyProgress& progress) override {
    std::error_code ignored;
    fs::remove(file, ignored);
    BALUHOST_CHECK(backup_sqlite(path_.string(), file, progress));
    BALUHOST_TRY(auto database, open_present(file, Use::reading, Finished::perhaps));
    auto seen = database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(view(tx));
      return {};
    });
    database.reset();
    remove_sides(file);
    return seen;
  }

  Result<void> copy_unseen(const std::string& file) override {
    return backup_sqlite(path_.string(), file);
  }

  Result<std::vector<std::string>> check_structure(const std::string& file,
                                                   StructureCheck check) const override {
    auto wrong =
        check_sqlite(file, check == StructureCheck::quick ? SqliteCheck::quick : SqliteCheck::full);
    remove_sides(file);
    return wrong;
  }

  std::unique_ptr<BulkStore> rows(const std::string& file) const override {
    return make_sqlite_bulk_store(file, SqliteFile::frozen);
  }

  Result<std::unique_ptr<Database>> open_copy(const std::string& file) const override {
    SqliteOptions options;
    options.path = file;
    options.create = false;
    options.read_only = true;
    options.frozen = is_log_empty(file);
    return make_sqlite_database(options);
  }

  Result<void> check_copy(const std::string& file) const override {
    std::error_code failure;
    if (!fs::is_regular_file(file, failure))
      return failed(file, "cannot be read: this is no backup, or not a whole one");
    const fs::path log = with(file, "-wal");
    if (fs::exists(log, failure) && fs::file_size(log, failure) > 0)
      return refused(log.string() + " exists: another program changed the database of the backup");
    return {};
  }

  RestorePlaces places() const override {
    RestorePlaces places{.file = path_.string(), .files = {}, .database = {}};
    for (const fs::path& base : {fs::absolute(path_), with(fs::absolute(path_), kAside)}) {
      places.files.push_back(base.string());
      for (const char* end : kSides) places.files.push_back(with(base, end).string());
    }
    return places;
  }

  Result<void> check_is_absent() const override {
    if (fs::exists(fs::symlink_status(path_)))
      return refused(path_.string() + " exists: a backup is never restored over existing data");
    for (const char* end : kSides) {
      const fs::path side = with(path_, end);
      if (!fs::exists(fs::symlink_status(side)) || is_left_empty(end)) continue;
      return refused(side.string() +
                     " exists: it belongs to another database and would spoil the restored one; "
                     "move it away");
    }
    return {};
  }

  Result<std::unique_ptr<Database>> load(const std::string& file) override {
    const fs::path aside = with(path_, kAside);
    std::error_code failure;
    if (!fs::copy_file(file, aside, failure) || failure) return failed(aside, failure.message());
    fs::permissions(aside, fs::perms::owner_read | fs::perms::owner_write, failure);
    BALUHOST_CHECK(flush_around(aside));
    BALUHOST_TRY(auto wrong, check_sqlite(aside.string()));
    // What follows from the rest, the index of names and figures, is made anew: it costs no backup.
    if (!wrong.empty() && reindex_sqlite(aside.string())) {
      BALUHOST_TRY(wrong, check_sqlite(aside.string()));
    }
    if (!wrong.empty()) return refused("the database of the backup is damaged: " + wrong.front());
    return open_present(aside, Use::reading);
  }

  Result<void> place() override {
    const fs::path aside = with(path_, kAside);
    remove_sides(aside);
    std::error_code failure;
    fs::rename(aside, path_, failure);
    if (failure) return failed(path_, failure.message());
    return flush_around(path_);
  }

  Result<std::unique_ptr<Database>> open(bool is_read_only) const override {
    return open_present(path_, is_read_only ? Use::reading : Use::writing);
  }

  Result<void> clear() override { return {}; }

 private:
  /// A database that was closed in order leaves its log behind, emptied, which spoils nothing.
  bool is_left_empty(std::string_view end) const {
    std::error_code failure;
    const fs::path log = with(path_, "-wal");
    const auto status = fs::symlink_status(log, failure);
    const bool is_empty = fs::is_regular_file(status) && fs::file_size(log, failure) == 0;
    return is_empty && end != "-journal";
  }

  fs::path path_;
};

} // namespace

std::unique_ptr<DatabaseBackup> make_sqlite_backup(std::string path) {
  return std::make_unique<SqliteBackup>(std::move(path));
}

} // namespace baluhost
