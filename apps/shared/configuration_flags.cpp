#include "configuration_flags.hpp"

#include "baluhost/host/database_kind.hpp"

namespace baluhost {

void ConfigurationFlags::add_to(CLI::App& app) {
  app.add_option("--config", config_file, "Configuration file (TOML)")->option_text("FILE");
  app.add_option("--data-dir", data_dir, "Data directory (default ./data)")->option_text("DIR");
  app.add_option("--database-url", database_url, database_url_forms())->option_text("URL");
}

ConfigurationSources ConfigurationFlags::sources() const {
  ConfigurationSources sources;
  if (!config_file.empty()) sources.file = config_file;
  sources.environment = baluhost_environment();
  if (!data_dir.empty()) sources.flags.emplace_back("server.data_dir", data_dir);
  if (!database_url.empty()) sources.flags.emplace_back("database.url", database_url);
  return sources;
}

} // namespace baluhost
