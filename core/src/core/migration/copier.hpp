#pragma once

#include "migration/context.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace baluhost::migration {

class ProgressMeter;

/// Runs `work` in a transaction of the target's; a dry run is one around everything.
Result<void> in_transaction(Context& context, FunctionRef<Result<void>()> work);

/// Makes the keys, indexes and references that the target misses, and what follows from them.
Result<std::string> complete_schema(Context& context);

/// Copies all tables one after the other.
class Copier {
 public:
  explicit Copier(Context& context) : context_(context) {}

  /// Copies what the source's snapshot holds and the target does not. Ends the snapshot.
  Result<std::string> copy();

  /// That copying took, by table.
  std::map<std::string_view, double> seconds;

 private:
  Result<void> copy_tables(ProgressMeter& meter, std::int64_t& copied);
  Result<void> copy_table(const bulk::Table& table, ProgressMeter& meter, std::int64_t& copied);

  Context& context_;
};

} // namespace baluhost::migration
