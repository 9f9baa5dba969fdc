#include "options.hpp"

#include "command_line.hpp"
#include "configuration_flags.hpp"

#include "baluhost/host/database_kind.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>

namespace baluhost::migrate {
namespace {

using migration::Mode;

/// The flags as they are given.
struct Flags {
  bool dry_run{false};
  bool resume{false};
  bool verify_only{false};
  bool rollback{false};
  bool no_backup{false};
  ConfigurationFlags configuration;
};

void add_sides(CLI::App& app, CommandLine& line, Flags& flags) {
  app.add_option("--from", line.from, database_url_forms())->option_text("URL");
  app.add_option("--to", line.to,
                 "The other one. A password comes by PGPASSWORD or a password file")
      ->option_text("URL")
      ->required();
  app.add_flag("--dry-run", flags.dry_run, "Does everything in one transaction and rolls it back");
  app.add_flag("--no-backup", flags.no_backup, "Makes no backup of the source first");
  app.add_option("--backup-dir", line.backup_dir, "Where the backup goes (default: here)")
      ->option_text("DIR");
}

void add_the_rest(CLI::App& app, CommandLine& line, Flags& flags) {
  app.add_option("--report", line.report, "Where the report goes, JSON (default: stdout)")
      ->option_text("FILE");
  app.add_option("--batch", line.options.batch, "Rows of one commit (default 50000)")
      ->check(CLI::Range(1, 100'000'000));
  app.add_flag("--resume", flags.resume, "Goes on with a run that was stopped");
  app.add_flag("--verify-only", flags.verify_only, "Compares the two sides and writes nothing");
  app.add_flag("--rollback", flags.rollback, "Empties what a run wrote into the target");
  app.add_flag("--yes", line.yes, "Does not ask");
  auto& source = flags.configuration;
  app.add_option("--config", source.config_file, "Configuration file (TOML)")->option_text("FILE");
  app.add_option("--data-dir", source.data_dir,
                 "Data directory of the server: its keys verify the audit chain")
      ->option_text("DIR");
  app.add_option("--database-url", source.database_url, "The source, where --from is not given")
      ->option_text("URL");
}

Mode mode_of(const Flags& flags) {
  return flags.dry_run       ? Mode::dry_run
         : flags.resume      ? Mode::resume
         : flags.verify_only ? Mode::compare
         : flags.rollback    ? Mode::roll_back
                             : Mode::move;
}

/// Beside a database whose data directory nobody named lie its keys.
void look_for_keys_beside(CommandLine& line) {
  const auto file_of = [](const std::string& url) { return find_database_kind(url)->file(url); };
  const auto from = file_of(line.from);
  const std::string path = from ? *from : file_of(line.to).value_or("");
  const auto slash = path.rfind('/');
  HostOptions beside{.data_dir = slash == std::string::npos ? "." : path.substr(0, slash)};
  fill_in_paths(beside);
  line.configuration.keys_dir = beside.keys_dir;
  line.configuration.audit.anchor_file = beside.audit.anchor_file;
}

int refused(const std::string& why) {
  fmt::print(stderr, "baluhost-migrate: {}\n", why);
  return 2;
}

/// What is wrong with the two addresses; none if nothing is.
std::optional<std::string> fault_of_sides(const CommandLine& line) {
  for (const std::string* url : {&line.from, &line.to}) {
    const DatabaseKind* kind = find_database_kind(*url);
    if (!kind || !kind->check_url(*url))
      return fmt::format("--{} is not {}; a password in it has %2F for \"/\" and %40 for \"@\"",
                         url == &line.from ? "from" : "to", database_url_forms());
  }
  if (find_database_kind(line.from) == find_database_kind(line.to))
    return "one side must be sqlite:PATH and the other postgresql://…";
  return std::nullopt;
}

} // namespace

std::variant<CommandLine, int> read_command_line(int argc, char** argv) {
  CLI::App app{
      "Moves a BaluHost between SQLite and PostgreSQL, either way, and proves that nothing was "
      "lost.\n"
      "The source is never written to. The target must be empty, or hold a half-done run of this "
      "very migration.",
      "baluhost-migrate"};
  app.set_version_flag("--version", std::string{"baluhost-migrate "} + BALUHOST_VERSION);
  CommandLine line;
  Flags flags;
  add_sides(app, line, flags);
  add_the_rest(app, line, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return baluhost::answer_arguments(app, error);
  }
  if (flags.dry_run + flags.resume + flags.verify_only + flags.rollback > 1)
    return refused("--dry-run, --resume, --verify-only and --rollback exclude one another");
  line.options.mode = mode_of(flags);
  line.options.discards_used_target = line.yes;
  line.backup = !flags.no_backup;
  const auto sources = flags.configuration.sources();
  auto configuration = load_configuration(sources);
  if (!configuration) return refused(configuration.error().detail);
  for (const std::string& warning : configuration->warnings)
    fmt::print(stderr, "baluhost-migrate: {}\n", warning);
  line.configuration = *std::move(configuration);
  if (line.from.empty()) line.from = line.configuration.database_url;
  if (const auto fault = fault_of_sides(line)) return refused(*fault);
  const bool has_data_dir = !flags.configuration.data_dir.empty() ||
                            !flags.configuration.config_file.empty() ||
                            sources.environment.contains("BALUHOST_SERVER__DATA_DIR");
  if (!has_data_dir) look_for_keys_beside(line);
  return line;
}

} // namespace baluhost::migrate
