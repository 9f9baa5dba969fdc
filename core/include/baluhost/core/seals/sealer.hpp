#pragma once

#include "baluhost/core/seals/verify.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
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
#include <vector>

namespace baluhost {

/// Of `Sealer`.
struct SealerOptions {
  std::chrono::milliseconds interval{1000};
  std::int64_t events{1000}; ///< a seal as soon as so many wait
};

/// Events that have neither a seal nor a tag.
enum class Untagged {
  refuse, ///< none of our programs writes those: each is a finding
  accept  ///< once, after the upgrade of a database that was written before there were tags
};

/// What a recovery did and found.
struct Recovery {
  std::int64_t events{};               ///< sealed from the database
  std::vector<VerifyProblem> findings; ///< what stays unsealed, or is gone; at most 1,000
  std::vector<EventId> spent;          ///< tags that show the findings, for `Sealer::conclude`
  std::optional<EventId> searched;     ///< how far a search came, for `Sealer::conclude`
};

/// Sees that every event is sealed in the one chain of the database, without a gap in which it
/// could be changed unseen. Those that this process writes it seals from memory, where it keeps the
/// leaf of each from the transaction that writes it on; until then the tag made there vouches. Its
/// thread seals while it lives; the destructor seals what is left. Safe from many threads.
class Sealer {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    Digester& digester;
    SealSigner& signer;
    AnchorLog& anchors;
    const Clock& clock;
    InstanceId instance; ///< of this run of this program
  };

  /// Registers with the database: make it before the first write.
  Sealer(const Dependencies& deps, SealerOptions options);
  ~Sealer();

  /// Begins to seal by itself.
  void start();

  /// Seals everything written so far.
  [[nodiscard]] Result<void> seal_now();

  /// Seals what was written here, then from the database what other processes left unsealed and
  /// tagged, in seals marked as recovered, and tells what it found besides. It leaves alone the
  /// writers that wrote an event since `older_than`: they are alive and about to seal. What
  /// somebody put in the way of a seal is a finding, not an error.
  [[nodiscard]] Result<Recovery> recover(Timestamp older_than);

  /// As `recover`, and looks for rows in the way of the next seal and for events without a tag as
  /// well, among those that `note_progress` did not pass: at a start, and where a process died.
  [[nodiscard]] Result<Recovery> recover_and_search(Timestamp older_than,
                                                    Untagged untagged = Untagged::refuse);

  /// After the findings of `recovery` were recorded: the next one need not find them again.
  [[nodiscard]] Result<void> conclude(const Recovery& recovery);

  /// Notes how far the trail is sealed without a gap, so that a search looks only at what came
  /// after, however long the trail is. Leaves out events younger than `older_than`: one with a
  /// smaller id may still be on its way into the database.
  [[nodiscard]] Result<void> note_progress(Timestamp older_than);

  /// How many events wait for a seal.
  [[nodiscard]] std::int64_t unsealed() const noexcept;

  /// What is wrong, for operators: seals cannot be made or anchored, the database is an old copy,
  /// an event was altered before it was sealed.
  [[nodiscard]] std::optional<std::string> trouble() const;

  /// What was found in the way of seals since the last call.
  [[nodiscard]] std::vector<VerifyProblem> take_findings();

 private:
  class State;
  std::shared_ptr<State> state_; ///< the database has it too
};

} // namespace baluhost
