#pragma once

#include "migration/context.hpp"

#include <future>
#include <memory>
#include <string>

namespace baluhost::migration {

/// The backup of the source: made while its rows are looked at, checked while they are copied.
class BackupTask {
 public:
  explicit BackupTask(Context& context) : context_(context) {}

  /// Whether this run makes one.
  [[nodiscard]] bool is_wanted() const;

  /// Begins, if it is wanted.
  void start();
  [[nodiscard]] bool is_started() const { return making_.valid(); }

  /// What turns out not to be moved leaves no backup.
  void discard();

  /// Waits for it and begins to check it. Returns what `SourceBackup::make` does.
  Result<std::string> finish();

  /// Its rows; null where they cannot be read.
  [[nodiscard]] BulkStore* rows() const { return rows_.get(); }
  /// Its rows turned out to be the source's.
  void is_compared() { compared_ = true; }

  /// Whether there is one whose check was not taken yet.
  [[nodiscard]] bool is_to_be_checked() const { return checking_.valid(); }
  /// Returns a sentence on it. internal: it is not sound.
  Result<std::string> check();

 private:
  Context& context_;
  std::future<Result<std::string>> making_;
  std::future<Result<void>> checking_;
  std::string name_;
  std::unique_ptr<BulkStore> rows_;
  bool compared_{false};
};

} // namespace baluhost::migration
