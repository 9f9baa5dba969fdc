#pragma once

#include "seals/chain_verifier.hpp"

#include "baluhost/domain/audit/audit_event_view.hpp"
#include "baluhost/ports/bulk_store.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace baluhost::migration {

struct ChainHead {
  std::string head; ///< hash of the newest seal, hex
  std::int64_t events{};
};

/// Verifies the audit chain of one side from the rows that are read for its checksums anyway. One
/// thread reads the events and hashes them, another the leaves; what is between them is bounded. It
/// proves a trail that is whole and says nothing of any other: `verify_trail` then tells what is
/// wrong, if anything is.
class ChainStream {
 public:
  /// `keys` null: there is nothing to verify with. `seals` is read from while leaves come by.
  ChainStream(std::unique_ptr<SealVerifier> keys, const Digester& digester, BulkReader& seals,
              std::span<const bulk::Table> tables);

  // The thread that reads the events, by id.
  void event(const bulk::Row& row);
  void end_of_events();

  // The thread that reads the leaves, by sequence.
  void leaf(const bulk::Row& row);

  /// At the end of the leaves. Returns the head that was proven, none if it was not.
  std::optional<ChainHead> finish();

  /// Lets the other thread go on alone.
  void give_up();

 private:
  using Hashed = std::vector<std::pair<std::int64_t, Sha256Digest>>; ///< event, leaf

  void push(Hashed chunk);
  bool pull();
  std::optional<Sha256Digest> hash_of(EventId event);
  Result<void> read_prunes();
  Result<void> read_seals();
  bool next_seal();
  void feed_seal();
  void fail();

  std::unique_ptr<SealVerifier> keys_;
  const Digester& digester_;
  BulkReader& seal_reader_;
  std::span<const bulk::Table> tables_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Hashed> queue_;
  bool ended_{false};
  bool abandoned_{false};

  // Of the thread that reads the events.
  std::string encoding_;
  Hashed filling_;

  // Of the thread that reads the leaves.
  std::optional<ChainVerifier> verifier_;
  bool failed_{false};
  Hashed current_;
  std::size_t at_{0};
  /// Hashed events whose leaf comes later: several servers seal out of order.
  std::unordered_map<std::int64_t, Sha256Digest> waiting_;
  bool begun_{false};
  std::deque<Seal> seals_;
  std::optional<std::int64_t> last_seal_; ///< that was read
  std::vector<PruneRecord> prunes_;
  std::map<std::int64_t, Seal> pruned_up_to_; ///< the seals that prune records name, by number
};

} // namespace baluhost::migration
