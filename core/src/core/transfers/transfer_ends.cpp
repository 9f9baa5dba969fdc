#include "transfers/transfer_ends.hpp"

#include "audit/refused_event.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <span>

namespace baluhost {
namespace {

Result<std::int64_t> write_portion(Database& database, TransferRecords& records,
                                   std::span<const EndedTransfer> ends) {
  std::vector<TransferId> ids;
  for (const auto& ended : ends) {
    if (ended.id) ids.push_back(*ended.id);
  }
  struct Seen {
    bool known_already{false};
  };
  const auto work = [&](WriteTransaction& tx, Seen& seen) -> Result<Recorded<std::int64_t>> {
    BALUHOST_TRY(auto gone, records.end(tx, ids));
    std::ranges::sort(gone);
    std::vector<NewAuditEvent> events;
    for (const auto& ended : ends) {
      if (!ended.id || std::ranges::binary_search(gone, *ended.id)) events.push_back(ended.event);
    }
    const auto count = static_cast<std::int64_t>(events.size());
    seen.known_already = events.empty();
    if (seen.known_already) return Error{Errc::not_found, "all are on record already"};
    for (auto& event : events) event.account_may_be_gone = true;
    auto last = std::move(events.back());
    events.pop_back();
    return recorded(count, AuditEvents{std::move(last), std::move(events)});
  };
  auto done = attempt<Seen>(database, work);
  if (done.seen.known_already) done.result = 0;
  if (done.result) records.ended(ids);
  return std::move(done.result);
}

} // namespace

Result<std::int64_t> write_ends(Database& database, TransferRecords& records,
                                std::vector<EndedTransfer>& ends) {
  std::int64_t count = 0;
  // Halved until what is refused stands alone, doubled again after it.
  for (std::size_t portion = ends.size(); !ends.empty(); portion *= 2) {
    portion = std::min(portion, ends.size());
    auto written = write_portion(database, records, std::span(ends).first(portion));
    for (; !written && is_refused(written.error()) && portion > 1;
         written = write_portion(database, records, std::span(ends).first(portion)))
      portion /= 2;
    if (!written && is_refused(written.error())) {
      const EndedTransfer stand_in{ends.front().id, refused_event(ends.front().event)};
      written = write_portion(database, records, std::span(&stand_in, 1));
    }
    if (!written) return std::move(written).error();
    ends.erase(ends.begin(), ends.begin() + static_cast<std::ptrdiff_t>(portion));
    count += *written;
  }
  return count;
}

} // namespace baluhost
