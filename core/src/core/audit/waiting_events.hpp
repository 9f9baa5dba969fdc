#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

namespace baluhost {

/// Events of failures that the database did not take when they happened, until it does. Bounded,
/// and safe from many threads.
class WaitingEvents {
 public:
  static constexpr std::size_t kMost = 1000;

  /// False: there is no room.
  [[nodiscard]] bool add(const NewAuditEvent& event);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Writes them, oldest first, with the time of writing; when it happened is `occurred_at` in the
  /// details. unavailable, insufficient_storage, internal: the database takes none; those that are
  /// not written wait on.
  [[nodiscard]] Result<void> write(Database& database, const Clock& clock);

 private:
  struct Waiting {
    NewAuditEvent event;
    NewAuditEvent tried; ///< as it was handed over last
  };

  enum class Form { plain, refused };

  Result<std::size_t> write_some(Database& database, Timestamp now, std::size_t most, Form form);
  std::vector<Waiting> first(std::size_t most);
  void written(std::size_t count);
  void tried(const std::vector<NewAuditEvent>& events);

  std::mutex writing_; ///< one thread at a time writes
  std::mutex mutex_;   ///< of what follows
  std::deque<Waiting> waiting_;
  std::atomic<std::size_t> size_{0};
};

} // namespace baluhost
