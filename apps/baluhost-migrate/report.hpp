#pragma once

#include "store.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace baluhost::migrate {

struct StepReport {
  std::string step;
  std::string status; ///< "ok", "failed", "skipped"
  double seconds{};
  std::string detail;
};

struct TableReport {
  std::string table;
  std::int64_t source_rows{};
  std::int64_t target_rows{};
  std::string source_checksum; ///< SHA-256 over the canonical rows, hex
  std::string target_checksum;
  double seconds{};
};

/// What happened, for people and programs; written on every exit.
struct Report {
  std::string started_at;
  std::string finished_at;
  std::string result{"failed"}; ///< "ok", "failed", "dry_run", "rolled_back"
  std::string source;           ///< redacted, as is `target`
  std::string target;
  std::vector<StepReport> steps;
  std::vector<TableReport> tables;
  std::vector<Finding> findings;
  std::string error;

  [[nodiscard]] std::string to_json() const;
};

} // namespace baluhost::migrate
