#include "access/share_ends.hpp"

#include "access/path_access.hpp"
#include "access/share_events.hpp"
#include "baluhost/core/access/access_policy.hpp"
#include "transfers/upload_rights.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kSharesAtOnce = 500;
constexpr std::size_t kUploadsAtOnce = 500;

/// Those that fit, in pages, since there may be many in a home. Only shares that stay are passed
/// over: what is ended leaves the list.
template <class IsWanted>
Result<std::vector<NewAuditEvent>> end_those(WriteTransaction& tx, const ShareFilter& filter,
                                             const AuditLog& audit, const Principal& principal,
                                             const IsWanted& is_wanted) {
  std::vector<NewAuditEvent> events;
  for (std::optional<ShareId> after;;) {
    BALUHOST_TRY(const auto page, tx.shares().list(filter, after, kSharesAtOnce));
    for (const auto& share : page) {
      BALUHOST_TRY(const bool wanted, is_wanted(share));
      if (!wanted) continue;
      BALUHOST_TRY(auto ended, end_share(tx, share, audit, principal));
      std::ranges::move(ended, std::back_inserter(events));
    }
    if (page.size() < kSharesAtOnce) return events;
    after = page.back().share.id;
  }
}

} // namespace

Result<Rights> rights_passed_on(ReadTransaction& tx, const User& creator, const FilePath& path,
                                ShareRights rights) {
  BALUHOST_TRY(const auto access, look_up(tx, creator.id, creator.role, path));
  const auto held = rights_of_account(access.standing);
  return held.includes(Right::share) ? held & rights.needed() : Rights{};
}

Result<PlacedShare> place(ReadTransaction& tx, const ShareState& state) {
  BALUHOST_TRY(auto path, tx.files().path_of(state.share.file));
  BALUHOST_TRY(const auto entry, tx.files().find(state.share.file));
  if (!entry) return Error{Errc::not_found, "the shared file is gone"};
  return PlacedShare{state.share, state.creator.username, std::move(path), entry->kind};
}

Result<std::vector<NewAuditEvent>> end_share(WriteTransaction& tx, const PlacedShare& share,
                                             const AuditLog& audit, const Principal& principal) {
  const auto& id = share.share.id;
  std::vector<NewAuditEvent> events;
  events.push_back(about_share(audit.draft(Action::share_ended, principal), share.path,
                               details_of(id).add("uses", share.share.uses)));
  BALUHOST_CHECK(tx.shares().end(id, events.front().timestamp));
  for (;;) {
    BALUHOST_TRY(const auto uploads,
                 tx.uploads().list_unfinished({.share = id}, std::nullopt, kUploadsAtOnce));
    for (const auto& [upload, creator] : uploads) {
      BALUHOST_CHECK(tx.uploads().remove(upload.id));
      events.push_back(with_details(
          ended_upload(upload, audit.draft(Action::upload, principal), Errc::forbidden),
          details_of(id)));
    }
    if (uploads.size() < kUploadsAtOnce) return events;
  }
}

Result<std::vector<NewAuditEvent>> end_shares(WriteTransaction& tx, const ShareFilter& filter,
                                              const AuditLog& audit, const Principal& principal) {
  return end_those(tx, filter, audit, principal,
                   [](const PlacedShare&) -> Result<bool> { return true; });
}

Result<std::vector<NewAuditEvent>> end_unpermitted_shares(WriteTransaction& tx,
                                                          const ShareFilter& filter,
                                                          const AuditLog& audit,
                                                          const Principal& principal) {
  return end_those(tx, filter, audit, principal, [&](const PlacedShare& share) -> Result<bool> {
    if (share.path.home() == share.creator.str()) return false;
    BALUHOST_TRY(const auto creator, tx.users().find(share.share.creator));
    if (!creator) return true;
    BALUHOST_TRY(const auto passed, rights_passed_on(tx, *creator, share.path, share.share.rights));
    return passed != share.share.rights.needed();
  });
}

} // namespace baluhost
