#pragma once

#include "configuration.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace baluhost {

/// The options by which a program is told where its configuration is, and the two settings that a
/// person at a terminal names most.
struct ConfigurationFlags {
  std::string config_file;
  std::string data_dir;
  std::string database_url;

  void add_to(CLI::App& app);

  /// The file, the environment, and the settings that were given as options.
  [[nodiscard]] ConfigurationSources sources() const;
};

} // namespace baluhost
