#pragma once

#include "baluhost/domain/result.hpp"

namespace baluhost {

/// Takes the numbers of stdin, stdout and stderr where they are closed, so that no file that is
/// opened later gets one of them and what is printed. Writing to such a stdout fails. The first
/// thing in `main`.
void hold_standard_streams();

/// Writes out what was printed on stdout. unavailable: some of it did not arrive; `detail` says
/// why.
Result<void> flush_stdout();

/// The exit code of a program that would end with `code`: 1 instead of 0 where `flush_stdout`
/// fails, which is said on stderr.
int exit_code_after_output(const char* program, int code);

} // namespace baluhost
