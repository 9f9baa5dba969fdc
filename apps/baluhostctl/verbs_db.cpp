#include "output.hpp"
#include "program.hpp"

#include "baluhost/host/backup.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/ports/transactions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <iostream>

namespace baluhost::ctl {
namespace {

Result<int> status(Program& program) {
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  BALUHOST_TRY(const DatabaseStatus found, host->database().status());
  struct Trail {
    EventId newest;
    std::optional<Seal> seal;
  };
  BALUHOST_TRY(const auto trail, query(host->database(), [](ReadTransaction& tx) -> Result<Trail> {
                 BALUHOST_TRY(const auto newest, tx.audit().newest());
                 BALUHOST_TRY(auto seal, tx.seals().newest());
                 return Trail{newest, std::move(seal)};
               }));
  const auto& [newest, seal] = trail;
  const std::string url = redacted_url(configuration->database_url);
  if (program.json) {
    JsonObject json;
    json.add("kind", found.kind)
        .add("url", url)
        .add("schema_version", found.schema_version)
        .add("size_bytes", found.size_bytes);
    json.add("newest_event", newest.value)
        .add_or_null("newest_seal", seal ? std::optional{seal->number.value} : std::nullopt);
    print_line(json.str());
    return kSuccess;
  }
  print_table({"WHAT", "IS"},
              {{"database", url},
               {"kind", found.kind},
               {"schema version", std::to_string(found.schema_version)},
               {"size", std::to_string(found.size_bytes) + " bytes"},
               {"newest event", std::to_string(newest.value)},
               {"newest seal", seal ? std::to_string(seal->number.value) : "none"}});
  return kSuccess;
}

/// Adds to `problems` what is wrong with the contents that the database names; returns how many
/// these are.
Result<std::int64_t> look_for_contents(Host& host, std::vector<std::string>& problems) {
  std::optional<BlobId> after;
  std::int64_t contents = 0;
  Progress progress{"looking for contents", 0, "contents"};
  for (;;) {
    BALUHOST_TRY(const auto page, query(host.database(), [&](ReadTransaction& tx) {
                   return tx.files().contents(after, 1000);
                 }));
    if (page.empty()) return contents;
    for (const Content& content : page) {
      const auto reader = host.blobs().open(content.blob);
      if (!reader)
        problems.push_back("the blob " + content.blob.value +
                           (reader.error().code == Errc::not_found
                                ? " is missing"
                                : " cannot be opened: " + reader.error().detail));
      else if ((*reader)->size() != content.size)
        problems.push_back("the blob " + content.blob.value + " has another size than its file");
      progress.update(++contents);
    }
    after = page.back().blob;
  }
}

/// Structure and references of the database, and whether every content that it names is there.
Result<int> check(Program& program) {
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  const DatabaseOptions database = database_options(*configuration);
  BALUHOST_TRY(std::vector<std::string> problems,
               find_database_tools(database.url)->check(database));
  BALUHOST_TRY(const std::int64_t contents, look_for_contents(*host, problems));
  if (program.json) {
    std::vector<std::string> texts;
    for (const std::string& problem : problems) texts.push_back(json_text(problem));
    print_line(JsonObject{}
                   .add("ok", problems.empty())
                   .add("contents", contents)
                   .add_json("problems", json_array(texts))
                   .str());
  } else {
    for (const std::string& problem : problems) print_line(problem);
    print_line(problems.empty() ? fmt::format("sound: {} contents", contents)
                                : fmt::format("DAMAGED: {} problems; {} contents looked for",
                                              problems.size(), contents));
  }
  return problems.empty() ? kSuccess : kFound;
}

/// Writes what searches look up anew.
Result<int> reindex(Program& program) {
  BALUHOST_CHECK(program.host());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  const DatabaseOptions database = database_options(*configuration);
  BALUHOST_TRY(const auto wrong, find_database_tools(database.url)->reindex(database));
  if (program.json)
    print_line(JsonObject{}.add("wrong_keys", wrong).str());
  else
    print_line(fmt::format("indexed; {} names had a wrong search key", wrong));
  return kSuccess;
}

std::string_view kind_of(const BadContent& content) {
  return content.is_missing ? "missing" : "damaged";
}

JsonObject to_json(const BadContent& content) {
  std::vector<std::string> paths;
  for (const std::string& path : content.paths) paths.push_back(json_text(path));
  return JsonObject{}
      .add("kind", kind_of(content))
      .add("blob", content.blob.value)
      .add_json("paths", json_array(paths))
      .add("detail", content.detail);
}

enum class Deed { backup, restore };

/// Of a restore with what of it is new.
JsonObject to_json(const BackupFigures& figures, Deed deed) {
  std::vector<std::string> findings;
  for (const BadContent& content : figures.bad.named) {
    JsonObject json = to_json(content);
    if (deed == Deed::restore) json.add("new", content.is_new);
    findings.push_back(json.str());
  }
  return JsonObject{}
      .add("blobs", figures.blobs)
      .add("bytes", figures.bytes)
      .add("newest_event", figures.newest_event.value)
      .add("damaged", figures.bad.damaged)
      .add("missing", figures.bad.missing)
      .add_json("findings", json_array(findings));
}

/// One line for each that is named, and one for the rest.
void print_bad(const BadContents& bad) {
  for (const BadContent& content : bad.named) {
    const std::string where = content.paths.empty()
                                  ? "the blob " + content.blob.value
                                  : fmt::format("{}", fmt::join(content.paths, ", "));
    print_line(fmt::format("{}: {}: {}{}", kind_of(content), where, content.detail,
                           content.is_new ? " (since the backup was made)" : ""));
  }
  const auto rest = bad.count() - static_cast<std::int64_t>(bad.named.size());
  if (rest > 0) print_line(fmt::format("and {} more: baluhostctl files scrub names all", rest));
}

std::string sentence(const char* done, const BackupFigures& figures) {
  return fmt::format("{}: everything up to event {}, {} blobs of {} bytes", done,
                     figures.newest_event.value, figures.blobs, figures.bytes);
}

/// Each step as a line of its own on the terminal.
class BackupLine {
 public:
  void show(BackupStep step, std::int64_t done, std::int64_t total) {
    if (!line_ || step != step_) {
      line_.reset();
      const bool is_database = step == BackupStep::copying_database;
      line_.emplace(is_database                         ? "copying the database"
                    : step == BackupStep::copying_blobs ? "copying blobs"
                                                        : "restoring blobs",
                    0, is_database ? "pages" : "blobs");
      step_ = step;
    }
    line_->update(done, total);
  }

 private:
  std::optional<Progress> line_;
  BackupStep step_{};
};

BackupProgress shown(BackupLine& line) {
  return [&line](BackupStep step, std::int64_t done, std::int64_t total) {
    line.show(step, done, total);
  };
}

struct BackupArguments {
  std::string directory;
  bool with_blobs{false};
  bool skip_damaged{false};
};

Result<int> make_backup(Program& program, const BackupArguments& arguments) {
  BALUHOST_TRY(Host * host, program.host());
  ::umask(077);
  BackupLine line;
  BALUHOST_TRY(const BackupFigures figures, back_up(*host, calling_operator(), arguments.directory,
                                                    arguments.with_blobs, shown(line)));
  const BadContents& bad = figures.bad;
  if (program.json) {
    print_line(to_json(figures, Deed::backup).str());
  } else if (bad.count() == 0) {
    print_line(sentence("backed up", figures));
  } else {
    print_line(fmt::format("{}, but {} of them are DAMAGED and {} MISSING; all else is in it",
                           sentence("backed up", figures), bad.damaged, bad.missing));
    print_bad(bad);
  }
  return bad.count() == 0 ? kSuccess : kFound;
}

/// What a restore left undone.
void warn_of(const RestoreOutcome& outcome) {
  if (!outcome.is_known_whole) {
    std::cerr << "baluhostctl: the backup is of an older version, which does not name its files: "
                 "that none of them is missing, the anchor least of all, could not be checked\n";
  }
  if (!outcome.trouble.empty()) {
    std::cerr
        << "baluhostctl: that this is a restored backup is not on record in it, or unfinished "
           "uploads of which the bytes are not there were not ended and will expire: "
        << outcome.trouble << "\n";
  }
}

std::string to_json(const RestoreOutcome& outcome) {
  std::vector<std::string> files;
  for (const BadContent& content : outcome.figures.bad.named) {
    if (!content.is_missing) continue;
    for (const std::string& path : content.paths) files.push_back(json_text(path));
  }
  return to_json(outcome.figures, Deed::restore)
      .add("known_whole", outcome.is_known_whole)
      .add_json("missing_files", json_array(files))
      .add("ended_uploads", outcome.ended_uploads)
      .str();
}

Result<int> restore_backup(Program& program, const BackupArguments& arguments) {
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  ::umask(077);
  BackupLine line;
  BALUHOST_TRY(const RestoreOutcome outcome,
               restore(*configuration, calling_operator(), arguments.directory,
                       {.skip_damaged = arguments.skip_damaged, .progress = shown(line)}));
  warn_of(outcome);
  const BadContents& bad = outcome.figures.bad;
  if (program.json) {
    print_line(to_json(outcome));
  } else if (bad.count() == 0) {
    print_line(sentence("restored", outcome.figures));
  } else {
    print_line(fmt::format(
        "{}, but {} of them are DAMAGED and {} MISSING in {}: put sound ones there, then run "
        "baluhostctl files scrub",
        sentence("restored", outcome.figures), bad.damaged, bad.missing,
        configuration->files.blob_dir));
    print_bad(bad);
  }
  if (!program.json && outcome.ended_uploads > 0) {
    print_line(fmt::format("{} unfinished uploads were ended: a backup does not have their bytes",
                           outcome.ended_uploads));
  }
  return bad.count() == 0 ? kSuccess : kFound;
}

} // namespace

void add_db_verbs(CLI::App& app, Verb& chosen) {
  auto* db = add_word(app, "db", "The database: state, checks, backups");
  const auto plain = [&](const char* name, const char* help, Result<int> (*run)(Program&)) {
    db->add_subcommand(name, help)->fallthrough()->callback([&chosen, run] { chosen = run; });
  };
  plain("status", "Shows kind, version and size", status);
  plain("check", "Checks structure, references and that every content is there; exit 3 if not",
        check);
  plain("reindex", "Writes the index of names anew, which searches look names up in", reindex);
  auto arguments = std::make_shared<BackupArguments>();
  const auto verb = verbs_of(db, chosen, arguments);
  auto* backup = verb(
      "backup",
      "Backs up database, anchor, keys and the list of blobs, of a running server too; exit 3 if "
      "contents are damaged or missing",
      make_backup);
  backup->add_option("DIR", arguments->directory, "A new or empty directory")->required();
  backup->add_flag("--with-blobs", arguments->with_blobs, "The contents too");
  auto* restoring = verb(
      "restore",
      "Restores a checked backup into an empty data directory; exit 3 if contents are damaged or "
      "missing",
      restore_backup);
  restoring->add_option("DIR", arguments->directory, "The backup")->required();
  restoring->add_flag("--skip-damaged", arguments->skip_damaged,
                      "Also one of which contents were damaged since: all others are restored");
}

} // namespace baluhost::ctl
