#pragma once

#include "migration/rows/checksum.hpp"
#include "migration/trail/chain_stream.hpp"

#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/ports/digester.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace baluhost::migration {

/// The source's connections, and what is known of its rows.
class Source {
 public:
  Source(BulkStore& store, const Digester& digester) : store_(store), digester_(digester) {}

  Result<void> open();
  [[nodiscard]] bool is_open() const { return reader_ != nullptr; }
  [[nodiscard]] BulkReader& reader() const { return *reader_; }
  /// More connections in the same snapshot; none where that cannot be had.
  [[nodiscard]] const std::vector<std::unique_ptr<BulkReader>>& others() const { return others_; }

  /// Opens a snapshot of one moment, with `others` if its servers let a moment pass without
  /// writing.
  Result<void> begin_snapshot();
  void end_snapshot();

  /// Returns the checksums of the rows as they are now: as they were first seen, if nothing changed
  /// since; else they are read again. Outside of a snapshot.
  Result<Checksums> checksums();

  /// Of the rows when they were read last.
  Checksums seen;
  /// What was proven of those rows, where it was.
  std::optional<ChainHead> chain;

 private:
  Result<bool> begin_all(BulkReader& witness);

  BulkStore& store_;
  const Digester& digester_;
  std::unique_ptr<BulkReader> reader_;
  std::vector<std::unique_ptr<BulkReader>> others_;
};

} // namespace baluhost::migration
