#pragma once

#include "baluhost/ports/repositories/removal_repository.hpp"
#include "baluhost/ports/repositories/trash_repository.hpp"
#include "baluhost/ports/repositories/tree_record_repository.hpp"
#include "baluhost/ports/repositories/version_repository.hpp"
#include "database/state.hpp"

namespace baluhost::memory {

class MemoryRemovals final : public RemovalRepository {
 public:
  explicit MemoryRemovals(State& state) : state_(state) {}
  Result<std::vector<TreeRemoval>> pending(FileId after, std::size_t limit) const override;
  Result<void> begin(const TreeRemoval& removal) override;
  Result<void> remove(std::span<const TreeNode> nodes, Timestamp now) override;

 private:
  State& state_;
};

class MemoryTrash final : public TrashRepository {
 public:
  explicit MemoryTrash(State& state) : state_(state) {}
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
  State& state_;
};

class MemoryTreeRecords final : public TreeRecordRepository {
 public:
  explicit MemoryTreeRecords(State& state) : state_(state) {}
  Result<std::vector<TreeRecord>> pending(TreeRecordId after, std::size_t limit) const override;
  Result<std::vector<TreeRecord>> pending_below(FileId root, TreeRecordId after,
                                                std::size_t limit) const override;
  Result<TreeRecord> begin(const NewTreeRecord& record) override;
  Result<void> advance(TreeRecordId id, std::string_view from, std::string_view to) override;
  Result<void> end(TreeRecordId id) override;

 private:
  State& state_;
};

class MemoryVersions final : public VersionRepository {
 public:
  explicit MemoryVersions(State& state) : state_(state) {}
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
  State& state_;
};

} // namespace baluhost::memory
