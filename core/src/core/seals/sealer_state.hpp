#pragma once

#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/ports/transactions.hpp"
#include "seals/event_tags.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace baluhost {

/// Bounds the time for which a seal holds up the writers.
inline constexpr std::size_t kMostEventsPerSeal = 5000;
inline constexpr int kMostSealAttempts = 5;

/// Whether `error` may come from rows that somebody put where the next seal goes.
[[nodiscard]] inline bool is_in_the_way(const Error& error) {
  return error.code == Errc::conflict || error.code == Errc::internal;
}

/// Adds `problem`, unless there are very many already.
inline void add_finding(std::vector<VerifyProblem>& findings, VerifyProblem problem) {
  constexpr std::size_t kMostFindings = 1000;
  if (findings.size() < kMostFindings) findings.push_back(std::move(problem));
}

/// The sealer, as its thread and the database have it: what seals, in sealer.cpp, and what recovers
/// after a crash, in seal_recovery.cpp. `sealing` is held for a whole seal and lets one thread at a
/// time seal; `mutex` guards what is told to others.
class Sealer::State {
 public:
  State(const Dependencies& the_deps, SealerOptions the_options)
      : deps(the_deps),
        options(the_options),
        tags(std::make_shared<EventTags>(deps.digester, deps.signer, deps.instance, options.events,
                                         [wake = wake] { wake->notify_all(); })) {}

  Result<std::size_t> seal_some();
  Result<std::size_t> seal_all();

  /// Where the events of a seal are read.
  enum class Source {
    memory,
    database ///< after a crash
  };
  Result<Seal> append(SealRepository& seals, std::span<const WaitingEvent> events, Source source);
  Result<std::size_t> drop_sealed(std::span<const WaitingEvent> events);
  Result<bool> clear_way();
  Result<Recovery> recover(Timestamp older_than);
  Result<bool> seal_from_database(std::vector<WaitingEvent> events);
  Result<void> find_impossible_ids(Recovery& recovery);
  Result<void> search(Timestamp older_than, Untagged untagged, Recovery& recovery);
  Result<std::optional<EventId>> newest_before(Timestamp time);
  Result<void> note(std::optional<EventId> searched);
  Result<void> anchor(const Seal& seal);
  Result<void> anchor_newest();
  void catch_up_anchor();
  Result<bool> chain_has(const Anchor& anchor, const Seal& newest);
  void run();
  void set(std::string& trouble, std::string text);
  void note_anchor(const Result<void>& anchored);
  void remove_own_tags();

  Dependencies deps;
  SealerOptions options;

  std::mutex mutex;
  std::shared_ptr<std::condition_variable> wake = std::make_shared<std::condition_variable>();
  bool stopping{false};
  std::string seal_trouble;
  std::string anchor_trouble;
  std::string alarm; ///< stays
  std::vector<VerifyProblem> findings;

  std::mutex sealing;
  std::thread thread;
  std::shared_ptr<EventTags> tags;
};

} // namespace baluhost
