#pragma once

#include "migration/journal.hpp"
#include "migration/rows/tables.hpp"
#include "migration/source.hpp"

#include "baluhost/core/migration/migration.hpp"

#include <memory>
#include <span>

namespace baluhost::migration {

/// What the steps of a migration share.
struct Context {
  Context(const Options& asked, const Dependencies& dependencies, Report& result)
      : options(asked),
        given(dependencies),
        report(result),
        journal(result),
        tables(dependencies.source.rows.tables()),
        source(dependencies.source.rows, dependencies.digester) {}

  [[nodiscard]] const bulk::Table& table(bulk::Content content) const {
    return table_of(tables, content);
  }
  [[nodiscard]] bool is(Mode mode) const { return options.mode == mode; }
  [[nodiscard]] std::unique_ptr<SealVerifier> seal_keys() const {
    auto keys = given.seal_keys();
    return keys ? *std::move(keys) : nullptr;
  }

  const Options& options;
  const Dependencies& given;
  Report& report;
  Journal journal;
  std::span<const bulk::Table> tables;
  Source source;
  std::unique_ptr<BulkWriter> target{};
  bulk::RunState run_state{bulk::RunState::none}; ///< of the target, as it was found
  bool source_went_on{false}; ///< since the run that the target holds was finished
};

} // namespace baluhost::migration
