#include "baluhost/core/archives/archive_service.hpp"

#include "access/path_access.hpp"
#include "access/permission_gate.hpp"
#include "archives/archive_in_progress.hpp"
#include "archives/archive_maker.hpp"
#include "baluhost/ports/transactions.hpp"

#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kEntriesAtOnce = 1000;

Error no_such_archive() { return Error{Errc::not_found, "no such archive"}; }

/// Who came by a share has what came by it; an account has what came by none.
bool is_own(const Principal& principal, const Archive& archive) {
  const auto* by = std::get_if<ShareId>(&archive.ends_with);
  if (const auto* share = principal.share()) return by != nullptr && *by == share->id;
  return by == nullptr && archive.owner == principal.user();
}

std::string resource_of(const ArchiveId& id) {
  return std::string{kArchivesRoute} + "/" + id.value;
}

} // namespace

Result<Archive> ArchiveService::create(const Principal& principal, const ArchiveRequest& request) {
  PathGate gate(deps_.audit_log, principal, Operation::download);
  ArchiveMaker maker(deps_, gate, principal, request);
  auto made = maker.make();
  if (made) return made;
  auto event = deps_.audit_log.draft(Action::download, principal);
  event.resource = maker.at().empty() ? std::string{kArchivesRoute} : maker.at();
  return gate.failed(std::move(event), std::move(made).error());
}

/// One that can be had.
Result<std::optional<Archive>> ArchiveService::look_up(const ArchiveId& id) {
  const auto now = deps_.clock.now();
  BALUHOST_TRY(auto archive, query(deps_.database, [&](ReadTransaction& tx) {
                 return tx.archives().find(id, now);
               }));
  if (archive && (!archive->is_made() || archive->expires_at() <= now)) archive.reset();
  return archive;
}

Result<bool> ArchiveService::has(const Principal& principal, const ArchiveId& id) {
  BALUHOST_TRY(const auto archive, look_up(id));
  return archive && is_own(principal, *archive);
}

Result<Archive> ArchiveService::find(const Principal& principal, const ArchiveId& id) {
  BALUHOST_TRY(auto archive, look_up(id));
  if (!archive) return no_such_archive();
  if (is_own(principal, *archive)) return *std::move(archive);
  return deps_.audit_log.denied(principal, resource_of(id), Operation::download,
                                Rights{Right::read}.to_text(), no_such_archive());
}

/// forbidden, on record, if the caller may not read by now what the archive has at `offset`, or
/// what it begins with, where that is no file's.
Result<void> ArchiveService::admit(const Principal& principal, const Archive& archive,
                                   std::int64_t offset) {
  BALUHOST_TRY(const auto entries, query(deps_.database, [&](ReadTransaction& tx) {
                 const auto in_directory = offset - archive.directory_offset;
                 return in_directory >= 0 && in_directory < archive.directory_size
                            ? tx.archives().directory_at(archive.id, in_directory, 1)
                            : tx.archives().entries_at(archive.id, in_directory < 0 ? offset : 0,
                                                       1);
               }));
  if (entries.empty()) return no_such_archive();
  const auto place = place_of(entries.front());
  BALUHOST_CHECK(count_readable(deps_.database, deps_.audit_log, principal, std::span(&place, 1)));
  return {};
}

Result<ArchiveDownload> ArchiveService::open(const Principal& principal, const ArchiveId& id,
                                             const DownloadRequest& request) {
  auto event = deps_.audit_log.draft(Action::download, principal);
  const auto opened = [&]() -> Result<ArchiveDownload> {
    BALUHOST_TRY(auto archive, find(principal, id));
    const Validators validators{.etag = ArchiveDownload::etag(archive),
                                .modified_at = archive.created_at};
    const auto verdict = evaluate(request.conditions, &validators);
    if (verdict == Verdict::failed)
      return Error{Errc::precondition_failed, "a condition of the request does not hold"};
    ArchiveDownload download{.archive = std::move(archive),
                             .not_modified = verdict == Verdict::not_modified,
                             .range = std::nullopt,
                             .stream = nullptr};
    const bool is_sent = !download.not_modified && request.content;
    if (is_sent && request.range && range_applies(request, validators, deps_.clock.now())) {
      BALUHOST_TRY(download.range, ByteRange::parse(*request.range, download.archive.size));
    }
    const auto first = download.range ? download.range->first : 0;
    BALUHOST_CHECK(admit(principal, download.archive, first));
    if (!is_sent) return download;
    BALUHOST_CHECK(deps_.database.bookkeep(
        [&](Bookkeeping& tx) { return tx.archives().touch(id, deps_.clock.now()); }));
    const auto range =
        download.range.value_or(ByteRange{.first = 0, .last = download.archive.size - 1});
    download.stream = std::make_unique<ArchiveStream>(
        std::make_unique<ArchiveStream::InProgress>(deps_, download.archive, range, event));
    return download;
  };
  auto download = opened();
  if (download || !request.content) return download;
  event.resource = resource_of(id);
  event = with_details(std::move(event), JsonObject{}.add("archive", id.value));
  return deps_.audit_log.failed(std::move(event), std::move(download).error());
}

Result<void> clear_archives(Database& database, const Clock& clock,
                            const std::function<bool()>& go_on) {
  while (go_on()) {
    const auto now = clock.now();
    BALUHOST_TRY(const auto ended, query(database, [&](ReadTransaction& tx) {
                   return tx.archives().ended(now - Archive::kLifetime, now, 1);
                 }));
    if (ended.empty()) return {};
    for (bool is_gone = false; !is_gone && go_on();) {
      BALUHOST_TRY(is_gone, bookkeep(database, [&](Bookkeeping& tx) {
                     return tx.archives().remove(ended.front(), kEntriesAtOnce, now);
                   }));
    }
  }
  return {};
}

} // namespace baluhost
