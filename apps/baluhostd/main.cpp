#include "http_options.hpp"
#include "server.hpp"

#include "command_line.hpp"
#include "configuration.hpp"
#include "log.hpp"
#include "standard_streams.hpp"

#include "baluhost/host/database_kind.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

int run(int argc, char** argv) {
  CLI::App app{
      "The BaluHost server: files over HTTP with an audit trail that can be proved.\n"
      "Settings come from the configuration file, then the environment (BALUHOST_SECTION__KEY), "
      "then these options.",
      "baluhostd"};
  app.set_version_flag("--version", std::string{"baluhostd "} + BALUHOST_VERSION);
  std::string config_file;
  std::vector<std::string> listen;
  std::string data_dir;
  std::string database_url;
  bool check_config = false;
  app.add_option("--config", config_file, "Configuration file (TOML)")->option_text("FILE");
  app.add_option("--listen", listen,
                 "Where to listen (default 127.0.0.1:8080); may be given several times")
      ->option_text("ADDRESS:PORT");
  app.add_option("--data-dir", data_dir, "Where everything is kept (default ./data)")
      ->option_text("DIR");
  app.add_option("--database-url", database_url, baluhost::database_url_forms())
      ->option_text("URL");
  app.add_flag("--check-config", check_config,
               "Prints the effective configuration, secrets redacted, and exits");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return baluhost::exit_code_after_output("baluhostd", baluhost::answer_arguments(app, error));
  }

  baluhost::ConfigurationSources sources;
  if (!config_file.empty()) sources.file = config_file;
  sources.environment = baluhost::baluhost_environment();
  for (const std::string& address : listen) sources.flags.emplace_back("server.listen", address);
  if (!data_dir.empty()) sources.flags.emplace_back("server.data_dir", data_dir);
  if (!database_url.empty()) sources.flags.emplace_back("database.url", database_url);
  const auto configuration = baluhost::load_configuration(sources);
  if (!configuration) {
    std::cerr << "baluhostd: " << configuration.error().detail << '\n';
    return 2;
  }
  for (const std::string& warning : configuration->warnings)
    std::cerr << "baluhostd: " << warning << '\n';
  if (check_config) {
    if (const auto fit = baluhost::check_start(*configuration); !fit) {
      std::cerr << "baluhostd: " << fit.error().detail << '\n';
      return 1;
    }
    std::cout << baluhost::to_toml(*configuration);
    return baluhost::exit_code_after_output("baluhostd", 0);
  }
  baluhost::start_log(configuration->log.level, configuration->log.format);
  if (auto served = baluhost::serve(*configuration); !served) {
    std::cerr << "baluhostd: " << served.error().detail << '\n';
    return 1;
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  baluhost::hold_standard_streams();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "baluhostd: " << error.what() << '\n';
    return 1;
  }
}
