#include "options.hpp"
#include "report_json.hpp"
#include "run.hpp"
#include "terminal.hpp"

#include "command_line.hpp"
#include "log.hpp"
#include "standard_streams.hpp"

#include "baluhost/host/offline.hpp"

#include <fmt/format.h>

#include <fstream>

namespace {

using namespace baluhost;
using namespace baluhost::migrate;
using migration::Outcome;

int exit_code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return 0;
    case Outcome::failed:
      break;
    case Outcome::lost:
      return 3;
  }
  return 1;
}

int run(int argc, char** argv) {
  const auto read = read_command_line(argc, argv);
  if (const int* exit_code = std::get_if<int>(&read)) return *exit_code;
  const auto& line = std::get<CommandLine>(read);
  if (!is_confirmed(line)) return 1;
  start_log(Severity::warn, LogFormat::text);

  Times times{system_now().to_rfc3339(), ""};
  migration::Report report;
  const Outcome outcome = migrate::run(line, report);
  times.finished_at = system_now().to_rfc3339();
  print_summary(report);
  const std::string json = to_json(report, times);
  if (line.report.empty()) {
    fmt::print("{}\n", json);
    return exit_code_of(outcome);
  }
  std::ofstream file{line.report, std::ios::trunc};
  file << json << '\n';
  if (file.flush()) return exit_code_of(outcome);
  fmt::print(stderr, "baluhost-migrate: the report {} cannot be written\n", line.report);
  return exit_code_of(outcome == Outcome::ok ? Outcome::failed : outcome);
}

} // namespace

int main(int argc, char** argv) {
  return baluhost::run_program("baluhost-migrate", [&] {
    return baluhost::exit_code_after_output("baluhost-migrate", run(argc, argv));
  });
}
