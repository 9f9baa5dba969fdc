#include "readiness.hpp"

#include <mutex>

namespace baluhost {
namespace {

constexpr std::size_t kMostLookedFor = 1000; ///< at most once a second

/// Asks at most once a second, however often strangers do.
std::function<std::string()> at_most_once_a_second(const Clock& clock,
                                                   std::function<std::string()> ask) {
  struct Answer {
    std::mutex mutex;
    std::string text;
    std::chrono::microseconds until{-1};
  };
  return [&clock, ask = std::move(ask), answer = std::make_shared<Answer>()] {
    std::lock_guard lock{answer->mutex};
    const auto now = clock.monotonic();
    if (answer->until < now) {
      answer->text = ask();
      answer->until = now + std::chrono::seconds{1};
    }
    return answer->text;
  };
}

} // namespace

std::vector<ReadinessCheck> readiness_checks(Backend& backend, Services& services,
                                             SpaceMonitor& space) {
  const auto database = [&backend]() -> std::string {
    const auto answered = backend.database->read([](ReadTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.identity_version());
      return {};
    });
    return answered ? "ok" : "does not answer";
  };
  // A blob that is begun and dropped: only that shows whether the store takes any; that it has no
  // room is the next check's matter. What a restore or a scrub found missing is looked for again:
  // it may have been brought back meanwhile.
  const auto blob_store = [&backend]() -> std::string {
    if (!backend.blobs->space()) return "does not answer";
    const auto begun = backend.blobs->create();
    if (!begun && begun.error().code != Errc::insufficient_storage) return "cannot be written to";
    std::vector<BlobId> missing;
    const auto answered = backend.database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(missing, tx.uploads().missing(kMostLookedFor));
      return {};
    });
    if (!answered) return "ok"; // what is wrong then is the database
    for (const BlobId& blob : missing) {
      const auto opened = backend.blobs->open(blob);
      if (!opened && opened.error().code == Errc::not_found) return "contents are missing";
    }
    return "ok";
  };
  const auto disk_space = [&space]() -> std::string {
    return space.look() && space.low() ? "below the reserve" : "ok";
  };
  // A write, since only a write shows that the database takes any: the heartbeat is one. That it
  // refused an event was seen by who wrote it.
  const auto audit = [&backend, &services]() -> std::string {
    if (!services.lifecycle.heartbeat() || !services.transfers.healthy() ||
        !services.audit_log.healthy())
      return "events cannot be written";
    if (!backend.database->admit(SpaceUse::grows))
      return "space is short: only what frees some is recorded";
    return services.sealer.trouble() ? "events are not sealed as they should be" : "ok";
  };
  const Clock& clock = *backend.clock;
  return {{"database", at_most_once_a_second(clock, database)},
          {"blob_store", at_most_once_a_second(clock, blob_store)},
          {"disk_space", at_most_once_a_second(clock, disk_space)},
          {"audit", at_most_once_a_second(clock, audit)}};
}

} // namespace baluhost
