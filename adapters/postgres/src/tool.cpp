#include "tool.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

extern char** environ;

namespace baluhost::postgres {
namespace {

constexpr int kNotInstalled = 127;

/// Ends with a null, as `exec` wants it.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_with(const std::optional<Secret>& password) {
  constexpr std::string_view kName = "PGPASSWORD=";
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!password || !std::string_view{*entry}.starts_with(kName)) variables.emplace_back(*entry);
  }
  if (password) variables.push_back(std::string{kName} + std::string{password->reveal()});
  return variables;
}

} // namespace

Result<void> run_tool(const PostgresOptions& options, const std::vector<std::string>& command) {
  BALUHOST_TRY(const PostgresToolAccess access, postgres_tool_access(options));
  std::vector<std::string> words = command;
  words.insert(words.begin() + 1, {"--dbname", access.url});
  std::vector<std::string> variables = environment_with(access.password);
  const auto arguments = pointers(words);
  const auto environment = pointers(variables);
  const ::pid_t parent = ::getpid();
  const ::pid_t child = ::fork();
  if (child < 0)
    return Error{Errc::unavailable,
                 command.front() + " cannot be started: " + std::strerror(errno)};
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kNotInstalled);
    ::umask(077);
    ::execvpe(arguments.front(), arguments.data(), environment.data());
    ::_exit(kNotInstalled);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotInstalled) {
    return Error{Errc::not_found,
                 command.front() + " is not installed (apt-get install postgresql-client)"};
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Errc::unavailable, command.front() + " failed"};
  return {};
}

} // namespace baluhost::postgres
