#include "backup.hpp"

#include "context.hpp"
#include "postgres_tool.hpp"

#include "baluhost/filesystem/private_file.hpp"

#include <array>
#include <ctime>
#include <filesystem>
#include <thread>

namespace baluhost::migrate {
namespace {

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

Result<std::string> dump_postgres(const Options& options) {
  const std::string file = free_name(options.backup_dir + "/baluhost_postgresql_", ".dump");
  Configuration source;
  source.database.url = options.from;
  auto dumped = run_postgres_tool(source, {"pg_dump", "--format=custom", "--file", file});
  if (!dumped && dumped.error().code == Errc::not_found)
    return std::string{"pg_dump is not installed: no backup was made"};
  if (!dumped)
    return Error{dumped.error().code, dumped.error().detail + "; --no-backup does without"};
  return file;
}

} // namespace

Result<std::string> back_up(const Options& options) {
  if (auto made = make_private_directory(options.backup_dir); !made) {
    return Error{made.error().code, "the backup directory: " + made.error().detail};
  }
  if (!is_sqlite_url(options.from)) return dump_postgres(options);
  const std::string file = free_name(options.backup_dir + "/baluhost_sqlite_", ".db");
  auto made = backup_sqlite(path_of(options.from), file);
  if (!made) return Error{made.error().code, "the backup " + file + ": " + made.error().detail};
  return file;
}

Result<void> check_backup(const std::string& file, SqliteCheck check) {
  if (!file.ends_with(".db")) return {};
  BALUHOST_TRY(const auto wrong, check_sqlite(file, check));
  for (const char* left : {"-wal", "-shm"}) std::filesystem::remove(file + left);
  if (!wrong.empty())
    return Error{Errc::internal, "the backup " + file + " is not sound: " + wrong.front()};
  return {};
}

} // namespace baluhost::migrate
