#include "import.hpp"
#include "output.hpp"
#include "program.hpp"
#include "units.hpp"

#include "baluhost/core/operations/scrub.hpp"
#include "baluhost/core/operations/sweep.hpp"

#include <fmt/format.h>

namespace baluhost::ctl {
namespace {

struct FilesArguments {
  std::string directory;
  std::string path;
  std::string rate;
};

std::string finding_json(const ScrubFinding& finding) {
  std::vector<std::string> paths;
  for (const std::string& path : finding.paths) paths.push_back(json_text(path));
  return JsonObject{}
      .add("kind", to_string(finding.kind))
      .add("blob", finding.blob.value)
      .add_json("paths", json_array(paths))
      .add("detail", finding.detail)
      .str();
}

Result<int> scrub_blobs(Program& program, const FilesArguments& arguments) {
  ScrubOptions options;
  if (!arguments.rate.empty()) {
    BALUHOST_TRY(options.bytes_per_second, argument("--rate must be", parse_size(arguments.rate)));
  }
  BALUHOST_TRY(Host * host, program.host());
  const Principal who = calling_operator();
  Progress progress{"scrubbing", 0, "bytes"};
  options.progress = [&](std::int64_t, std::int64_t bytes) {
    progress.update(bytes);
    return true;
  };
  BALUHOST_TRY(const ScrubReport report, scrub(host->database(), host->blobs(), host->audit_log(),
                                               host->digester(), host->clock(), &who, options));
  bool damage = false;
  std::vector<std::string> findings;
  for (const ScrubFinding& finding : report.findings) {
    damage = damage || finding.kind != ScrubKind::orphan;
    findings.push_back(finding_json(finding));
  }
  if (program.json) {
    print_line(JsonObject{}
                   .add("ok", !damage)
                   .add("blobs", report.blobs)
                   .add("bytes", report.bytes)
                   .add_json("findings", json_array(findings))
                   .str());
  } else {
    for (const ScrubFinding& finding : report.findings) {
      print_line(fmt::format(
          "{} {}: {}{}", to_string(finding.kind), finding.blob.value, finding.detail,
          finding.paths.empty() ? "" : fmt::format(" ({})", fmt::join(finding.paths, ", "))));
    }
    print_line(fmt::format("{} blobs, {} bytes: {}", report.blobs, report.bytes,
                           damage ? "DAMAGED" : "sound"));
  }
  return damage ? kFound : kSuccess;
}

Result<int> collect_garbage(Program& program) {
  BALUHOST_TRY(Host * host, program.host());
  Progress progress{"looking", 0, "blobs"};
  BALUHOST_TRY(const SweepResult doomed, sweep_doomed(host->database(), host->blobs()));
  // An upload of the running server publishes its blob a moment before its row.
  BALUHOST_TRY(
      const SweepResult orphans,
      sweep_orphans(host->database(), host->blobs(), host->clock().now() - std::chrono::minutes{1},
                    [&](std::int64_t seen) { progress.update(seen); }));
  const std::int64_t blobs = doomed.blobs + orphans.blobs;
  const std::int64_t bytes = doomed.bytes + orphans.bytes;
  print_line(program.json ? JsonObject{}.add("blobs", blobs).add("bytes", bytes).str()
                          : fmt::format("{} blobs removed, {} bytes", blobs, bytes));
  return kSuccess;
}

int report(const Program& program, const ImportOutcome& outcome, const char* done) {
  if (program.json) {
    const auto list = [](const std::vector<std::string>& items) {
      std::vector<std::string> texts;
      for (const std::string& item : items) texts.push_back(json_text(item));
      return json_array(texts);
    };
    print_line(JsonObject{}
                   .add("files", outcome.files)
                   .add("bytes", outcome.bytes)
                   .add("unchanged", outcome.unchanged)
                   .add_json("existing", list(outcome.existing))
                   .add_json("skipped", list(outcome.skipped))
                   .add_json("failed", list(outcome.failed))
                   .add("failed_files", outcome.failed_files)
                   .str());
  } else {
    print_line(fmt::format(
        "{} files {}, {} bytes; {} were there already, {} are in the way, {} skipped, {} failed",
        outcome.files, done, outcome.bytes, outcome.unchanged, outcome.existing.size(),
        outcome.skipped.size(), outcome.failed_files));
  }
  return outcome.existing.empty() && outcome.failed.empty() ? kSuccess : kFailure;
}

Result<int> import_tree(Program& program, const FilesArguments& arguments) {
  BALUHOST_TRY(const auto target, argument("PATH", FilePath::parse(arguments.path)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const auto outcome, Importer(host->files(), host->digester(), calling_operator())
                                       .import(arguments.directory, target));
  return report(program, outcome, "imported");
}

Result<int> export_tree(Program& program, const FilesArguments& arguments) {
  BALUHOST_TRY(const auto source, argument("PATH", FilePath::parse(arguments.path)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(
      const auto outcome,
      Exporter(host->files(), calling_operator()).export_tree(source, arguments.directory));
  return report(program, outcome, "exported");
}

} // namespace

void add_files_verbs(CLI::App& app, Verb& chosen) {
  auto* files = add_word(app, "files", "Files: bring them in, take them out, check them, tidy up");
  auto arguments = std::make_shared<FilesArguments>();
  auto* importing =
      files
          ->add_subcommand(
              "import", "Brings a directory into a user's home: tree and times; never overwrites")
          ->fallthrough();
  importing->add_option("DIR", arguments->directory, "The directory")->required();
  importing->add_option("PATH", arguments->path, "Such as /anna/photos; made if missing")
      ->required();
  importing->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) { return import_tree(program, *arguments); };
  });
  auto* exporting =
      files
          ->add_subcommand("export", "Writes a part of the tree into a directory; never overwrites")
          ->fallthrough();
  exporting->add_option("PATH", arguments->path, "Such as /anna/photos")->required();
  exporting->add_option("DIR", arguments->directory, "The directory; made if missing")->required();
  exporting->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) { return export_tree(program, *arguments); };
  });
  auto* scrubbing =
      files->add_subcommand("scrub", "Reads every content again and compares; exit 3 on damage")
          ->fallthrough();
  scrubbing->add_option(
      "--rate", arguments->rate,
      "At most so many bytes a second, such as 50MiB (default: as fast as it goes)");
  scrubbing->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) { return scrub_blobs(program, *arguments); };
  });
  files->add_subcommand("gc", "Removes every content that nothing refers to")
      ->fallthrough()
      ->callback([&chosen] { chosen = collect_garbage; });
}

} // namespace baluhost::ctl
