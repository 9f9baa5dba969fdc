#pragma once

#include "baluhost/domain/result.hpp"

#include <functional>

namespace baluhost {

/// Runs what a `main` is for, after `hold_standard_streams`, and returns its exit code. An
/// exception is said on stderr, and the exit code is 1.
int run_program(const char* program, const std::function<int()>& run);

/// Takes the numbers of stdin, stdout and stderr where they are closed, so that no file that is
/// opened later gets one of them and what is printed. Writing to such a stdout fails.
void hold_standard_streams();

/// Writes out what was printed on stdout. unavailable: some of it did not arrive; `detail` says
/// why.
Result<void> flush_stdout();

/// The exit code of a program that would end with `code`: 1 instead of 0 where `flush_stdout`
/// fails, which is said on stderr.
int exit_code_after_output(const char* program, int code);

} // namespace baluhost
