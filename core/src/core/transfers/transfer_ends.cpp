#include "transfers/transfer_ends.hpp"

#include "audit/refused_event.hpp"
#include "identity/former_account.hpp"

#include <algorithm>
#include <span>

namespace baluhost {
namespace {

Result<std::int64_t> write_portion(Database& database, std::span<const EndedTransfer> ends) {
  std::size_t count = 0;
  bool known_already = false;
  auto written = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    std::vector<NewAuditEvent> events;
    for (const auto& ended : ends) {
      if (ended.id) {
        auto exchanged = tx.transfers().end(*ended.id);
        if (!exchanged && exchanged.error().code == Errc::not_found) continue;
        BALUHOST_CHECK(std::move(exchanged));
      }
      events.push_back(ended.event);
    }
    count = events.size();
    known_already = events.empty();
    if (known_already) return Error{Errc::not_found, "all are on record already"};
    BALUHOST_CHECK(mark_former_accounts(tx, events));
    auto last = std::move(events.back());
    events.pop_back();
    return AuditEvents{std::move(last), std::move(events)};
  });
  if (!written && !known_already) return std::move(written).error();
  return static_cast<std::int64_t>(count);
}

} // namespace

Result<std::int64_t> write_ends(Database& database, std::vector<EndedTransfer>& ends) {
  std::int64_t count = 0;
  // Halved until what is refused stands alone, doubled again behind it.
  for (std::size_t portion = ends.size(); !ends.empty(); portion *= 2) {
    portion = std::min(portion, ends.size());
    auto written = write_portion(database, std::span(ends).first(portion));
    for (; !written && is_refused(written.error()) && portion > 1;
         written = write_portion(database, std::span(ends).first(portion)))
      portion /= 2;
    if (!written && is_refused(written.error())) {
      const EndedTransfer stand_in{ends.front().id, refused_event(ends.front().event)};
      written = write_portion(database, std::span(&stand_in, 1));
    }
    if (!written) return std::move(written).error();
    ends.erase(ends.begin(), ends.begin() + static_cast<std::ptrdiff_t>(portion));
    count += *written;
  }
  return count;
}

} // namespace baluhost
