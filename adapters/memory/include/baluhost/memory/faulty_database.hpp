#pragma once

#include "baluhost/ports/database.hpp"

#include <functional>
#include <memory>

namespace baluhost {

/// A database that fails when it is told to, with unavailable. Bookkeeping counts as a write. Safe
/// from many threads.
class FaultyDatabase : public Database {
 public:
  virtual void fail_reads(int count) = 0;  ///< the next `count` reads, before their work runs
  virtual void fail_writes(int count) = 0; ///< the next `count` writes, before their work runs
  virtual void fail_commits(
      int count) = 0; ///< the next `count` writes whose work succeeds: nothing of them is kept
  virtual void lose_answers(int count) = 0; ///< the next `count` writes that commit: they are kept,
                                            ///< and reported as failed
  /// Every write from now on with an event for which `is_refused` is true fails, with internal: as
  /// a database whose columns cannot hold it. An empty function ends that.
  virtual void refuse(std::function<bool(const NewAuditEvent&)> is_refused) = 0;
};

/// `inner` with faults; without any it behaves like `inner`, which must outlive it.
std::unique_ptr<FaultyDatabase> with_faults(Database& inner);

} // namespace baluhost
