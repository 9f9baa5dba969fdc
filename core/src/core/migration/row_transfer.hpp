#pragma once

#include "migration/backup_task.hpp"
#include "migration/comparison.hpp"
#include "migration/context.hpp"
#include "migration/copier.hpp"
#include "migration/trail/chain_check.hpp"

namespace baluhost::migration {

/// Copies and compares until both sides are the same: the first pass everything, later ones what
/// the source wrote meanwhile.
class RowTransfer {
 public:
  RowTransfer(Context& context, Copier& copier, Comparison& comparison, ChainCheck& chains,
              BackupTask& backup)
      : context_(context),
        copier_(copier),
        comparison_(comparison),
        chains_(chains),
        backup_(backup) {}

  /// Returns false if the sides differ although the source stood still. conflict: the source keeps
  /// changing.
  Result<bool> run();

 private:
  [[nodiscard]] bool goes_at_once() const;
  Result<bool> load_all();
  Result<bool> first_pass();
  Result<bool> complete_and_compare();
  Result<bool> later_pass(int number);

  Context& context_;
  Copier& copier_;
  Comparison& comparison_;
  ChainCheck& chains_;
  BackupTask& backup_;
};

} // namespace baluhost::migration
