#pragma once

#include "baluhost/ports/database.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace baluhost {

/// Of `make_memory_database`.
struct MemoryDatabaseOptions {
  /// How long a write waits for the others before it is unavailable.
  std::chrono::milliseconds write_timeout{10'000};

  /// Told what a commit listener threw.
  std::function<void(std::string_view what)> on_listener_failure{};
};

/// A whole database in memory, as the contract has it: a read sees one snapshot, writes follow one
/// another, a write that fails leaves nothing. It is gone when it is dropped.
std::unique_ptr<Database> make_memory_database(const MemoryDatabaseOptions& options = {});

} // namespace baluhost
