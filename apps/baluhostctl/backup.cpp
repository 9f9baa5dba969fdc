// The order makes a backup of a running server whole: the anchor first, so that it is never newer than the database; then the blobs that are
// there, then one view of the database, then the blobs that came meanwhile. A blob that went away in between was copied before, or another view
// of the database is taken.

#include "backup.hpp"

#include "output.hpp"

#include "baluhost/core/audit_verifier.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

namespace baluhost::ctl {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 5;
constexpr auto kManifest = "blobs.manifest";
constexpr auto kDescription = "backup.json";

struct Blob {
  std::int64_t size{};
  std::string sha256;
};
using Manifest = std::map<std::string, Blob>;

Error failed(const fs::path& path, const std::string& why) { return Error{Errc::unavailable, path.string() + ": " + why}; }
Error refused(std::string why) { return Error{Errc::conflict, std::move(why)}; }

bool is_absent_or_empty(const fs::path& path) {
  std::error_code failure;
  return !fs::exists(path, failure) || (fs::is_directory(path, failure) && fs::is_empty(path, failure));
}

Result<void> copy_private(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  if (!fs::copy_file(from, to, failure) || failure) return failed(to, failure.message());
  fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, failure);
  return {};
}

/// Where a blob lies below the directory of a blob store.
fs::path place_of(const fs::path& root, const std::string& id) { return root / id.substr(0, 2) / id; }

Result<bool> copy_blob(const fs::path& from, const fs::path& to, const std::string& id) {
  if (fs::exists(place_of(to, id))) return true;
  if (!fs::exists(place_of(from, id))) return false;
  BALUHOST_CHECK(make_private_directory(place_of(to, id).parent_path().string()));
  auto copied = copy_private(place_of(from, id), place_of(to, id));
  if (!copied && !fs::exists(place_of(from, id))) return false;
  BALUHOST_CHECK(std::move(copied));
  return true;
}

/// Copies those that are not there yet; gives how many went away.
Result<std::int64_t> copy_listed(const Manifest& manifest, const fs::path& from, const fs::path& to) {
  std::int64_t missing = 0;
  for (const auto& [id, blob] : manifest) {
    BALUHOST_TRY(const bool copied, copy_blob(from, to, id));
    if (!copied) ++missing;
  }
  return missing;
}

/// Takes away what was copied early and the view of the database does not need.
void remove_unlisted(const Manifest& manifest, const fs::path& root) {
  std::error_code ignored;
  std::vector<fs::path> unlisted;
  for (const auto& entry : fs::recursive_directory_iterator{root, ignored}) {
    if (entry.is_regular_file() && !manifest.contains(entry.path().filename().string())) unlisted.push_back(entry.path());
  }
  for (const fs::path& path : unlisted) fs::remove(path, ignored);
}

Result<Manifest> manifest_of(ReadTransaction& tx) {
  Manifest manifest;
  std::optional<BlobId> after;
  for (;;) {
    BALUHOST_TRY(const auto page, tx.files().contents(after, 1000));
    if (page.empty()) return manifest;
    for (const Content& content : page) manifest.emplace(content.blob.value, Blob{content.size, content.sha256.hex()});
    after = page.back().blob;
  }
}

Result<int> run_tool(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::umask(077);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return Error{Errc::not_found, command.front() + " is not installed (apt-get install postgresql-client)"};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Error{Errc::unavailable, command.front() + " failed"};
  return 0;
}

/// The password for PostgreSQL's own tools, which see it in their environment and nobody sees it in a list of processes.
Result<void> pass_password(const Configuration& configuration) {
  BALUHOST_TRY(const auto password, database_password(configuration));
  if (password) ::setenv("PGPASSWORD", std::string{password->reveal()}.c_str(), 1);
  return {};
}

Result<Configuration> configuration_of_copy(const Configuration& configuration, const fs::path& directory) {
  Configuration copy = configuration;
  copy.database.url = "sqlite:" + (directory / "baluhost.db").string();
  return copy;
}

/// What a reader leaves beside a database that is only read.
void remove_shared_files(const fs::path& directory) {
  std::error_code ignored;
  for (const char* name : {"baluhost.db-wal", "baluhost.db-shm"}) fs::remove(directory / name, ignored);
}

/// What a copy of the database refers to, and how many of these blobs could not be copied.
struct Copied {
  Manifest manifest;
  std::int64_t missing{};
};

/// The blobs before the dump, which takes longer: what is deleted meanwhile is in both.
Result<Copied> copy_postgres(const Configuration& configuration, const fs::path& directory, bool with_blobs) {
  Copied copied;
  BALUHOST_CHECK(share_snapshot(configuration, [&](ReadTransaction& tx, const std::string& snapshot) -> Result<void> {
    BALUHOST_TRY(copied.manifest, manifest_of(tx));
    if (with_blobs) {
      BALUHOST_TRY(copied.missing, copy_listed(copied.manifest, configuration.files.blob_dir, directory / "blobs"));
      if (copied.missing > 0) return {};
    }
    BALUHOST_CHECK(pass_password(configuration));
    BALUHOST_CHECK(run_tool({"pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--snapshot", snapshot, "--file",
                             (directory / "baluhost.dump").string(), "--dbname", configuration.database.url}));
    return {};
  }));
  return copied;
}

Result<Copied> copy_sqlite(const Configuration& configuration, const fs::path& directory, bool with_blobs) {
  std::error_code ignored;
  fs::remove(directory / "baluhost.db", ignored);
  Progress progress{"copying the database", 0, "pages"};
  BALUHOST_CHECK(backup_sqlite(sqlite_path(configuration), (directory / "baluhost.db").string(),
                               [&](std::int64_t done, std::int64_t total) { progress.update(done, total); }));
  BALUHOST_TRY(const Configuration copy, configuration_of_copy(configuration, directory));
  BALUHOST_TRY(auto database, open_database_read_only(copy));
  Copied copied;
  BALUHOST_CHECK(database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(copied.manifest, manifest_of(tx));
    return {};
  }));
  database.reset();
  remove_shared_files(directory);
  if (with_blobs) {
    BALUHOST_TRY(copied.missing, copy_listed(copied.manifest, configuration.files.blob_dir, directory / "blobs"));
  }
  return copied;
}

Result<void> copy_keys(const fs::path& from, const fs::path& to) {
  BALUHOST_CHECK(make_private_directory(to.string()));
  std::error_code failure;
  for (fs::directory_iterator it{from, failure}, end; !failure && it != end; it.increment(failure)) {
    if (it->is_regular_file()) BALUHOST_CHECK(copy_private(it->path(), to / it->path().filename()));
  }
  if (failure) return failed(from, failure.message());
  return {};
}

Result<void> copy_present_blobs(const BlobStore& blobs, const fs::path& from, const fs::path& to) {
  std::optional<BlobId> after;
  Progress progress{"copying blobs", 0, "blobs"};
  std::int64_t copied = 0;
  for (;;) {
    BALUHOST_TRY(const auto page, blobs.list(after, 1000));
    if (page.empty()) return {};
    for (const BlobInfo& blob : page) {
      BALUHOST_CHECK(copy_blob(from, to, blob.id.value));
      progress.update(++copied);
    }
    after = page.back().id;
  }
}

Result<void> write_text(const fs::path& path, const std::string& text) { return write_private_file(path.string(), text); }

Result<std::string> read_text(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return failed(path, std::strerror(errno));
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

std::string manifest_text(const Manifest& manifest) {
  std::string text;
  for (const auto& [id, blob] : manifest) text += fmt::format("{} {} {}\n", id, blob.size, blob.sha256);
  return text;
}

Result<Manifest> read_manifest(const fs::path& directory) {
  std::ifstream file{directory / kManifest};
  if (!file) return failed(directory / kManifest, "cannot be read: this is no backup, or not a whole one");
  Manifest manifest;
  std::string id;
  Blob blob;
  while (file >> id >> blob.size >> blob.sha256) {
    if (id.size() != 32 || id.find_first_not_of("0123456789abcdef") != std::string::npos) return failed(directory / kManifest, "is damaged");
    manifest.emplace(id, blob);
  }
  return manifest;
}

/// The text of a member of our own, flat description.
std::string member(const std::string& json, const std::string& name) {
  const auto found = json.find('"' + name + "\":");
  if (found == std::string::npos) return {};
  const auto begin = found + name.size() + 3;
  const auto end = json.find_first_of(",}", begin);
  std::string value = json.substr(begin, end - begin);
  if (value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
  return value;
}

Result<void> check_blobs(const Manifest& manifest, const fs::path& root, const Digester& digester) {
  Progress progress{"checking blobs", static_cast<std::int64_t>(manifest.size()), "blobs"};
  std::int64_t seen = 0;
  for (const auto& [id, blob] : manifest) {
    std::ifstream file{place_of(root, id), std::ios::binary};
    if (!file) return refused("the backup lacks the blob " + id);
    const auto hash = digester.sha256_stream();
    std::string buffer(1 << 18, '\0');
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0) {
      hash->update({buffer.data(), static_cast<std::size_t>(file.gcount())});
    }
    if (hash->digest().hex() != blob.sha256) return refused("the blob " + id + " of the backup is damaged");
    progress.update(++seen);
  }
  return {};
}

Result<void> check_trail(Database& database, const fs::path& directory, const Digester& digester) {
  BALUHOST_TRY(const std::string pem, read_text(directory / "keys" / "audit-ed25519.pub.pem"));
  BALUHOST_TRY(const auto keys, make_seal_verifier_from_pem(pem));
  const fs::path anchor_path = directory / "audit.anchor";
  BALUHOST_TRY(const auto anchor, make_anchor_file(anchor_path.string())->newest());
  BALUHOST_TRY(const auto report, verify_trail(database, *keys, digester, anchor, false, system_now()));
  for (const VerifyProblem& problem : report.problems) {
    if (problem.kind != "event_unsealed") return refused("the audit trail of the backup does not verify: " + problem.kind + ": " + problem.detail);
  }
  return {};
}

Result<BackupFigures> copy_everything(Program& program, const fs::path& directory, bool with_blobs) {
  if (!is_absent_or_empty(directory)) return refused(directory.string() + " is not empty: a backup goes into a new or empty directory");
  BALUHOST_TRY(Backend * backend, program.backend());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  ::umask(077);
  BALUHOST_CHECK(make_private_directory(directory.string()));
  if (fs::exists(configuration->audit.anchor_file)) BALUHOST_CHECK(copy_private(configuration->audit.anchor_file, directory / "audit.anchor"));
  BALUHOST_CHECK(copy_keys(configuration->server.keys_dir, directory / "keys"));
  if (with_blobs) BALUHOST_CHECK(copy_present_blobs(*backend->blobs, configuration->files.blob_dir, directory / "blobs"));

  Copied copied;
  const auto copy = is_sqlite(*configuration) ? copy_sqlite : copy_postgres;
  for (int attempt = 1; attempt == 1 || copied.missing > 0; ++attempt) {
    if (attempt > kAttempts) {
      return Error{Errc::unavailable, fmt::format("{} blobs are missing in {}: baluhostctl files scrub says which", copied.missing, configuration->files.blob_dir)};
    }
    BALUHOST_TRY(copied, copy(*configuration, directory, with_blobs));
  }
  const Manifest& manifest = copied.manifest;
  if (with_blobs) remove_unlisted(manifest, directory / "blobs");
  BALUHOST_CHECK(write_text(directory / kManifest, manifest_text(manifest)));
  BackupFigures figures;
  figures.blobs = static_cast<std::int64_t>(manifest.size());
  for (const auto& [id, blob] : manifest) figures.bytes += blob.size;
  BALUHOST_TRY(const DatabaseStatus status, backend->database->status());
  BALUHOST_CHECK(backend->database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const EventId newest, tx.audit().newest());
    figures.newest_event = newest.value;
    return {};
  }));
  // Last: a directory without it is not a whole backup.
  BALUHOST_CHECK(write_text(directory / kDescription, JsonObject{}
                                                          .add("program", "baluhostctl")
                                                          .add("version", BALUHOST_VERSION)
                                                          .add("created_at", system_now().to_rfc3339())
                                                          .add("database", status.kind)
                                                          .add("schema_version", status.schema_version)
                                                          .add("with_blobs", with_blobs)
                                                          .add("blobs", figures.blobs)
                                                          .add("bytes", figures.bytes)
                                                          .str() + "\n"));
  ::sync();
  return figures;
}

} // namespace

Result<BackupFigures> back_up(Program& program, const fs::path& directory, bool with_blobs) {
  BALUHOST_TRY(Services * services, program.services());
  auto event = services->audit.draft(Action::backup_created, program.operator_principal());
  auto figures = copy_everything(program, directory, with_blobs);
  JsonObject details;
  details.add("with_blobs", with_blobs);
  if (!figures) return services->audit.failed(with_details(std::move(event), details), std::move(figures).error());
  details.add("blobs", figures->blobs).add("bytes", figures->bytes);
  BALUHOST_CHECK(services->audit.record(with_details(std::move(event), details)));
  return figures;
}

Result<BackupFigures> restore(Program& program, const fs::path& directory) {
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  BALUHOST_TRY(const std::string description, read_text(directory / kDescription));
  const bool sqlite = is_sqlite(*configuration);
  if (member(description, "database") != (sqlite ? "sqlite" : "postgresql")) {
    return refused("the backup is of " + member(description, "database") + ", and database.url names another kind: restore it there, then use baluhost-migrate");
  }
  const bool with_blobs = member(description, "with_blobs") == "true";
  const auto digester = make_openssl_digester();
  BALUHOST_TRY(const Manifest manifest, read_manifest(directory));

  // Nothing may be there already.
  for (const fs::path& place : {fs::path{configuration->server.keys_dir}, sqlite ? fs::path{sqlite_path(*configuration)} : fs::path{},
                                with_blobs ? fs::path{configuration->files.blob_dir} : fs::path{}, fs::path{configuration->audit.anchor_file}}) {
    if (!place.empty() && !is_absent_or_empty(place)) return refused(place.string() + " exists: a backup is never restored over existing data");
  }
  if (with_blobs) BALUHOST_CHECK(check_blobs(manifest, directory / "blobs", *digester));
  if (sqlite) {
    BALUHOST_TRY(const auto wrong, check_sqlite((directory / "baluhost.db").string()));
    if (!wrong.empty()) return refused("the database of the backup is damaged: " + wrong.front());
    BALUHOST_TRY(const Configuration copy, configuration_of_copy(*configuration, directory));
    BALUHOST_TRY(auto database, open_database_read_only(copy));
    BALUHOST_CHECK(check_trail(*database, directory, *digester));
    database.reset();
    remove_shared_files(directory);
  } else {
    if (auto there = open_database_read_only(*configuration)) return refused("the database is not empty: a backup is never restored over existing data");
  }

  ::umask(077);
  BALUHOST_CHECK(make_private_directory(configuration->server.data_dir));
  BALUHOST_CHECK(copy_keys(directory / "keys", configuration->server.keys_dir));
  if (fs::exists(directory / "audit.anchor")) BALUHOST_CHECK(copy_private(directory / "audit.anchor", configuration->audit.anchor_file));
  BackupFigures figures;
  Progress progress{"restoring blobs", static_cast<std::int64_t>(manifest.size()), "blobs"};
  for (const auto& [id, blob] : manifest) {
    figures.bytes += blob.size;
    if (with_blobs) BALUHOST_CHECK(copy_blob(directory / "blobs", configuration->files.blob_dir, id));
    progress.update(++figures.blobs);
  }
  if (sqlite) {
    const fs::path target = sqlite_path(*configuration);
    BALUHOST_CHECK(copy_private(directory / "baluhost.db", target.string() + ".restoring"));
    ::sync();
    std::error_code failure;
    fs::rename(target.string() + ".restoring", target, failure);
    if (failure) return failed(target, failure.message());
  } else {
    BALUHOST_CHECK(pass_password(*configuration));
    BALUHOST_CHECK(run_tool({"pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--dbname", configuration->database.url,
                             (directory / "baluhost.dump").string()}));
    BALUHOST_TRY(auto database, open_database_read_only(*configuration));
    BALUHOST_CHECK(check_trail(*database, directory, *digester));
  }
  BALUHOST_TRY(auto database, open_database_read_only(*configuration));
  BALUHOST_CHECK(database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const EventId newest, tx.audit().newest());
    figures.newest_event = newest.value;
    return {};
  }));
  return figures;
}

} // namespace baluhost::ctl
