#include "terminal.hpp"

#include "baluhost/host/database_kind.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace baluhost::migrate {

using migration::Mode;

bool Terminal::show(const migration::Progress& progress) {
  if (progress.done == 0 || !line_)
    line_.emplace(std::string{progress.step}, progress.total, std::string{progress.unit});
  if (progress.done > 0) line_->update(progress.done);
  return true;
}

bool is_confirmed(const CommandLine& line) {
  const Mode mode = line.options.mode;
  if (line.yes || mode == Mode::dry_run || mode == Mode::compare || isatty(STDIN_FILENO) == 0)
    return true;
  fmt::print(stderr, "{} {}. Go on? [y/N] ",
             mode == Mode::roll_back ? "This empties" : "This fills", redacted_url(line.to));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

void print_summary(const migration::Report& report) {
  for (const migration::StepReport& step : report.steps)
    fmt::print(stderr, "{:<12} {:<8} {:7.2f} s  {}\n", step.step, to_string(step.status),
               step.seconds, step.detail);
  for (const bulk::Finding& finding : report.findings) {
    fmt::print(stderr, "finding: {}{}{}{}{}{}\n", finding.table, finding.column.empty() ? "" : ".",
               finding.column, finding.row.empty() ? "" : ", " + finding.row,
               finding.table.empty() ? "" : ": ", finding.problem);
  }
  if (!report.error.empty()) fmt::print(stderr, "baluhost-migrate: {}\n", report.error);
}

} // namespace baluhost::migrate
