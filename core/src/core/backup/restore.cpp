// Several renames and the transaction of another program cannot be made one step. So there is a
// mark that says, as long as it exists, that a restore is under way, and what it makes: no host
// opens the data directory meanwhile, and a later try removes what an earlier one made. Only places
// that were empty are in it. The database comes last of what is put in place.

#include "backup/backup_contents.hpp"

#include "baluhost/core/backup/backup.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "baluhost/ports/seal_signer.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

namespace baluhost {
namespace {

constexpr std::string_view kContentKeys = "keys/content-";
constexpr std::size_t kMarksAtOnce = 1000;

Error refused(std::string why) { return Error{Errc::conflict, std::move(why)}; }

class Restore {
 public:
  Restore(const RestoreDependencies& deps, const RestoreOptions& options)
      : database_(deps.database_backup), files_(deps.files), deps_(deps), options_(options) {}

  Result<RestoreOutcome> run() {
    BALUHOST_CHECK(look_at_backup());
    const bool is_second_try = files_.is_marked();
    if (!is_second_try) BALUHOST_CHECK(check_is_absent());
    BALUHOST_CHECK(files_.lock());
    auto outcome = run_locked(is_second_try);
    if (!outcome) files_.release();
    return outcome;
  }

 private:
  Result<RestoreOutcome> run_locked(bool is_second_try) {
    if (is_second_try) BALUHOST_CHECK(undo());
    BALUHOST_CHECK(check_is_absent());
    BALUHOST_CHECK(files_.mark(description_.with_blobs, database_.places()));
    auto outcome = build_and_place();
    if (outcome) {
      if (options_.complete) {
        files_.release(); // a host locks its directory itself
        options_.complete(*outcome);
      }
      BALUHOST_CHECK(files_.unmark());
      return outcome;
    }
    if (auto undone = undo(); !undone) {
      Error error = std::move(outcome).error();
      error.detail += "; and what was made of it cannot be taken away: " + undone.error().detail;
      return error;
    }
    return outcome;
  }

  [[nodiscard]] std::string copy_of_database() const {
    return files_.path_of(database_.file_name());
  }

  /// unavailable: there is no such file.
  [[nodiscard]] Result<std::string> text_of(std::string_view file) const {
    auto text = files_.read(file);
    if (text || text.error().code != Errc::not_found) return text;
    return Error{Errc::unavailable,
                 files_.path_of(file) + ": cannot be read: this is no backup, or not a whole one"};
  }

  /// What `file` says, or an error with its path in front.
  template <class T>
  Result<T> parsed(std::string_view file, Result<T> (*parse)(std::string_view)) const {
    BALUHOST_TRY(const auto text, text_of(file));
    auto value = parse(text);
    if (!value)
      return Error{value.error().code, files_.path_of(file) + ": " + value.error().detail};
    return value;
  }

  Result<void> look_at_backup() {
    BALUHOST_TRY(description_, parsed(kBackupDescriptionFile, parse_description));
    if (description_.database != database_.kind()) {
      return refused(
          "the backup is of " + description_.database +
          ", and database.url names another kind: restore it there, then use baluhost-migrate");
    }
    BALUHOST_CHECK(look_at_files());
    BALUHOST_TRY(manifest_, parsed(kManifestFile, parse_manifest));
    BALUHOST_TRY(public_keys_, text_of("keys/" + std::string{kSealKeysFile}));
    return database_.check_copy(copy_of_database());
  }

  /// That what the backup says it is made of is there, and as it was. Without a key of contents
  /// only these are lost, and they are named.
  Result<void> look_at_files() const {
    if (!description_.files) return {};
    for (const BackupFile& named : *description_.files) {
      const bool is_content_key = named.name.starts_with(kContentKeys);
      const auto found = files_.examine(named.name);
      if (!found && found.error().code != Errc::not_found) return found.error();
      if (!found && is_content_key) continue;
      if (!found)
        return refused(files_.path_of(named.name) + " is missing: the backup is not whole");
      if (*found == named) continue;
      return refused(files_.path_of(named.name) +
                     " is damaged: it is not as it was when the backup was made" +
                     (is_content_key ? "; without it, moved elsewhere, all but the contents that "
                                       "need it is restored"
                                     : ""));
    }
    return {};
  }

  /// Nothing may be there already, and what a host does not make must be there.
  Result<void> check_is_absent() const {
    BALUHOST_CHECK(files_.check_is_absent(description_.with_blobs, database_.places()));
    return database_.check_is_absent();
  }

  /// Removes what a restore made of places that were empty before it, and its mark.
  Result<void> undo() const {
    BALUHOST_TRY(const std::string marked, files_.marked_database());
    if (!marked.empty()) {
      if (marked != database_.places().database) {
        return refused("a restore into " + marked +
                       " was not finished: restore into that database, or remove what it left "
                       "there and " +
                       files_.mark_path());
      }
      BALUHOST_CHECK(database_.clear());
    }
    return files_.undo();
  }

  Result<RestoreOutcome> build_and_place() {
    BALUHOST_CHECK(files_.copy_keys_and_anchor());
    if (description_.with_blobs) BALUHOST_CHECK(copy_blobs());
    {
      BALUHOST_TRY(const auto loaded, database_.load(copy_of_database()));
      BALUHOST_CHECK(check_rows(*loaded));
      BALUHOST_CHECK(check_contents(*loaded));
    }
    BALUHOST_CHECK(files_.place());
    BALUHOST_CHECK(database_.place());
    return finish();
  }

  Result<void> copy_blobs() {
    std::int64_t done = 0;
    for (const auto& [id, blob] : manifest_) {
      BALUHOST_TRY(const auto copy, files_.copy_blob(id));
      auto bad_blob = check_blob(id, blob, copy ? &*copy : nullptr);
      if (bad_blob && copy && !copy->is_copied) {
        bad_blob->is_missing = true; // in the host
        bad_blob->is_certain = true;
      }
      note(std::move(bad_blob));
      if (options_.progress)
        options_.progress(BackupStep::restoring_blobs, ++done,
                          static_cast<std::int64_t>(manifest_.size()));
    }
    return {};
  }

  /// Those that were brought by other means; only a scrub reads them whole.
  void look_at_blobs_in_place() {
    for (const auto& [id, blob] : manifest_) {
      const auto size = files_.size_in_place(id);
      const bool is_missing = !size && size.error().code == Errc::not_found;
      CopiedContent seen{.size = size.value_or(0), .sha256 = blob.sha256};
      if (!size) seen.trouble = "the content cannot be opened: " + size.error().detail;
      seen.is_opened = static_cast<bool>(size);
      note(check_blob(id, blob, is_missing ? nullptr : &seen));
    }
  }

  void note(std::optional<BadBlob> bad_blob) {
    if (bad_blob) bad_blobs_.push_back(*std::move(bad_blob));
  }

  /// That no content became bad since the backup was made.
  Result<void> check_contents(Database& database) const {
    if (options_.skip_damaged) return {};
    std::vector<BadBlob> since;
    std::ranges::copy_if(bad_blobs_, std::back_inserter(since),
                         [&](const BadBlob& bad_blob) { return is_new(bad_blob.blob); });
    if (since.empty()) return {};
    BALUHOST_TRY(const auto bad, to_bad_contents(database, since));
    std::string names;
    for (const BadContent& content : bad.named) {
      for (const auto& path : content.paths) names += (names.empty() ? "" : ", ") + path;
      if (content.paths.empty())
        names += (names.empty() ? "" : ", ") + content.blob.value + " in the trash";
    }
    if (bad.named.size() < since.size())
      names += " and " + std::to_string(since.size() - bad.named.size()) + " more";
    return refused(std::to_string(bad.count()) +
                   " contents were damaged or lost since the backup was made (" + names +
                   "): --skip-damaged restores all others");
  }

  /// That the list is of this database, and that its trail verifies.
  Result<void> check_rows(Database& database) const {
    BALUHOST_TRY(const Manifest needed,
                 query(database, [](ReadTransaction& tx) { return manifest_of(tx); }));
    if (needed != manifest_)
      return refused(files_.path_of(kManifestFile) +
                     " does not list what the database of the backup refers to");
    BALUHOST_TRY(const auto keys, deps_.verifier(public_keys_));
    BALUHOST_TRY(const auto anchor, files_.anchor());
    BALUHOST_TRY(const auto report,
                 verify_trail(database, *keys, deps_.digester, anchor, MissingAnchor::allowed));
    for (const VerifyProblem& problem : report.problems) {
      // A row that was slipped in is none of the trail: no start seals it, and each verification
      // names it.
      if (problem.kind == ProblemKind::event_unsealed) continue;
      return refused("the audit trail of the backup does not verify: " +
                     std::string{to_string(problem.kind)} + ": " + problem.detail);
    }
    return {};
  }

  /// The figures; and bad contents are marked in the database.
  Result<RestoreOutcome> finish() {
    if (!description_.with_blobs) look_at_blobs_in_place();
    RestoreOutcome outcome;
    outcome.is_known_whole = description_.files.has_value();
    outcome.made_at = description_.created_at;
    for (const auto& [id, blob] : manifest_) {
      ++outcome.figures.blobs;
      outcome.figures.bytes += blob.size;
    }
    std::vector<BadBlob> certain;
    std::ranges::copy_if(bad_blobs_, std::back_inserter(certain), &BadBlob::is_certain);
    BALUHOST_TRY(const auto database, database_.open(certain.empty()));
    BALUHOST_TRY(const EventId newest,
                 query(*database, [](ReadTransaction& tx) { return tx.audit().newest(); }));
    outcome.figures.newest_event = newest;
    BALUHOST_TRY(outcome.figures.bad, to_bad_contents(*database, bad_blobs_));
    for (BadContent& content : outcome.figures.bad.named) content.is_new = is_new(content.blob);
    for (std::size_t begin = 0; begin < certain.size(); begin += kMarksAtOnce) {
      const std::size_t end = std::min(begin + kMarksAtOnce, certain.size());
      BALUHOST_CHECK(mark(*database, std::span{certain}.subspan(begin, end - begin)));
    }
    return outcome;
  }

  /// A backup without blobs says nothing of contents.
  [[nodiscard]] bool is_new(const BlobId& blob) const {
    return description_.with_blobs &&
           std::ranges::find(description_.bad_blobs, blob, &BadBlob::blob) ==
               description_.bad_blobs.end();
  }

  Result<void> mark(Database& database, std::span<const BadBlob> bad_blobs) const {
    return database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      for (const BadBlob& bad_blob : bad_blobs) {
        BALUHOST_CHECK(tx.blobs().clear_damaged(bad_blob.blob));
        BALUHOST_CHECK(
            tx.blobs().mark_damaged(bad_blob.blob, kind_of(bad_blob), deps_.clock.now()));
      }
      return {};
    });
  }

  DatabaseBackup& database_;
  RestoreFiles& files_;
  const RestoreDependencies& deps_;
  const RestoreOptions& options_;
  BackupDescription description_;
  Manifest manifest_;
  std::vector<BadBlob> bad_blobs_;
  std::string public_keys_;
};

} // namespace

Result<RestoreOutcome> restore(const RestoreDependencies& deps, const RestoreOptions& options) {
  return Restore{deps, options}.run();
}

} // namespace baluhost
