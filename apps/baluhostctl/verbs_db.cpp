#include "output.hpp"
#include "program.hpp"

#include "baluhost/host/backup.hpp"
#include "baluhost/host/database_kind.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <iostream>

namespace baluhost::ctl {
namespace {

Result<int> status(Program& program) {
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  BALUHOST_TRY(const DatabaseStatus found, host->database().status());
  EventId newest;
  std::optional<Seal> seal;
  BALUHOST_CHECK(host->database().read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(newest, tx.audit().newest());
    BALUHOST_TRY(seal, tx.seals().newest());
    return {};
  }));
  const std::string url = redacted_url(configuration->database_url);
  if (program.json) {
    JsonObject json;
    json.add("kind", found.kind)
        .add("url", url)
        .add("schema_version", found.schema_version)
        .add("size_bytes", found.size_bytes);
    json.add("newest_event", newest.value);
    if (seal)
      json.add("newest_seal", seal->number.value);
    else
      json.add_null("newest_seal");
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

/// Structure and references of the database, and whether every content that it names is there.
Result<int> check(Program& program) {
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  const DatabaseOptions database = database_options(*configuration);
  BALUHOST_TRY(std::vector<std::string> problems,
               find_database_tools(database.url)->check(database));
  std::optional<BlobId> after;
  std::int64_t contents = 0;
  Progress progress{"looking for contents", 0, "contents"};
  for (;;) {
    std::vector<Content> page;
    BALUHOST_CHECK(host->database().read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(page, tx.files().contents(after, 1000));
      return {};
    }));
    if (page.empty()) break;
    for (const Content& content : page) {
      const auto reader = host->blobs().open(content.blob);
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

JsonObject to_json(const BackupFigures& figures) {
  return JsonObject{}
      .add("blobs", figures.blobs)
      .add("bytes", figures.bytes)
      .add("newest_event", figures.newest_event);
}

std::string sentence(const char* done, const BackupFigures& figures) {
  return fmt::format("{}: everything up to event {}, {} blobs of {} bytes", done,
                     figures.newest_event, figures.blobs, figures.bytes);
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

Result<int> make_backup(Program& program, const std::string& directory, bool with_blobs) {
  BALUHOST_TRY(Host * host, program.host());
  ::umask(077);
  BackupLine line;
  BALUHOST_TRY(const BackupFigures figures,
               back_up(*host, program.operator_principal(), directory, with_blobs, shown(line)));
  print_line(program.json ? to_json(figures).str() : sentence("backed up", figures));
  return kSuccess;
}

Result<int> restore_backup(Program& program, const std::string& directory) {
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  ::umask(077);
  BackupLine line;
  BALUHOST_TRY(const RestoreOutcome outcome, restore(*configuration, directory, shown(line)));
  if (!outcome.is_known_whole) {
    std::cerr << "baluhostctl: the backup is of an older version, which does not name its files: "
                 "that none of them is missing, the anchor least of all, could not be checked\n";
  }
  if (program.json) {
    std::vector<std::string> files;
    for (const std::string& path : outcome.missing_files) files.push_back(json_text(path));
    print_line(to_json(outcome.figures)
                   .add("known_whole", outcome.is_known_whole)
                   .add("missing", outcome.missing)
                   .add_json("missing_files", json_array(files))
                   .str());
  } else if (outcome.missing == 0) {
    print_line(sentence("restored", outcome.figures));
  } else {
    print_line(fmt::format(
        "{}, but {} of them are MISSING in {}: copy them there, then run baluhostctl files scrub",
        sentence("restored", outcome.figures), outcome.missing, configuration->files.blob_dir));
    for (const std::string& path : outcome.missing_files) print_line("missing: " + path);
  }
  return outcome.missing == 0 ? kSuccess : kFound;
}

struct BackupArguments {
  std::string directory;
  bool with_blobs{false};
};

} // namespace

void add_db_verbs(CLI::App& app, Verb& chosen) {
  auto* db = app.add_subcommand("db", "The database: state, checks, backups")
                 ->require_subcommand(1)
                 ->fallthrough();
  db->add_subcommand("status", "Shows kind, version and size")->fallthrough()->callback([&chosen] {
    chosen = status;
  });
  db->add_subcommand("check",
                     "Checks structure, references and that every content is there; exit 3 if not")
      ->fallthrough()
      ->callback([&chosen] { chosen = check; });
  db->add_subcommand("reindex", "Writes the index of names anew, which searches look names up in")
      ->fallthrough()
      ->callback([&chosen] { chosen = reindex; });
  auto arguments = std::make_shared<BackupArguments>();
  auto* backup =
      db->add_subcommand(
            "backup",
            "Backs up database, anchor, keys and the list of blobs, of a running server too")
          ->fallthrough();
  backup->add_option("DIR", arguments->directory, "A new or empty directory")->required();
  backup->add_flag("--with-blobs", arguments->with_blobs, "The contents too");
  backup->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) {
      return make_backup(program, arguments->directory, arguments->with_blobs);
    };
  });
  auto* restoring =
      db->add_subcommand(
            "restore",
            "Restores a checked backup into an empty data directory; exit 3 if blobs are missing")
          ->fallthrough();
  restoring->add_option("DIR", arguments->directory, "The backup")->required();
  restoring->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) {
      return restore_backup(program, arguments->directory);
    };
  });
}

} // namespace baluhost::ctl
