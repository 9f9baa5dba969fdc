#include "readiness.hpp"

#include "baluhost/ports/transactions.hpp"

#include <mutex>
#include <optional>

namespace baluhost {
namespace {

/// What is wrong; none: all is well.
using Problem = std::optional<std::string>;

constexpr std::size_t kMostLookedFor = 1000; ///< at most once a second

/// Looks at most once a second, however often strangers ask.
std::function<Problem()> at_most_once_a_second(const Clock& clock, std::function<Problem()> ask) {
  struct Answer {
    std::mutex mutex;
    Problem problem;
    std::chrono::microseconds until{-1};
  };
  return [&clock, ask = std::move(ask), answer = std::make_shared<Answer>()] {
    std::lock_guard lock{answer->mutex};
    const auto now = clock.monotonic();
    if (answer->until < now) {
      answer->problem = ask();
      answer->until = now + std::chrono::seconds{1};
    }
    return answer->problem;
  };
}

} // namespace

std::vector<ReadinessCheck> readiness_checks(Host& host) {
  const auto database = [&host]() -> Problem {
    const auto answered =
        query(host.database(), [](ReadTransaction& tx) { return tx.identity_version(); });
    if (!answered) return "does not answer";
    return {};
  };
  // A blob that is begun and dropped: only that shows whether the store takes any; that it has no
  // room is the next check's matter. What a restore or a scrub found missing is looked for again:
  // it may have been brought back meanwhile.
  const auto blob_store = [&host]() -> Problem {
    if (!host.blobs().space()) return "does not answer";
    const auto begun = host.blobs().create();
    if (!begun && begun.error().code != Errc::insufficient_storage) return "cannot be written to";
    const auto missing = query(
        host.database(), [](ReadTransaction& tx) { return tx.blobs().missing(kMostLookedFor); });
    if (!missing) return {}; // what is wrong then is the database
    for (const BlobId& blob : *missing) {
      const auto opened = host.blobs().open(blob);
      if (!opened && opened.error().code == Errc::not_found) return "contents are missing";
    }
    return {};
  };
  const auto disk_space = [&host]() -> Problem {
    if (host.space().look() && host.space().low()) return "below the reserve";
    return {};
  };
  // A write, since only a write shows that the database takes any: the heartbeat is one. That it
  // refused an event was seen by who wrote it.
  const auto audit = [&host]() -> Problem {
    if (!host.heartbeat() || !host.transfers().healthy() || !host.audit_log().healthy())
      return "events cannot be written";
    if (!host.database().admit(SpaceUse::grows))
      return "space is short: only what frees some is recorded";
    if (host.sealer().trouble()) return "events are not sealed as they should be";
    return {};
  };
  const Clock& clock = host.clock();
  return {{"database", at_most_once_a_second(clock, database)},
          {"blob_store", at_most_once_a_second(clock, blob_store)},
          {"disk_space", at_most_once_a_second(clock, disk_space)},
          {"audit", at_most_once_a_second(clock, audit)}};
}

} // namespace baluhost
