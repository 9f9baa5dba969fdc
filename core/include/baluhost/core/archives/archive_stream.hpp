#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace baluhost {

/// A piece of an archive. Empty where work was done and there is nothing to send yet.
struct ArchivePiece {
  std::string bytes;

  /// The end: nothing follows.
  bool is_last{false};
};

/// The bytes of an archive on their way to a client. Looks at the caller's rights again for each
/// file as it is reached, puts it on record before any of its content leaves, and sends the last
/// bytes of a content only once all of it was what its digest says. Holds one piece and one page of
/// the layout, whatever the size of the archive. One thread at a time.
class ArchiveStream {
 public:
  class InProgress; ///< of the core; not for others
  explicit ArchiveStream(std::unique_ptr<InProgress> in_progress);
  ~ArchiveStream();

  /// The next piece, after all of the last one was sent. `caller` as the caller is by now. Any
  /// error ends the stream, and what was sent is not the whole: forbidden or not_found, the right
  /// on a file is gone; not_found, the archive is over; unavailable or internal, a content cannot
  /// be read or is not what its digest says. Takes no longer than reading some MiB.
  [[nodiscard]] Result<ArchivePiece> next(const Principal& caller);

  /// Ends it; `sent` bytes of the last piece went. Once.
  void end(std::int64_t sent) noexcept;

 private:
  std::unique_ptr<InProgress> in_progress_;
};

} // namespace baluhost
