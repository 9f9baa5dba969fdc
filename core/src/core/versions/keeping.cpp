#include "versions/keeping.hpp"

#include <utility>

namespace baluhost {
namespace {

/// How many go with one change: there may be more where the rule was made stricter, or where two
/// files became one; the housekeeper takes the rest.
constexpr std::size_t kTrimmedAtOnce = 100;

} // namespace

FormerContent former_of(const KeepRules& rules, const Content& there, const Content& fresh) {
  if (there.sha256 == fresh.sha256) return FormerContent::equal;
  return rules.versions_keep > 0 ? FormerContent::kept : FormerContent::dropped;
}

Result<Trimmed> trim_versions(WriteTransaction& tx, const AuditLog& audit, const KeepRules& rules,
                              FileId file, const FilePath& path, Timestamp now) {
  Trimmed trimmed;
  if (rules.versions_keep == 0) return trimmed;
  BALUHOST_TRY(
      const auto surplus,
      tx.versions().surplus(file, static_cast<std::size_t>(rules.versions_keep), kTrimmedAtOnce));
  for (const auto& version : surplus) {
    BALUHOST_CHECK(tx.versions().remove(file, version.id, now));
    trimmed.bytes += version.content.size;
    trimmed.events.push_back(
        about_version(audit.draft(Action::version_removed), path.str(), version));
  }
  return trimmed;
}

Result<std::int64_t> bytes_to_trim(ReadTransaction& tx, const KeepRules& rules,
                                   const FileEntry& file) {
  if (rules.versions_keep == 0 || file.version_bytes == 0) return std::int64_t{0};
  BALUHOST_TRY(const auto surplus,
               tx.versions().surplus(file.id, static_cast<std::size_t>(rules.versions_keep - 1),
                                     kTrimmedAtOnce));
  std::int64_t bytes = 0;
  for (const auto& version : surplus) bytes += version.content.size;
  return bytes;
}

Result<TakenOver> take_over(WriteTransaction& tx, const KeepRules& rules, const FileEntry& file,
                            const FileEntry& heir, Timestamp now) {
  const auto former = former_of(rules, *file.content, *heir.content);
  BALUHOST_CHECK(tx.versions().adopt(file.id, heir.id, former, now));
  BALUHOST_CHECK(tx.files().remove(file.id, now));
  const auto size = file.content->size;
  return former == FormerContent::kept ? TakenOver{.kept_bytes = size}
                                       : TakenOver{.dropped_bytes = size};
}

NewAuditEvent about_version(NewAuditEvent event, const std::string& path, const Version& version) {
  event.resource = path;
  return with_details(std::move(event), JsonObject{}
                                            .add("version", version.id.value)
                                            .add("file_size", version.content.size)
                                            .add("sha256", version.content.sha256.hex()));
}

} // namespace baluhost
