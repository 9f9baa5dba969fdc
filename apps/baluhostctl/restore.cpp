// Several renames and the transaction of another program cannot be made one step. So there is a
// file that says, as long as it exists, that a restore is under way, and what it makes: no program
// opens the data directory meanwhile, and a later try takes away what an earlier one made. Only
// places that were empty are in it. The database comes last of what is put in place.

#include "restore.hpp"

#include "backup_files.hpp"
#include "output.hpp"

#include "baluhost/core/seals/verify.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/offline.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

namespace baluhost::ctl {
namespace {

constexpr auto kAside =
    ".restoring"; ///< a directory in the place of what comes there, or the end of a file's name
constexpr std::size_t kMostFiles = 10;
constexpr std::size_t kMarksAtOnce = 1000;

Error refused(std::string why) { return Error{Errc::conflict, std::move(why)}; }
Error os_error(const fs::path& path) { return failed(path, std::strerror(errno)); }
fs::path with(const fs::path& path, const std::string& end) { return path.string() + end; }
fs::path parent_of(const fs::path& path) {
  return fs::absolute(path).lexically_normal().parent_path();
}

/// Flushes what was written below the file system of `directory`, and its names.
Result<void> flush(const fs::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return os_error(directory);
  const bool is_flushed = ::syncfs(fd) == 0;
  const auto failure = os_error(directory);
  ::close(fd);
  return is_flushed ? Result<void>{} : failure;
}

Result<void> rename_to(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::rename(from, to, failure);
  if (failure) return failed(to, failure.message());
  return {};
}

/// Copies one blob and compares what was copied.
Result<void> copy_blob(const fs::path& from, const fs::path& to, const BackupBlob& blob,
                       const Digester& digester) {
  std::ifstream source{from, std::ios::binary};
  if (!source) return refused("the backup lacks the blob " + from.filename().string());
  BALUHOST_CHECK(make_private_directory(to.parent_path().string()));
  std::ofstream copy{to, std::ios::binary | std::ios::trunc};
  const auto hash = digester.sha256_stream();
  std::string buffer(1 << 18, '\0');
  while (copy && (source.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
                  source.gcount() > 0)) {
    hash->update({buffer.data(), static_cast<std::size_t>(source.gcount())});
    copy.write(buffer.data(), source.gcount());
  }
  copy.close();
  if (!copy) return os_error(to);
  if (hash->digest().hex() != blob.sha256)
    return refused("the blob " + from.filename().string() + " of the backup is damaged");
  return {};
}

/// What a restore makes: the text of the file that says that it is under way.
struct Places {
  std::vector<fs::path> directories; ///< that were absent or empty
  std::vector<fs::path> files;       ///< that were absent
  std::string database;              ///< of PostgreSQL, without secrets; empty: none

  [[nodiscard]] std::string text() const {
    std::string lines;
    for (const fs::path& path : directories) lines += "directory " + path.string() + "\n";
    for (const fs::path& path : files) lines += "file " + path.string() + "\n";
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
      else if (line.starts_with("database "))
        places.database = value;
    }
    return places;
  }
};

class Restore {
 public:
  Restore(const Configuration& configuration, std::unique_ptr<DatabaseBackup> database,
          fs::path backup)
      : c_(configuration), database_(std::move(database)), backup_(std::move(backup)) {}

  Result<RestoreOutcome> run() {
    BALUHOST_CHECK(look_at_backup());
    const fs::path mark = restore_mark(c_);
    const bool is_second_try = fs::exists(mark);
    if (!is_second_try) BALUHOST_CHECK(look_at_places());
    ::umask(077);
    BALUHOST_CHECK(make_private_directory(c_.data_dir));
    BALUHOST_TRY(const auto lock, DirectoryLock::acquire(c_.data_dir));
    if (is_second_try) {
      BALUHOST_TRY(const std::string text, read_text(mark));
      BALUHOST_CHECK(undo(Places::parse(text)));
    }
    BALUHOST_CHECK(look_at_places());
    const Places places = all_places();
    BALUHOST_CHECK(write_private_file(mark.string(), places.text()));
    auto outcome = build_and_place();
    if (outcome) {
      BALUHOST_CHECK(remove_mark());
      return outcome;
    }
    if (auto undone = undo(places); !undone) {
      Error error = std::move(outcome).error();
      error.detail += "; and what was made of it cannot be taken away: " + undone.error().detail;
      return error;
    }
    return outcome;
  }

 private:
  [[nodiscard]] std::vector<fs::path> directories() const {
    std::vector<fs::path> all{c_.keys_dir};
    if (description_.with_blobs) all.emplace_back(c_.files.blob_dir);
    return all;
  }

  Result<void> look_at_backup() {
    BALUHOST_TRY(description_, read_description(backup_));
    if (description_.database != database_->kind()) {
      return refused(
          "the backup is of " + description_.database +
          ", and database.url names another kind: restore it there, then use baluhost-migrate");
    }
    BALUHOST_TRY(manifest_, read_manifest(backup_));
    BALUHOST_TRY(public_keys_, read_text(backup_ / kKeys / "audit-ed25519.pub.pem"));
    BALUHOST_CHECK(database_->check_copy(copy_of_database()));
    std::error_code failure;
    for (const auto& [id, blob] : manifest_) {
      if (description_.with_blobs && !fs::exists(place_of(backup_ / kBlobs, id), failure))
        return refused("the backup lacks the blob " + id);
    }
    return {};
  }

  /// Nothing may be there already, and what the server does not make must be there.
  Result<void> look_at_places() const {
    for (const fs::path& path : directories()) {
      if (!is_absent_or_empty(path)) return exists(path);
    }
    const fs::path anchor = c_.audit.anchor_file;
    if (fs::exists(fs::symlink_status(anchor))) return exists(anchor);
    BALUHOST_CHECK(check_parent(anchor));
    if (const fs::path file = database_->places().file; !file.empty())
      BALUHOST_CHECK(check_parent(file));
    return database_->check_is_absent();
  }

  [[nodiscard]] std::string copy_of_database() const {
    return (backup_ / database_->file_name()).string();
  }

  [[nodiscard]] Result<void> check_parent(const fs::path& path) const {
    const fs::path parent = parent_of(path);
    if (fs::is_directory(parent) || parent == parent_of(restore_mark(c_))) return {};
    return failed(parent,
                  "does not exist: " + path.filename().string() + " cannot be restored there");
  }

  static Error exists(const fs::path& path) {
    return refused(path.string() + " exists: a backup is never restored over existing data");
  }

  [[nodiscard]] Places all_places() const {
    Places places;
    for (const fs::path& path : directories()) places.directories.push_back(fs::absolute(path));
    for (const fs::path& base :
         {fs::absolute(c_.audit.anchor_file), with(fs::absolute(c_.audit.anchor_file), kAside)})
      places.files.push_back(base);
    RestorePlaces of_database = database_->places();
    for (std::string& file : of_database.files) places.files.emplace_back(std::move(file));
    places.database = std::move(of_database.database);
    return places;
  }

  /// Takes away what a restore made of `places`, which were empty before it, and its mark.
  Result<void> undo(const Places& places) const {
    if (!places.database.empty()) {
      if (places.database != database_->places().database) {
        return refused(
            "a restore into " + places.database +
            " was not finished: restore into that database, or remove what it left there and " +
            restore_mark(c_));
      }
      BALUHOST_CHECK(database_->clear());
    }
    std::error_code failure;
    for (const fs::path& path : places.directories) {
      fs::remove_all(path / kAside, failure);
      if (!failure) {
        for (fs::directory_iterator it{path, failure}, end; !failure && it != end;
             it.increment(failure))
          fs::remove_all(it->path(), failure);
      }
      if (failure && failure != std::errc::no_such_file_or_directory)
        return failed(path, failure.message());
    }
    for (const fs::path& path : places.files) {
      if (!fs::remove(path, failure) && failure) return failed(path, failure.message());
    }
    return remove_mark();
  }

  Result<void> remove_mark() const {
    BALUHOST_CHECK(flush(c_.data_dir));
    std::error_code failure;
    fs::remove(restore_mark(c_), failure);
    if (failure) return failed(restore_mark(c_), failure.message());
    return flush(c_.data_dir);
  }

  Result<RestoreOutcome> build_and_place() {
    BALUHOST_CHECK(build());
    {
      BALUHOST_TRY(const auto loaded, database_->load(copy_of_database()));
      BALUHOST_CHECK(check_rows(*loaded));
    }
    BALUHOST_CHECK(place());
    return finish();
  }

  /// Everything but the database, beside its place.
  Result<void> build() const {
    const fs::path keys = c_.keys_dir;
    BALUHOST_CHECK(copy_keys(backup_ / kKeys, keys / kAside));
    BALUHOST_CHECK(flush(keys));
    if (fs::exists(backup_ / kAnchor))
      BALUHOST_CHECK(copy_private(backup_ / kAnchor, with(c_.audit.anchor_file, kAside)));
    if (!description_.with_blobs) return {};
    const fs::path blobs = fs::path{c_.files.blob_dir} / kAside;
    BALUHOST_CHECK(make_private_directory(blobs.string()));
    Progress progress{"restoring blobs", static_cast<std::int64_t>(manifest_.size()), "blobs"};
    std::int64_t done = 0;
    for (const auto& [id, blob] : manifest_) {
      BALUHOST_CHECK(
          copy_blob(place_of(backup_ / kBlobs, id), place_of(blobs, id), blob, *digester_));
      progress.update(++done);
    }
    return flush(blobs);
  }

  Result<void> check_rows(Database& database) const {
    Manifest needed;
    BALUHOST_CHECK(database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(needed, manifest_of(tx));
      return {};
    }));
    if (needed != manifest_)
      return refused((backup_ / kManifest).string() +
                     " does not list what the database of the backup refers to");
    BALUHOST_TRY(const auto keys, make_seal_verifier(public_keys_));
    BALUHOST_TRY(const auto anchor, newest_anchor((backup_ / kAnchor).string()));
    BALUHOST_TRY(const auto report, verify_trail(database, *keys, *digester_, anchor, false));
    for (const VerifyProblem& problem : report.problems) {
      // A row that was slipped in is none of the trail: no start seals it, and each verification
      // names it.
      if (problem.kind == "event_unsealed") continue;
      return refused("the audit trail of the backup does not verify: " + problem.kind + ": " +
                     problem.detail);
    }
    return {};
  }

  Result<void> place() const {
    for (const fs::path& directory : directories()) {
      std::vector<fs::path> built;
      std::error_code failure;
      for (const auto& entry : fs::directory_iterator{directory / kAside, failure})
        built.push_back(entry.path());
      if (failure) return failed(directory / kAside, failure.message());
      for (const fs::path& path : built)
        BALUHOST_CHECK(rename_to(path, directory / path.filename()));
      fs::remove(directory / kAside, failure);
      if (failure) return failed(directory / kAside, failure.message());
      BALUHOST_CHECK(flush(directory));
    }
    const fs::path anchor = c_.audit.anchor_file;
    if (fs::exists(with(anchor, kAside))) {
      BALUHOST_CHECK(rename_to(with(anchor, kAside), anchor));
      BALUHOST_CHECK(flush(parent_of(anchor)));
    }
    return database_->place();
  }

  /// The figures, and on record in the database what of its contents is not there.
  Result<RestoreOutcome> finish() const {
    RestoreOutcome outcome;
    std::vector<BlobId> missing;
    for (const auto& [id, blob] : manifest_) {
      ++outcome.figures.blobs;
      outcome.figures.bytes += blob.size;
      std::error_code failure;
      const auto size = fs::file_size(place_of(c_.files.blob_dir, id), failure);
      if (failure || size != static_cast<std::uintmax_t>(blob.size)) missing.push_back(BlobId{id});
    }
    outcome.missing = static_cast<std::int64_t>(missing.size());
    BALUHOST_TRY(const auto database,
                 open_database(database_options(c_),
                               missing.empty() ? DatabaseAccess::read : DatabaseAccess::write));
    BALUHOST_CHECK(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const EventId newest, tx.audit().newest());
      outcome.figures.newest_event = newest.value;
      outcome.missing_files.clear();
      for (const BlobId& blob : missing) {
        if (outcome.missing_files.size() >= kMostFiles) break;
        BALUHOST_TRY(const auto paths,
                     tx.files().paths_of_blob(blob, kMostFiles - outcome.missing_files.size()));
        for (const FilePath& path : paths) outcome.missing_files.push_back(path.str());
      }
      return {};
    }));
    for (std::size_t begin = 0; begin < missing.size(); begin += kMarksAtOnce) {
      BALUHOST_CHECK(database->bookkeep([&](Bookkeeping& books) -> Result<void> {
        for (std::size_t i = begin; i < std::min(begin + kMarksAtOnce, missing.size()); ++i) {
          BALUHOST_CHECK(books.uploads().clear_damaged(missing[i]));
          BALUHOST_CHECK(books.uploads().mark_damaged(missing[i], "missing", system_now()));
        }
        return {};
      }));
    }
    return outcome;
  }

  const Configuration& c_;
  const std::unique_ptr<DatabaseBackup> database_;
  const fs::path backup_;
  const std::unique_ptr<Digester> digester_{make_digester()};
  Description description_;
  Manifest manifest_;
  std::string public_keys_;
};

} // namespace

Result<RestoreOutcome> restore(Program& program, const fs::path& directory) {
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  const DatabaseOptions options = database_options(*configuration);
  BALUHOST_TRY(auto database, find_database_kind(options.url)->backup(options));
  return Restore{*configuration, std::move(database), directory}.run();
}

} // namespace baluhost::ctl
