#include "run.hpp"

#include "keys.hpp"
#include "terminal.hpp"

#include "command_line.hpp"

#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/offline.hpp"
#include "baluhost/host/source_backup.hpp"

namespace baluhost::migrate {
namespace {

using migration::Outcome;

/// The database at `url`, as the configuration has it else.
DatabaseOptions at(const Configuration& configuration, const std::string& url) {
  DatabaseOptions options = database_options(configuration);
  options.url = url;
  return options;
}

Result<std::unique_ptr<BulkStore>> make_bulk_store(const std::string& url) {
  return find_database_tools(url)->bulk_store({.url = url});
}

migration::Side make_side(const Configuration& configuration, const std::string& url,
                          BulkStore& store) {
  return {redacted_url(url), store, [there = at(configuration, url)] {
            return open_database(there, DatabaseAccess::read_unfinished);
          }};
}

Outcome refused(const CommandLine& line, migration::Report& report, std::string why) {
  report.source = redacted_url(line.from);
  report.target = redacted_url(line.to);
  report.steps.push_back(
      {.step = "open", .status = migration::StepStatus::failed, .seconds = 0, .detail = why});
  report.error = std::move(why);
  return Outcome::failed;
}

} // namespace

Outcome run(const CommandLine& line, migration::Report& report) {
  const auto source = make_bulk_store(line.from);
  if (!source) return refused(line, report, source.error().detail);
  const auto target = make_bulk_store(line.to);
  if (!target) return refused(line, report, target.error().detail);
  std::unique_ptr<migration::SourceBackup> backup;
  if (line.backup) {
    auto made = make_source_backup({.url = line.from}, line.backup_dir);
    if (!made) return refused(line, report, made.error().detail);
    backup = std::move(*made);
  }
  const auto digester = make_digester();
  const auto clock = baluhost::make_clock();
  auto instance = make_instance_id();
  if (!instance) return refused(line, report, instance.error().detail);
  const Configuration& configuration = line.configuration;
  Terminal terminal;
  const migration::Dependencies dependencies{
      .source = make_side(configuration, line.from, **source),
      .target = make_side(configuration, line.to, **target),
      .backup = backup.get(),
      .seal_keys = [&] { return open_seal_keys(configuration); },
      .seal_signer = [&] { return open_seal_signer(configuration); },
      .open_target =
          [&] { return open_database(at(configuration, line.to), DatabaseAccess::write); },
      .digester = *digester,
      .clock = *clock,
      .instance = *std::move(instance),
      .principal = calling_operator(),
      .progress = [&](const migration::Progress& progress) { return terminal.show(progress); }};
  return migration::run(line.options, dependencies, report);
}

} // namespace baluhost::migrate
