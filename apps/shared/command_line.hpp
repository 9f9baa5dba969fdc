#pragma once

#include "baluhost/core/access/principal.hpp"

#include <CLI/CLI.hpp>

namespace baluhost {

/// Says what is wrong with the arguments and what to do, or gives the help or the version that was
/// asked for. An argument that was not expected is not repeated, as it may be a password; an option
/// is, by its name. Returns the program's exit code: 0 or 2.
int answer_arguments(const CLI::App& app, const CLI::ParseError& error);

/// Who runs the program: `cli:<os user>` in the audit trail.
Principal calling_operator();

} // namespace baluhost
