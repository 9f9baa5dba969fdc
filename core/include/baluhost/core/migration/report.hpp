#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::migration {

/// How a step ended.
enum class StepStatus { ok, failed, skipped };

/// Returns the name, as reports have it.
std::string_view to_string(StepStatus status) noexcept;

/// What a run came to. `failed` until it is known.
enum class RunResult { ok, failed, dry_run, rolled_back };

/// Returns the name, as reports have it.
std::string_view to_string(RunResult result) noexcept;

/// A step of a run.
struct StepReport {
  std::string step;
  StepStatus status{};
  double seconds{};
  std::string detail;
};

/// What became of a table.
struct TableReport {
  std::string table;
  std::int64_t source_rows{};
  std::int64_t target_rows{};
  std::string source_checksum; ///< SHA-256 over the canonical rows, hex
  std::string target_checksum;
  double seconds{}; ///< that copying took
};

/// What happened, for people and programs. Filled whatever the end.
struct Report {
  RunResult result{RunResult::failed};
  std::string source; ///< without secrets, as is `target`
  std::string target;
  std::vector<StepReport> steps;
  std::vector<TableReport> tables;
  std::vector<bulk::Finding> findings; ///< at most 1,000; the last one counts the others
  std::string error;                   ///< "" after success
};

} // namespace baluhost::migration
