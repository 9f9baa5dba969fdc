#pragma once

#include "baluhost/ports/password_hasher.hpp"

#include <memory>

namespace baluhost {

/// Hashes on threads of its own, which yield to all others of the process; callers wait for
/// their turn.
class YieldingHasher : public PasswordHasher {
 public:
  /// Others have work to do: for a while the hashing threads let them in several times a
  /// millisecond. Cheap, safe from any thread.
  virtual void yield() noexcept = 0;
};

/// `hasher` on `threads` threads. A hash keeps one core busy, so more at once would only take
/// memory. The callers stay as they are: what they do before and after, such as writing to the
/// database, others may wait for. Takes SIGRTMIN for itself.
std::unique_ptr<YieldingHasher> on_yielding_threads(std::unique_ptr<PasswordHasher> hasher,
                                                    unsigned threads);

} // namespace baluhost
