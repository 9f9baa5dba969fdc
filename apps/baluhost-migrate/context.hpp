#pragma once

#include "checksum.hpp"
#include "migration.hpp"
#include "store.hpp"

#include "baluhost/ports/digester.hpp"

#include <chrono>
#include <memory>
#include <string>

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
  Checksums snapshot{};               ///< of the source's rows, as the preflight saw them
  std::size_t findings_left_out{0};

  /// Puts a finding into the report, or counts it where there are too many.
  void finding(std::string table, std::string column, const std::string& row, std::string problem);
};

bool is_sqlite_url(const std::string& url);
std::string path_of(const std::string& sqlite_url);
Result<std::unique_ptr<Store>> open_side(const std::string& url, bool target);
std::int64_t total_rows(Store& store);
double seconds_since(std::chrono::steady_clock::time_point start);

} // namespace baluhost::migrate
