#pragma once

#include "options.hpp"
#include "progress.hpp"

#include "baluhost/core/migration/migration.hpp"

#include <optional>

namespace baluhost::migrate {

/// Shows the steps on the terminal, a line each.
class Terminal {
 public:
  /// Returns true: nobody at a terminal stops a run but by a signal.
  bool show(const migration::Progress& progress);

 private:
  std::optional<Progress> line_;
};

/// Asks, where there is somebody to ask, whether what the command line wants is meant.
bool is_confirmed(const CommandLine& line);

/// Says on stderr what happened.
void print_summary(const migration::Report& report);

} // namespace baluhost::migrate
