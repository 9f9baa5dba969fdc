#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::test {

/// A directory below the system's temporary one, removed when this goes.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(TempDirectory&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TempDirectory(const TempDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct ProcessOutput {
  int exit_code{-1}; ///< 128 + signal if a signal ended it
  std::string out;
  std::string err;
};

using Environment = std::map<std::string, std::string>;

/// Runs a program to its end. `input` goes to its stdin.
ProcessOutput run(const std::vector<std::string>& command, const Environment& environment = {},
                  const std::string& input = {});

/// A program in the background, its stdout and stderr in files; killed when this goes.
class Process {
 public:
  Process(const std::vector<std::string>& command, const Environment& environment,
          std::string out_file, std::string err_file);
  ~Process();
  Process(const Process&) = delete;
  [[nodiscard]] int pid() const { return pid_; }
  void signal(int number) const;
  /// The exit code as in `ProcessOutput`; none if it still runs after `timeout`.
  std::optional<int> wait(std::chrono::milliseconds timeout);

 private:
  int pid_{-1};
  std::optional<int> code_;
};

std::string read_file(const std::string& path); ///< throws if it cannot be read
void write_file(const std::string& path, std::string_view text);

} // namespace baluhost::test
