#pragma once

#include "baluhost/domain/error.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/seal_signer.hpp"
#include "baluhost/ports/seed_cipher.hpp"
#include "baluhost/ports/token_codec.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace baluhost::testing {

/// Where a port can fail. Clocks and digests cannot.
enum class Call {
  database_read,     ///< before the work runs
  database_write,    ///< before the work runs
  database_commit,   ///< of a write or of bookkeeping, after the work: nothing of it is kept
  database_answer,   ///< after a commit: it is kept, and reported as failed
  database_bookkeep, ///< before the work runs
  database_admit,
  database_status,
  blob_create,
  blob_open,
  blob_read, ///< of an open blob or a staged one
  blob_write,
  blob_publish,
  blob_stage,
  blob_sync,
  blob_truncate,
  blob_remove,
  blob_list, ///< published or staged ones
  blob_discard,
  blob_restage,
  blob_space,
  hash,
  hash_verify,
  random_bytes,
  token_sign,   ///< of any kind
  token_verify, ///< of any kind
  seal_sign,
  seal_mac,
  anchor_append,
  anchor_newest,
  seed_seal, ///< of a second factor
  seed_open,
  seed_newest_key,
};

/// How many there are.
inline constexpr std::size_t kCalls = static_cast<std::size_t>(Call::seed_newest_key) + 1;

/// `count` calls fail with `code`, from the call number `at` on, 1 being the next. Each of them
/// takes `delay`, which passes on the clock and for nobody else.
struct FaultPlan {
  int at{1};
  int count{1};
  Errc code{Errc::unavailable};
  std::chrono::microseconds delay{};
};

/// What fails and what was called, for all ports that were wrapped with it. Safe from many threads.
class Faults {
 public:
  /// Without a clock delays are left out. `clock` must outlive it.
  explicit Faults(ManualClock* clock = nullptr) : clock_(clock) {}

  /// Adds to what is planned for `call` already.
  void plan(Call call, const FaultPlan& plan);

  /// Nothing fails any more.
  void clear();

  /// How often `call` was made, failed ones too.
  [[nodiscard]] int calls(Call call) const;

  /// For a port's wrapper: counts the call, and returns the error that it is to fail with.
  [[nodiscard]] std::optional<Error> take(Call call);

 private:
  struct Planned {
    int begin{}; ///< number of the first call that fails
    FaultPlan plan;
  };
  struct State {
    int calls{0};
    std::vector<Planned> planned;
  };
  ManualClock* clock_;
  mutable std::mutex mutex_;
  std::array<State, kCalls> states_;
};

// Each port as it is, but for the faults. Both references must outlive what is returned and all
// that was opened from it.
std::unique_ptr<Database> with_faults(Database& inner, Faults& faults);
std::unique_ptr<BlobStore> with_faults(BlobStore& inner, Faults& faults);
std::unique_ptr<PasswordHasher> with_faults(PasswordHasher& inner, Faults& faults);
std::unique_ptr<RandomSource> with_faults(RandomSource& inner, Faults& faults);
std::unique_ptr<TokenCodec> with_faults(TokenCodec& inner, Faults& faults);
std::unique_ptr<SealSigner> with_faults(SealSigner& inner, Faults& faults);
std::unique_ptr<AnchorLog> with_faults(AnchorLog& inner, Faults& faults);
std::unique_ptr<SeedCipher> with_faults(SeedCipher& inner, Faults& faults);

} // namespace baluhost::testing
