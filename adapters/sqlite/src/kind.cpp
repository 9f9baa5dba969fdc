#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/sqlite/sqlite_kind.hpp"
#include "url.hpp"

namespace baluhost {
namespace sqlite {
namespace {

constexpr const char* kForm = "sqlite:PATH";

Result<std::unique_ptr<Database>> open(const DatabaseOptions& from, DatabaseAccess access,
                                       const DatabaseHooks& hooks, SchemaChange& change) {
  SqliteOptions options;
  options.path = path_of(from.url);
  options.readers = static_cast<int>(from.pool_size);
  open_for(options, access, hooks, change);
  options.on_damaged_index = hooks.on_damaged_index;
  return make_sqlite_database(options);
}

} // namespace

std::string path_of(std::string_view url) {
  std::string path{url.substr(std::string_view{"sqlite:"}.size())};
  if (path.starts_with("///")) path.erase(0, 2); // sqlite:///srv/baluhost.db
  return path;
}

// A path has no host before it, and no other scheme: who writes one of these means another kind of
// database, and has perhaps put a password there.
Result<void> check_url(std::string_view url) {
  const std::string_view path = url.substr(std::string_view{"sqlite:"}.size());
  const bool has_host = path.starts_with("//") && !path.starts_with("///");
  if (path.empty() || has_host || path.find("://") != std::string_view::npos) return invalid(kForm);
  return {};
}

} // namespace sqlite

DatabaseKind sqlite_kind() {
  return {
      .name = "sqlite",
      .title = "SQLite",
      .schemes = {"sqlite:"},
      .form = sqlite::kForm,
      .is_shared = false,
      .check_url = sqlite::check_url,
      .redact =
          [](std::string_view url) {
            return sqlite::check_url(url) ? std::string{url} : "sqlite:…";
          },
      .file = [](std::string_view url) { return std::optional{sqlite::path_of(url)}; },
      .open = sqlite::open,
  };
}

} // namespace baluhost
