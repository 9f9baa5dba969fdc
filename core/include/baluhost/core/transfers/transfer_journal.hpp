#pragma once

#include "baluhost/core/transfers/download.hpp"
#include "baluhost/domain/files/archive.hpp"
#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace baluhost {

/// When a download is put on record.
enum class DownloadRecording {
  before, ///< on record before the first byte leaves; exchanged for the event at the end
  after,  ///< only the event at the end
};

/// A download that is about to begin.
struct DownloadStart {
  NewAuditEvent event;
  Content content;
  std::optional<ByteRange> range;

  /// That it is part of.
  std::optional<ArchiveId> archive{};
};

/// Keeps each download on record until its `download` event is. Ends wait in a bounded queue for a
/// commit that they share: a full queue slows the callers down and drops nothing, and an event that
/// the database refuses becomes `event_refused` and holds up no other. The destructor closes it.
/// Safe from many threads.
class TransferJournal {
 public:
  /// All references must outlive it.
  TransferJournal(Database& database, const Clock& clock, InstanceId instance,
                  DownloadRecording recording, std::size_t queue_capacity = 4096);
  ~TransferJournal();

  /// `event` is the `download` event as it stands: `finish` completes its details with bytes and
  /// times. With `before` this returns after the transfer is durable. unavailable: it cannot be
  /// recorded, so nothing may be sent.
  [[nodiscard]] Result<std::unique_ptr<Download::Record>> begin(
      NewAuditEvent event, const Content& content, const std::optional<ByteRange>& range);

  /// The same for several that begin together, by one commit; their records in their order.
  [[nodiscard]] Result<std::vector<std::unique_ptr<Download::Record>>> begin_all(
      std::vector<DownloadStart> starts);

  /// From now on what is under way is on record with MACs that `signer` makes. Before the first
  /// download; `signer` must outlive it. The `Lifecycle` of a server calls it.
  void vouch_by(SealSigner& signer) noexcept;

  /// Puts the instance, which started at `started_at`, on record as seen now; `renew` does so in a
  /// transaction of its own. Errors as of the database.
  [[nodiscard]] Result<void> put_instance(TransferRepository& transfers,
                                          Timestamp started_at) const;
  [[nodiscard]] Result<void> renew(Timestamp started_at);

  /// Waits until everything queued so far is durable.
  void flush();

  /// Writes what is queued and ends; nothing may begin after it. unavailable: the database refused
  /// for three seconds, and some ends are not written. With `before` their rows are still there,
  /// and the next start makes them interrupted downloads.
  [[nodiscard]] Result<void> close();
  [[nodiscard]] bool healthy() const noexcept;

 private:
  struct State;
  class Entry;
  std::shared_ptr<State> state_;
};

} // namespace baluhost
