#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/maintenance.hpp"

#include <fmt/format.h>

namespace baluhost::ctl {
namespace {

std::string finding_json(const ScrubFinding& finding) {
  std::vector<std::string> paths;
  for (const std::string& path : finding.paths) paths.push_back(json_text(path));
  return JsonObject{}
      .add("kind", finding.kind)
      .add("blob", finding.blob.value)
      .add_json("paths", json_array(paths))
      .add("detail", finding.detail)
      .str();
}

Result<int> scrub_blobs(Program& program) {
  BALUHOST_TRY(Services * services, program.services());
  BALUHOST_TRY(Backend * backend, program.backend());
  const Principal who = program.operator_principal();
  Progress progress{"scrubbing", 0, "bytes"};
  ScrubOptions options;
  options.progress = [&](std::int64_t, std::int64_t bytes) {
    progress.update(bytes);
    return true;
  };
  BALUHOST_TRY(const ScrubReport report, scrub(*backend->database, *backend->blobs, services->audit, *backend->digester, *backend->clock, &who, options));
  bool damage = false;
  std::vector<std::string> findings;
  for (const ScrubFinding& finding : report.findings) {
    damage = damage || finding.kind != "orphan";
    findings.push_back(finding_json(finding));
  }
  if (program.json) {
    print_line(JsonObject{}.add("ok", !damage).add("blobs", report.blobs).add("bytes", report.bytes).add_json("findings", json_array(findings)).str());
  } else {
    for (const ScrubFinding& finding : report.findings) {
      print_line(fmt::format("{} {}: {}{}", finding.kind, finding.blob.value, finding.detail,
                             finding.paths.empty() ? "" : fmt::format(" ({})", fmt::join(finding.paths, ", "))));
    }
    print_line(fmt::format("{} blobs, {} bytes: {}", report.blobs, report.bytes, damage ? "DAMAGED" : "sound"));
  }
  return damage ? kFound : kSuccess;
}

Result<int> collect_garbage(Program& program) {
  BALUHOST_TRY(Backend * backend, program.backend());
  Progress progress{"looking", 0, "blobs"};
  BALUHOST_TRY(const SweepResult doomed, sweep_doomed(*backend->database, *backend->blobs));
  // An upload of the running server publishes its blob a moment before its row.
  BALUHOST_TRY(const SweepResult orphans, sweep_orphans(*backend->database, *backend->blobs, backend->clock->now() - std::chrono::minutes{1},
                                                        [&](std::int64_t seen) { progress.update(seen); }));
  const std::int64_t blobs = doomed.blobs + orphans.blobs;
  const std::int64_t bytes = doomed.bytes + orphans.bytes;
  print_line(program.json ? JsonObject{}.add("blobs", blobs).add("bytes", bytes).str() : fmt::format("{} blobs removed, {} bytes", blobs, bytes));
  return kSuccess;
}

} // namespace

void add_files_verbs(CLI::App& app, Verb& chosen) {
  auto* files = app.add_subcommand("files", "Contents: check them, tidy up")->require_subcommand(1)->fallthrough();
  files->add_subcommand("scrub", "Reads every content again and compares; exit 3 on damage")->fallthrough()->callback([&chosen] { chosen = scrub_blobs; });
  files->add_subcommand("gc", "Removes every content that nothing refers to")->fallthrough()->callback([&chosen] { chosen = collect_garbage; });
}

} // namespace baluhost::ctl
