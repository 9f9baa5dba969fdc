#pragma once

#include "baluhost/domain/text.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace baluhost {

/// Says what is wrong with the arguments, or gives the help or the version that was asked for.
/// Returns the program's exit code: 0 or 2.
inline int answer_arguments(const CLI::App& app, const CLI::ParseError& error) {
  // An option that nobody knows says more than the verb or the option that is missing for it.
  const auto unknown = app.remaining(true);
  if (!unknown.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    std::cerr << app.get_name() << ": there is no " << printable(unknown.front())
              << "\nRun with --help for more information.\n";
    return 2;
  }
  return app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
}

} // namespace baluhost
