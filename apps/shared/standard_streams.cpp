#include "standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>

namespace baluhost {

void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number, which is this one. What is opened for reading takes no output.
    if (::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY) != stream) ::_exit(1);
  }
}

int run_program(const char* program, const std::function<int()>& run) {
  hold_standard_streams();
  try {
    return run();
  } catch (const std::exception& error) {
    std::cerr << program << ": " << error.what() << '\n';
    return 1;
  }
}

Result<void> flush_stdout() {
  std::cout.flush();
  errno = 0;
  const bool is_flushed = std::fflush(stdout) == 0;
  if (is_flushed && std::ferror(stdout) == 0) return {};
  return Error{Errc::unavailable, std::string{"stdout cannot be written"} +
                                      (errno != 0 ? ": " : "") +
                                      (errno != 0 ? std::strerror(errno) : "")};
}

int exit_code_after_output(const char* program, int code) {
  const auto written = flush_stdout();
  if (written) return code;
  std::cerr << program << ": " << written.error().detail << '\n';
  return code == 0 ? 1 : code;
}

} // namespace baluhost
