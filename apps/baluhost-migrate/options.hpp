#pragma once

#include "configuration.hpp"

#include "baluhost/core/migration/migration.hpp"

#include <optional>
#include <string>
#include <variant>

namespace baluhost::migrate {

/// What the command line asks for.
struct CommandLine {
  migration::Options options;
  std::string from; ///< sqlite:PATH or postgresql://…
  std::string to;
  bool backup{true};
  std::string backup_dir{"."};
  std::string report; ///< file; empty: stdout
  bool yes{false};
  Configuration configuration;
};

/// Reads the arguments and the configuration. Returns the exit code instead where there is nothing
/// to do: help was asked for, or the usage is wrong, which it then says on stderr.
std::variant<CommandLine, int> read_command_line(int argc, char** argv);

} // namespace baluhost::migrate
