#include "backup.hpp"
#include "output.hpp"
#include "program.hpp"

#include "baluhost/sqlite/sqlite_maintenance.hpp"

#include <fmt/format.h>

namespace baluhost::ctl {
namespace {

Result<int> status(Program& program) {
  BALUHOST_TRY(Backend * backend, program.backend());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  BALUHOST_TRY(const DatabaseStatus found, backend->database->status());
  EventId newest;
  std::optional<Seal> seal;
  BALUHOST_CHECK(backend->database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(newest, tx.audit().newest());
    BALUHOST_TRY(seal, tx.seals().newest());
    return {};
  }));
  const std::string url = redacted_url(configuration->database.url);
  if (program.json) {
    JsonObject json;
    json.add("kind", found.kind).add("url", url).add("schema_version", found.schema_version).add("size_bytes", found.size_bytes);
    json.add("newest_event", newest.value);
    if (seal) json.add("newest_seal", seal->number.value);
    else json.add_null("newest_seal");
    print_line(json.str());
    return kSuccess;
  }
  print_table({"WHAT", "IS"}, {{"database", url},
                               {"kind", found.kind},
                               {"schema version", std::to_string(found.schema_version)},
                               {"size", std::to_string(found.size_bytes) + " bytes"},
                               {"newest event", std::to_string(newest.value)},
                               {"newest seal", seal ? std::to_string(seal->number.value) : "none"}});
  return kSuccess;
}

/// Structure and references of the database, and whether every content that it names is there.
Result<int> check(Program& program) {
  BALUHOST_TRY(Backend * backend, program.backend());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  std::vector<std::string> problems;
  if (is_sqlite(*configuration)) {
    BALUHOST_TRY(problems, check_sqlite(sqlite_path(*configuration)));
  }
  std::optional<BlobId> after;
  std::int64_t contents = 0;
  Progress progress{"looking for contents", 0, "contents"};
  for (;;) {
    std::vector<Content> page;
    BALUHOST_CHECK(backend->database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(page, tx.files().contents(after, 1000));
      return {};
    }));
    if (page.empty()) break;
    for (const Content& content : page) {
      const auto reader = backend->blobs->open(content.blob);
      if (!reader) problems.push_back("the blob " + content.blob.value + " is missing");
      else if ((*reader)->size() != content.size) problems.push_back("the blob " + content.blob.value + " has another size than its file");
      progress.update(++contents);
    }
    after = page.back().blob;
  }
  if (program.json) {
    std::vector<std::string> texts;
    for (const std::string& problem : problems) texts.push_back(json_text(problem));
    print_line(JsonObject{}.add("ok", problems.empty()).add("contents", contents).add_json("problems", json_array(texts)).str());
  } else {
    for (const std::string& problem : problems) print_line(problem);
    print_line(fmt::format("{}: {} contents", problems.empty() ? "sound" : "DAMAGED", contents));
  }
  return problems.empty() ? kSuccess : kFound;
}

void show(const Program& program, const BackupFigures& figures, const char* done) {
  print_line(program.json ? JsonObject{}.add("blobs", figures.blobs).add("bytes", figures.bytes).add("newest_event", figures.newest_event).str()
                          : fmt::format("{}: everything up to event {}, {} blobs of {} bytes", done, figures.newest_event, figures.blobs, figures.bytes));
}

struct BackupArguments {
  std::string directory;
  bool with_blobs{false};
};

} // namespace

void add_db_verbs(CLI::App& app, Verb& chosen) {
  auto* db = app.add_subcommand("db", "The database: state, checks, backups")->require_subcommand(1)->fallthrough();
  db->add_subcommand("status", "Shows kind, version and size")->fallthrough()->callback([&chosen] { chosen = status; });
  db->add_subcommand("check", "Checks structure, references and that every content is there; exit 3 if not")->fallthrough()->callback([&chosen] {
    chosen = check;
  });
  auto arguments = std::make_shared<BackupArguments>();
  auto* backup = db->add_subcommand("backup", "Backs up database, anchor, keys and the list of blobs, of a running server too")->fallthrough();
  backup->add_option("DIR", arguments->directory, "A new or empty directory")->required();
  backup->add_flag("--with-blobs", arguments->with_blobs, "The contents too");
  backup->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) -> Result<int> {
      BALUHOST_TRY(const BackupFigures figures, back_up(program, arguments->directory, arguments->with_blobs));
      show(program, figures, "backed up");
      return kSuccess;
    };
  });
  auto* restoring = db->add_subcommand("restore", "Restores a backup into an empty data directory, after checking all of it")->fallthrough();
  restoring->add_option("DIR", arguments->directory, "The backup")->required();
  restoring->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) -> Result<int> {
      BALUHOST_TRY(const BackupFigures figures, restore(program, arguments->directory));
      show(program, figures, "restored");
      return kSuccess;
    };
  });
}

} // namespace baluhost::ctl
