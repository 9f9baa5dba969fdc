#include "run.hpp"

#include "backup.hpp"
#include "keys.hpp"
#include "side.hpp"
#include "terminal.hpp"

#include "backend.hpp"

#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"

#include <pwd.h>
#include <unistd.h>

namespace baluhost::migrate {
namespace {

using migration::Outcome;

Principal whoever_runs_this() {
  const passwd* entry = getpwuid(geteuid());
  return Principal::local_operator(entry ? std::string{entry->pw_name} : std::to_string(geteuid()));
}

Outcome refused(const CommandLine& line, migration::Report& report, std::string why) {
  report.source = redacted_url(line.from);
  report.target = redacted_url(line.to);
  report.steps.push_back({"open", "failed", 0, why});
  report.error = std::move(why);
  return Outcome::failed;
}

} // namespace

Outcome run(const CommandLine& line, migration::Report& report) {
  if (is_sqlite_url(line.from) == is_sqlite_url(line.to))
    return refused(line, report, "one side must be sqlite:PATH and the other postgresql://…");
  const auto source = make_bulk_store(line.from);
  const auto target = make_bulk_store(line.to);
  const auto backup = line.backup ? make_source_backup(line.from, line.backup_dir) : nullptr;
  const auto digester = make_openssl_digester();
  const auto clock = baluhost::make_clock();
  auto instance = make_instance_id(*make_openssl_random());
  if (!instance) return refused(line, report, instance.error().detail);
  const Configuration& configuration = line.configuration;
  Terminal terminal;
  const migration::Dependencies dependencies{
      .source = make_side(configuration, line.from, *source),
      .target = make_side(configuration, line.to, *target),
      .backup = backup.get(),
      .seal_keys = [&] { return open_seal_keys(configuration); },
      .seal_signer = [&] { return open_seal_signer(configuration); },
      .open_target = [&] { return open_database(at(configuration, line.to)); },
      .digester = *digester,
      .clock = *clock,
      .instance = *std::move(instance),
      .principal = whoever_runs_this(),
      .progress = [&](const migration::Progress& progress) { return terminal.show(progress); }};
  return migration::run(line.options, dependencies, report);
}

} // namespace baluhost::migrate
