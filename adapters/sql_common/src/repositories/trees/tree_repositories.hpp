#pragma once

#include "baluhost/ports/repositories/trash_repository.hpp"
#include "baluhost/ports/repositories/tree_record_repository.hpp"
#include "baluhost/ports/repositories/version_repository.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace baluhost::sql {

class SqlTrash final : public TrashRepository {
 public:
  explicit SqlTrash(Connection& db) : db_(db) {}
  Result<std::optional<TrashEntry>> find(TrashId id,
                                         const std::optional<UserId>& viewer) const override;
  Result<std::vector<TrashEntry>> list(const TrashFilter& filter,
                                       const std::optional<TrashId>& after,
                                       std::size_t limit) const override;
  Result<std::vector<TrashEntry>> expired(Timestamp now, std::size_t limit) const override;
  Result<std::optional<TrashEntry>> holding(FileId file) const override;
  Result<TrashEntry> put(const NewTrashEntry& entry) override;
  Result<FileEntry> restore(TrashId id, FileId parent, const FileName& name) override;
  Result<void> lose_versions(TrashId id, std::int64_t bytes) override;

 private:
  Connection& db_;
};

class SqlTreeRecords final : public TreeRecordRepository {
 public:
  explicit SqlTreeRecords(Connection& db) : db_(db) {}
  Result<std::vector<TreeRecord>> pending(TreeRecordId after, std::size_t limit) const override;
  Result<std::vector<TreeRecord>> pending_below(FileId root, TreeRecordId after,
                                                std::size_t limit) const override;
  Result<TreeRecord> begin(const NewTreeRecord& record) override;
  Result<void> advance(TreeRecordId id, std::string_view from, std::string_view to) override;
  Result<void> end(TreeRecordId id) override;

 private:
  Connection& db_;
};

class SqlVersions final : public VersionRepository {
 public:
  explicit SqlVersions(Connection& db) : db_(db) {}
  Result<std::vector<Version>> list(FileId file, std::size_t limit) const override;
  Result<std::optional<Version>> find(FileId file, const VersionId& id) const override;
  Result<std::vector<Version>> surplus(FileId file, std::size_t most,
                                       std::size_t limit) const override;
  Result<std::vector<PlacedVersion>> replaced_before(Timestamp before,
                                                     const std::optional<VersionPosition>& after,
                                                     std::size_t limit) const override;
  Result<std::vector<Count>> counts(FileId after, std::size_t limit) const override;
  Result<FileEntry> restore(FileId file, const VersionId& id, Timestamp now) override;
  Result<void> adopt(FileId from, FileId to, FormerContent content, Timestamp now) override;
  Result<void> remove(FileId file, const VersionId& id, Timestamp now) override;

 private:
  Connection& db_;
};

/// Takes the subtree of `root` out of its directory; false if there is none, or it was out before.
bool detach(Connection& db, FileId root);

/// What files and their versions refer to.
std::vector<BlobId> blobs_of(Connection& db, std::span<const FileId> files);

/// Makes the present content of `from` a version of `to`.
void keep_content(Connection& db, FileId from, FileId to, Timestamp now);

/// A condition on the row `r` of grants or of shares: what it is about is in no detached tree. Only
/// where the home has something in the trash is there anything to look for.
inline std::string is_awake(std::string_view r) {
  const std::string row{r};
  return "(not exists (select 1 from trash t where t.owner_id = " + row +
         ".home_id) or exists (with recursive above(parent_id, name) as (select f.parent_id, f.name"
         " from files f where f.id = " +
         row +
         ".file_id union all select f.parent_id, f.name from above join files f on f.id ="
         " above.parent_id) select 1 from above where parent_id is null and substr(name, 1, 1) <>"
         " '/'))";
}

} // namespace baluhost::sql
