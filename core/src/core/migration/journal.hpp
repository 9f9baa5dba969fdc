#pragma once

#include "baluhost/core/migration/report.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/result.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace baluhost::migration {

double seconds_since(std::chrono::steady_clock::time_point start);

/// Writes steps and findings into the report.
class Journal {
 public:
  explicit Journal(Report& report) : report_(report) {}

  /// Runs one step, and reports it whatever becomes of it. Returns its error.
  Result<void> step(const std::string& name, FunctionRef<Result<std::string>()> work);
  void skip(const std::string& name, const std::string& why);
  void add(StepReport step);

  /// For a step that ran beside the last one and ended before it.
  void add_before_last(StepReport step);

  /// Reports a finding, or counts it where there are too many. From any thread.
  void find(bulk::Finding finding);
  void find(std::string problem) { find(bulk::Finding{.problem = std::move(problem)}); }
  template <class Findings>
  void find_all(const Findings& findings) {
    for (const bulk::Finding& finding : findings) find(finding);
  }
  [[nodiscard]] bool has_findings() const { return !report_.findings.empty(); }
  [[nodiscard]] std::size_t findings() const { return report_.findings.size() + left_out_; }
  /// Says in the last finding how many more there were.
  void close_findings();

 private:
  Report& report_;
  std::mutex mutex_;
  std::size_t left_out_{0};
};

} // namespace baluhost::migration
