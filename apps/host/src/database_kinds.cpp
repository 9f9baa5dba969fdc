// The registry of databases: who adds a kind names it in both tables. They are two, so that a
// server does not carry the tools.

#include "baluhost/host/database_kind.hpp"

#include "explained.hpp"

#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/postgres/postgres_kind.hpp"
#include "baluhost/sqlite/sqlite_kind.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace baluhost {
namespace {

std::span<const DatabaseKind> kinds() {
  static const std::array table{sqlite_kind(), postgres_kind()};
  return table;
}

std::span<const DatabaseTools> tools() {
  static const std::array table{sqlite_tools(), postgres_tools()};
  return table;
}

} // namespace

const DatabaseKind* find_database_kind(std::string_view url) noexcept {
  for (const DatabaseKind& kind : kinds()) {
    for (const std::string_view scheme : kind.schemes) {
      if (url.starts_with(scheme)) return &kind;
    }
  }
  return nullptr;
}

const DatabaseTools* find_database_tools(std::string_view url) noexcept {
  const DatabaseKind* kind = find_database_kind(url);
  const auto found = std::ranges::find_if(
      tools(), [&](const DatabaseTools& one) { return kind && one.name == kind->name; });
  return found == tools().end() ? nullptr : &*found;
}

std::string default_database_url(const std::string& data_dir) {
  return "sqlite:" + data_dir + "/" + std::string{kSqliteFileName};
}

std::string database_url_forms() {
  std::string forms;
  for (const DatabaseKind& kind : kinds())
    forms += (forms.empty() ? "" : " or ") + std::string{kind.form};
  return forms;
}

std::string redacted_url(std::string_view url) {
  const DatabaseKind* kind = find_database_kind(url);
  return kind ? kind->redact(url) : "…";
}

Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options,
                                                DatabaseAccess access, const DatabaseHooks& hooks,
                                                SchemaChange* change) {
  const DatabaseKind* kind = find_database_kind(options.url);
  if (!kind) return invalid(database_url_forms());
  SchemaChange unwatched;
  auto opened = kind->open(options, access, hooks, change ? *change : unwatched);
  if (!opened)
    return explained(std::move(opened).error(), "the database " + redacted_url(options.url));
  return opened;
}

DatabaseOptions database_options(const HostOptions& options) {
  DatabaseOptions database{.url = options.database_url, .pool_size = options.database_pool_size};
  if (const auto& file = options.database_password_file; !file.empty())
    database.password = [file] { return read_password_file(file); };
  return database;
}

} // namespace baluhost
