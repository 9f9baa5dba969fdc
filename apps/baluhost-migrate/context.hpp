#pragma once

#include "chain.hpp"
#include "checksum.hpp"
#include "migration.hpp"
#include "store.hpp"

#include "baluhost/ports/digester.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace baluhost::migrate {

/// What the steps of a migration share.
struct Context {
  const Options& options;
  const Configuration& configuration;
  Report& report;
  std::unique_ptr<Digester> digester;
  std::unique_ptr<Store> source{};
  std::unique_ptr<Store> target{};
  RunState run_state{RunState::none}; ///< of the target, as it was found
  bool source_went_on{false};         ///< since the run that the target holds was finished
  std::vector<std::unique_ptr<Store>> readers{}; ///< more connections to the source, in the same
                                                 ///< snapshot; none where that cannot be had
  Checksums snapshot{};                    ///< of the source's rows, as the preflight saw them
  std::optional<ChainHead> source_chain{}; ///< what was proven of those rows, where it was
  std::size_t findings_left_out{0};
  std::mutex finding_mutex{};

  /// Opens the snapshot of the source; for a file with `readers`, if its server lets a moment pass
  /// without writing.
  Result<void> begin_snapshot();
  void end_snapshot();
  /// Puts a finding into the report, or counts it where there are too many. From any thread.
  void finding(std::string table, std::string column, const std::string& row, std::string problem);
};

bool is_sqlite_url(const std::string& url);
std::string path_of(const std::string& sqlite_url);
Result<std::unique_ptr<Store>> open_side(const std::string& url, bool target);
std::int64_t total_rows(Store& store);
double seconds_since(std::chrono::steady_clock::time_point start);

} // namespace baluhost::migrate
