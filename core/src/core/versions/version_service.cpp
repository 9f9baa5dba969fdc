#include "baluhost/core/versions/version_service.hpp"

#include "access/file_rights.hpp"
#include "access/path_access.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/file_tree.hpp"
#include "trash/tree_recording.hpp"
#include "versions/keeping.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace baluhost {
namespace {

/// More than a file has, but for a moment: the rule, and what other files left whose place it took.
constexpr std::size_t kMostListed = 1000;

/// The file at `path`, for who may do `needed` with it.
Result<FileEntry> find_file(ReadTransaction& tx, PathGate& gate, const FilePath& path,
                            Right needed) {
  BALUHOST_TRY(const auto access, gate.admit(tx, path, needed));
  if (gate.present().share() != nullptr)
    return gate.refuse(path, needed, "a share sees no versions");
  if (!access.resolution.complete) return Error{Errc::not_found, "no such file"};
  const auto& entry = access.resolution.found.back();
  if (entry.kind == FileKind::directory) return Error{Errc::conflict, "a directory has no content"};
  if (needed != Right::read) BALUHOST_CHECK(check_recorded(access.resolution));
  return entry;
}

/// Of a version in its list, whether it is there still or not: the newest has the greatest.
using Position = std::pair<Timestamp, VersionId>;

Position position_of(const Version& version) { return {version.created_at, version.id}; }

Result<Position> read_position(const std::string& list, std::string_view cursor) {
  BALUHOST_TRY(const auto key, read_cursor(list, cursor));
  Position position;
  const auto* end = key.data() + key.size();
  const auto time = std::from_chars(key.data(), end, position.first.microseconds);
  if (time.ptr == end || *time.ptr != ':') return invalid_cursor();
  auto id = VersionId::parse({time.ptr + 1, end});
  if (!id) return invalid_cursor();
  position.second = *std::move(id);
  return position;
}

Result<Version> find_former(ReadTransaction& tx, FileId file, const VersionId& id) {
  BALUHOST_TRY(auto version, tx.versions().find(file, id));
  if (!version) return Error{Errc::not_found, "no such version"};
  if (version->is_current) return Error{Errc::conflict, "it is the present content"};
  return *std::move(version);
}

} // namespace

Result<Page<Version>> VersionService::list(const Principal& principal, const FilePath& path,
                                           const PageRequest& page) {
  const auto cursor_list = "versions:" + path.str();
  std::optional<Position> after;
  if (page.cursor) {
    BALUHOST_TRY(after, read_position(cursor_list, *page.cursor));
  }
  PathGate gate(deps_.audit_log, principal, Operation::list_versions);
  auto versions = query(deps_.database, [&](ReadTransaction& tx) -> Result<std::vector<Version>> {
    BALUHOST_TRY(const auto file, find_file(tx, gate, path, Right::read));
    return tx.versions().list(file.id, kMostListed);
  });
  if (!versions) return gate.failed(std::move(versions).error());
  if (after)
    std::erase_if(*versions,
                  [&](const Version& version) { return position_of(version) >= *after; });
  return make_page(*std::move(versions), page_limit(page), cursor_list, [](const Version& version) {
    return std::to_string(version.created_at.microseconds) + ':' + version.id.value;
  });
}

Result<FileInfo> VersionService::restore(const Principal& principal, const FilePath& path,
                                         const VersionId& id) {
  PathGate gate(deps_.audit_log, principal, Operation::version_restored);
  auto event = deps_.audit_log.draft(Action::version_restored, principal);
  auto done = record(deps_.database, [&](WriteTransaction& tx) -> Result<Recorded<FileInfo>> {
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto file, find_file(tx, gate, path, Right::write));
    BALUHOST_TRY(const auto version, find_former(tx, file.id, id));
    const auto now = deps_.clock.now();
    BALUHOST_TRY(auto entry, tx.versions().restore(file.id, id, now));
    BALUHOST_TRY(auto trimmed, trim_versions(tx, deps_.audit_log, deps_.keep, file.id, path, now));
    entry.version_bytes -= trimmed.bytes;
    BALUHOST_CHECK(tx.users().add_usage(
        file.owner,
        {.bytes = -trimmed.bytes, .version_bytes = entry.version_bytes - file.version_bytes}));
    auto info = info_of(std::move(entry), path);
    BALUHOST_TRY(info.shows_content, may_read(tx, gate.present(), info.entry));
    return recorded(std::move(info), AuditEvents{about_version(event, path.str(), version),
                                                 std::move(trimmed.events)});
  });
  if (done) return done;
  event.resource = path.str();
  return gate.failed(with_details(std::move(event), JsonObject{}.add("version", id.value)),
                     std::move(done).error());
}

Result<void> VersionService::remove(const Principal& principal, const FilePath& path,
                                    const VersionId& id) {
  PathGate gate(deps_.audit_log, principal, Operation::version_removed);
  auto event = deps_.audit_log.draft(Action::version_removed, principal);
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto file, find_file(tx, gate, path, Right::remove));
    BALUHOST_TRY(const auto version, find_former(tx, file.id, id));
    BALUHOST_CHECK(tx.versions().remove(file.id, id, deps_.clock.now()));
    const auto size = version.content.size;
    BALUHOST_CHECK(tx.users().add_usage(file.owner, {.bytes = -size, .version_bytes = -size}));
    return AuditEvents{about_version(event, path.str(), version)};
  });
  if (done) return {};
  event.resource = path.str();
  return gate.failed(with_details(std::move(event), JsonObject{}.add("version", id.value)),
                     std::move(done).error());
}

} // namespace baluhost
