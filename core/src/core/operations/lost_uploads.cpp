#include "baluhost/core/operations/lost_uploads.hpp"

#include "baluhost/ports/transactions.hpp"
#include "transfers/upload_rights.hpp"

#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

constexpr std::size_t kBatch = 100;

Result<void> end(Database& database, AuditLog& audit, const std::vector<PendingUpload>& uploads) {
  if (uploads.empty()) return {};
  return database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    std::vector<NewAuditEvent> events;
    for (const PendingUpload& upload : uploads) {
      BALUHOST_TRY(auto event, lapse_upload(tx, upload, audit.draft(Action::upload)));
      events.push_back(std::move(event));
    }
    auto last = std::move(events.back());
    events.pop_back();
    return AuditEvents{std::move(last), std::move(events)};
  });
}

} // namespace

Result<std::int64_t> end_lost_uploads(Database& database, BlobStore& blobs, AuditLog& audit) {
  BALUHOST_TRY(auto staged, blobs.list_staged());
  const std::set<UploadId> there(std::make_move_iterator(staged.begin()),
                                 std::make_move_iterator(staged.end()));
  std::int64_t ended = 0;
  for (std::optional<UploadId> after;;) {
    BALUHOST_TRY(const auto page, query(database, [&](ReadTransaction& tx) {
                   return tx.uploads().list_unfinished({}, after, kBatch);
                 }));
    std::vector<PendingUpload> lost;
    for (const auto& [upload, creator] : page)
      if (upload.offset > 0 && !there.contains(upload.id)) lost.push_back(upload);
    BALUHOST_CHECK(end(database, audit, lost));
    ended += static_cast<std::int64_t>(lost.size());
    if (page.size() < kBatch) return ended;
    after = page.back().upload.id;
  }
}

} // namespace baluhost
