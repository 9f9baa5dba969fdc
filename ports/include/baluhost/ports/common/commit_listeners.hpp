#pragma once

#include "baluhost/ports/database.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

/// Those who are told of commits. What one of them throws cannot undo the commit: it is counted and
/// reported, and the others are told.
class CommitListeners {
 public:
  /// Told what a listener threw, on the thread that commits.
  using Report = std::function<void(std::string_view what)>;

  /// Without a listener yet; `report` may be empty.
  explicit CommitListeners(Report report) : report_(std::move(report)) {}

  /// Before the first `tell`.
  void add(CommitListener listener) { listeners_.push_back(std::move(listener)); }

  /// How many failures there were.
  [[nodiscard]] std::int64_t failures() const noexcept { return failures_; }

  /// Tells all of them of `events`, which were committed.
  void tell(std::span<const AuditEvent> events) noexcept {
    if (events.empty()) return;
    for (const auto& listener : listeners_) {
      try {
        listener(events);
      } catch (const std::exception& error) {
        failed(error.what());
      } catch (...) {
        failed("something that is no exception");
      }
    }
  }

  /// Counts and reports that they could not be told, or that one of them failed with `what`.
  void failed(std::string_view what) noexcept {
    ++failures_;
    try {
      if (report_) report_(what);
    } catch (...) {
      // Counted it is.
    }
  }

 private:
  const Report report_;
  std::vector<CommitListener> listeners_;
  std::atomic<std::int64_t> failures_{0};
};

} // namespace baluhost
