#include "http_options.hpp"
#include "options.hpp"
#include "server.hpp"

#include "command_line.hpp"
#include "configuration.hpp"
#include "log.hpp"
#include "standard_streams.hpp"

#include <iostream>
#include <string>

namespace {

using namespace baluhost;

int failed(const Error& error, int exit_code) {
  std::cerr << "baluhostd: " << error.detail << '\n';
  return exit_code;
}

int show(const Configuration& configuration) {
  if (const auto fit = check_start(configuration); !fit) return failed(fit.error(), 1);
  std::cout << to_toml(configuration);
  return exit_code_after_output("baluhostd", 0);
}

int run(int argc, char** argv) {
  CLI::App app{
      "The BaluHost server: files over HTTP with an audit trail that can be proved.\n"
      "Settings come from the configuration file, then the environment (BALUHOST_SECTION__KEY), "
      "then these options.",
      "baluhostd"};
  ServerOptions options;
  options.add_to(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return exit_code_after_output("baluhostd", answer_arguments(app, error));
  }
  const auto configuration = load_configuration(options.sources());
  if (!configuration) return failed(configuration.error(), 2);
  for (const std::string& warning : configuration->warnings)
    std::cerr << "baluhostd: " << warning << '\n';
  if (options.check_config) return show(*configuration);
  start_log(configuration->log.level, configuration->log.format);
  const auto served = serve(*configuration);
  return served ? 0 : failed(served.error(), 1);
}

} // namespace

int main(int argc, char** argv) {
  return baluhost::run_program("baluhostd", [&] { return run(argc, argv); });
}
