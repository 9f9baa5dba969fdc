#pragma once

#include "configuration_flags.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace baluhost {

/// What the command line of the server says.
struct ServerOptions {
  ConfigurationFlags configuration;
  std::vector<std::string> listen;
  bool check_config{false};

  void add_to(CLI::App& app);

  /// The file, the environment, and the settings that were given as options.
  [[nodiscard]] ConfigurationSources sources() const;
};

} // namespace baluhost
