#include "migration.hpp"

#include "backend.hpp"
#include "command_line.hpp"
#include "log.hpp"
#include "standard_streams.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>

namespace {

using namespace baluhost;
using namespace baluhost::migrate;

bool confirmed(const Options& options) {
  if (options.yes || options.dry_run || options.verify_only || isatty(STDIN_FILENO) == 0)
    return true;
  fmt::print(stderr, "{} {}. Go on? [y/N] ", options.rollback ? "This empties" : "This fills",
             redacted_url(options.to));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

void print_summary(const Report& report) {
  for (const StepReport& step : report.steps)
    fmt::print(stderr, "{:<12} {:<8} {:7.2f} s  {}\n", step.step, step.status, step.seconds,
               step.detail);
  for (const Finding& finding : report.findings) {
    fmt::print(stderr, "finding: {}{}{}{}{}{}\n", finding.table, finding.column.empty() ? "" : ".",
               finding.column, finding.row.empty() ? "" : ", " + finding.row,
               finding.table.empty() ? "" : ": ", finding.problem);
  }
  if (!report.error.empty()) fmt::print(stderr, "baluhost-migrate: {}\n", report.error);
}

int run_program(int argc, char** argv) {
  CLI::App app{
      "Moves a BaluHost between SQLite and PostgreSQL, either way, and proves that nothing was "
      "lost.\n"
      "The source is never written to. The target must be empty, or hold a half-done run of this "
      "very migration.",
      "baluhost-migrate"};
  app.set_version_flag("--version", std::string{"baluhost-migrate "} + BALUHOST_VERSION);
  Options options;
  std::string config_file, data_dir, database_url;
  bool no_backup = false;
  app.add_option("--from", options.from, "sqlite:PATH or postgresql://…")->option_text("URL");
  app.add_option("--to", options.to,
                 "The other one. A password comes by PGPASSWORD or a password file")
      ->option_text("URL")
      ->required();
  app.add_flag("--dry-run", options.dry_run,
               "Does everything in one transaction and rolls it back");
  app.add_flag("--no-backup", no_backup, "Makes no backup of the source first");
  app.add_option("--backup-dir", options.backup_dir, "Where the backup goes (default: here)")
      ->option_text("DIR");
  app.add_option("--report", options.report, "Where the report goes, JSON (default: stdout)")
      ->option_text("FILE");
  app.add_option("--batch", options.batch, "Rows of one commit (default 50000)")
      ->check(CLI::Range(1, 100'000'000));
  app.add_flag("--resume", options.resume, "Goes on with a run that was stopped");
  app.add_flag("--verify-only", options.verify_only, "Compares the two sides and writes nothing");
  app.add_flag("--rollback", options.rollback, "Empties what a run wrote into the target");
  app.add_flag("--yes", options.yes, "Does not ask");
  app.add_option("--config", config_file, "Configuration file (TOML)")->option_text("FILE");
  app.add_option("--data-dir", data_dir,
                 "Data directory of the server: its keys verify the audit chain")
      ->option_text("DIR");
  app.add_option("--database-url", database_url, "The source, where --from is not given")
      ->option_text("URL");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return baluhost::answer_arguments(app, error);
  }
  options.backup = !no_backup;
  if (options.dry_run + options.resume + options.verify_only + options.rollback > 1) {
    fmt::print(stderr,
               "baluhost-migrate: --dry-run, --resume, --verify-only and --rollback exclude one "
               "another\n");
    return 2;
  }
  ConfigurationSources sources;
  if (!config_file.empty()) sources.file = config_file;
  sources.environment = baluhost_environment();
  if (!data_dir.empty()) sources.flags.emplace_back("server.data_dir", data_dir);
  if (!database_url.empty()) sources.flags.emplace_back("database.url", database_url);
  auto configuration = load_configuration(sources);
  if (!configuration) {
    fmt::print(stderr, "baluhost-migrate: {}\n", configuration.error().detail);
    return 2;
  }
  for (const std::string& warning : configuration->warnings)
    fmt::print(stderr, "baluhost-migrate: {}\n", warning);
  if (options.from.empty()) options.from = configuration->database.url;
  for (const std::string* url : {&options.from, &options.to}) {
    if (!url->starts_with("sqlite:") && !url->starts_with("postgresql://") &&
        !url->starts_with("postgres://")) {
      fmt::print(stderr, "baluhost-migrate: --{} is neither sqlite:PATH nor postgresql://…\n",
                 url == &options.from ? "from" : "to");
      return 2;
    }
  }
  // Beside a database whose data directory nobody named lie its keys.
  if (data_dir.empty() && config_file.empty() &&
      !sources.environment.contains("BALUHOST_SERVER__DATA_DIR")) {
    const std::string& sqlite = options.from.starts_with("sqlite:") ? options.from : options.to;
    Configuration beside;
    beside.database.url = sqlite;
    const std::string path = sqlite_path(beside);
    const std::string directory =
        path.find('/') == std::string::npos ? "." : path.substr(0, path.rfind('/'));
    configuration->server.keys_dir = directory + "/keys";
    configuration->audit.anchor_file = directory + "/audit.anchor";
  }
  if (!confirmed(options)) return 1;
  start_log("warn", "text");

  Report report;
  report.started_at = system_now().to_rfc3339();
  const Outcome outcome = run(options, *configuration, report);
  report.finished_at = system_now().to_rfc3339();
  print_summary(report);
  if (options.report.empty()) {
    fmt::print("{}\n", report.to_json());
  } else {
    std::ofstream file{options.report, std::ios::trunc};
    file << report.to_json() << '\n';
    if (!file.flush()) {
      fmt::print(stderr, "baluhost-migrate: the report {} cannot be written\n", options.report);
      return static_cast<int>(outcome == Outcome::ok ? Outcome::failed : outcome);
    }
  }
  return static_cast<int>(outcome);
}

} // namespace

int main(int argc, char** argv) {
  baluhost::hold_standard_streams();
  try {
    return baluhost::exit_code_after_output("baluhost-migrate", run_program(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "baluhost-migrate: " << error.what() << '\n';
    return 1;
  }
}
