#include "baluhost/test/process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace baluhost::test {
namespace {

int code_of_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int start(const std::vector<std::string>& command, const Environment& environment,
          const std::string& in_file, const std::string& out_file, const std::string& err_file) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
    const std::string assignment{*entry};
    const std::string name = assignment.substr(0, assignment.find('='));
    if (!environment.contains(name) && !name.starts_with("BALUHOST_"))
      variables.push_back(assignment);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  const int pid = ::fork();
  if (pid != 0) return pid;
  const auto redirect = [](const std::string& file, int flags, int to) {
    const int fd = ::open(file.c_str(), flags, 0600);
    if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(126);
  };
  redirect(in_file, O_RDONLY, 0);
  redirect(out_file, O_WRONLY | O_CREAT | O_APPEND, 1);
  redirect(err_file, O_WRONLY | O_CREAT | O_APPEND, 2);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvpe(arguments[0], arguments.data(), envp.data());
  ::_exit(127);
}

} // namespace

TempDirectory::TempDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "baluhost-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error{"no temporary directory"};
  path_ = pattern;
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

ProcessOutput run(const std::vector<std::string>& command, const Environment& environment,
                  const std::string& input) {
  const TempDirectory directory;
  write_file(directory.path() + "/in", input);
  const int pid = start(command, environment, directory.path() + "/in", directory.path() + "/out",
                        directory.path() + "/err");
  int status = 0;
  ::waitpid(pid, &status, 0);
  return {code_of_status(status), read_file(directory.path() + "/out"),
          read_file(directory.path() + "/err")};
}

Process::Process(const std::vector<std::string>& command, const Environment& environment,
                 std::string out_file, std::string err_file)
    : pid_(start(command, environment, "/dev/null", out_file, err_file)) {}

Process::~Process() {
  if (code_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const { ::kill(pid_, number); }

std::optional<int> Process::wait(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!code_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      code_ = code_of_status(status);
    } else if (std::chrono::steady_clock::now() > deadline) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }
  return code_;
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error{"cannot read " + path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  if (!file.flush()) throw std::runtime_error{"cannot write " + path};
}

} // namespace baluhost::test
