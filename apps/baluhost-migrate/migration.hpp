#pragma once

#include "report.hpp"

#include "configuration.hpp"

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <string>

namespace baluhost::migrate {

struct Options {
  std::string from; ///< sqlite:PATH or postgresql://…
  std::string to;
  bool dry_run{false};
  bool backup{true};
  std::string backup_dir{"."};
  std::string report;         ///< file; empty: stdout
  std::int64_t batch{50'000}; ///< rows of one commit
  bool resume{false};
  bool verify_only{false};
  bool rollback{false};
  bool yes{false};
};

/// What `run` ended with; also the exit code.
enum class Outcome { ok = 0, failed = 1, lost = 3 };

/// Moves everything from one database to the other, step by step, and says in `report` what
/// happened.
Outcome run(const Options& options, const Configuration& configuration, Report& report);

} // namespace baluhost::migrate
