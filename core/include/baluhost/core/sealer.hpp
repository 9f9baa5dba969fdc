#pragma once

#include "baluhost/domain/audit_event.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace baluhost {

struct SealerOptions {
  std::chrono::milliseconds interval{1000};
  std::int64_t events{1000}; ///< a seal as soon as so many wait
};

/// Seals the events that this process wrote, from memory: it learns of them by `Database::on_commit`, keeps their leaves, and appends seals to the
/// one chain of the database. Its thread seals while it lives; the destructor seals what is left. Safe from many threads.
class Sealer {
 public:
  struct Parts {
    Database& database;
    Digester& digester;
    SealSigner& signer;
    AnchorLog& anchors;
    const Clock& clock;
  };
  /// Registers with the database: make it before the first write.
  Sealer(const Parts& parts, SealerOptions options);
  ~Sealer();

  void start();                                ///< begins to seal by itself
  [[nodiscard]] Result<void> seal_now();       ///< everything written so far
  /// Seals from the database what a crashed process left unsealed, in seals marked as recovered; gives how many events. `older_than` leaves alone what
  /// another living process is about to seal.
  [[nodiscard]] Result<std::int64_t> recover(Timestamp older_than);
  /// Notes how far the trail is sealed without a gap, so that a recovery looks only at what came after, however long the trail is. Leaves out events
  /// younger than `older_than`: one with a smaller id may still be on its way into the database.
  [[nodiscard]] Result<void> note_progress(Timestamp older_than);
  [[nodiscard]] std::int64_t unsealed() const noexcept;
  /// What is wrong, for operators: seals cannot be made or anchored, the database is an old copy, an event was altered before it was sealed.
  [[nodiscard]] std::optional<std::string> trouble() const;

 private:
  struct State;
  std::shared_ptr<State> state_; ///< the database's listener has it too
};

} // namespace baluhost
