#include "options.hpp"

namespace baluhost {

void ServerOptions::add_to(CLI::App& app) {
  app.set_version_flag("--version", std::string{"baluhostd "} + BALUHOST_VERSION);
  configuration.add_to(app);
  app.add_option("--listen", listen,
                 "Where to listen (default 127.0.0.1:8080); may be given several times")
      ->option_text("ADDRESS:PORT");
  app.add_flag("--check-config", check_config,
               "Prints the effective configuration, secrets redacted, and exits");
}

ConfigurationSources ServerOptions::sources() const {
  auto sources = configuration.sources();
  for (const std::string& address : listen) sources.flags.emplace_back("server.listen", address);
  return sources;
}

} // namespace baluhost
