#pragma once

#include "baluhost/ports/repositories/archive_repository.hpp"
#include "baluhost/ports/repositories/blob_repository.hpp"
#include "baluhost/ports/repositories/file_repository.hpp"
#include "baluhost/ports/repositories/grant_repository.hpp"
#include "baluhost/ports/repositories/search_repository.hpp"
#include "baluhost/ports/repositories/share_repository.hpp"
#include "baluhost/ports/repositories/transfer_repository.hpp"
#include "baluhost/ports/repositories/upload_repository.hpp"
#include "database/state.hpp"

#include <span>
#include <vector>

/// The repositories over one state: the snapshot of a read or the draft of a write. The database's
/// mutex makes writes follow one another, so a lock of the contract only has to check that what it
/// locks is there.
namespace baluhost::memory {

class MemoryGrants final : public GrantRepository {
 public:
  explicit MemoryGrants(State& state) : state_(state) {}
  Result<Rights> rights_on(UserId grantee, std::span<const FileId> files) const override;
  Result<std::vector<FileStanding>> standings(UserId user, std::span<const FileId> files,
                                              std::optional<FileId> root) const override;
  Result<std::optional<Grant>> find(FileId file, const Username& grantee) const override;
  Result<std::vector<Grant>> list_of_file(FileId file, const std::optional<Username>& after,
                                          std::size_t limit) const override;
  Result<std::vector<PlacedGrant>> list_below(FileId root,
                                              const std::optional<GrantPosition>& after,
                                              std::size_t limit) const override;
  Result<std::vector<PlacedGrant>> list_of_grantee(UserId grantee, FileId after_file,
                                                   std::size_t limit) const override;
  Result<std::vector<PlacedGrant>> tree_of(UserId owner) const override;
  Result<std::vector<UserId>> homes_given_on_by(UserId giver) const override;
  Result<std::vector<UserId>> homes_visible_to(UserId grantee) const override;
  Result<bool> put(const Grant& grant) override;
  Result<void> remove(FileId file, const Username& grantee) override;
  Result<std::int64_t> remove_below(FileId root) override;

 private:
  State& state_;
};

class MemoryShares final : public ShareRepository {
 public:
  explicit MemoryShares(State& state) : state_(state) {}
  Result<std::optional<ShareState>> find(const ShareId& id) const override;
  Result<std::vector<PlacedShare>> list(const ShareFilter& filter,
                                        const std::optional<ShareId>& after,
                                        std::size_t limit) const override;
  Result<std::int64_t> count(UserId creator) const override;
  Result<void> insert(const Share& share) override;
  Result<void> update(const ShareId& id, const ShareChanges& changes) override;
  Result<bool> use(const ShareId& id, std::int64_t generation, Timestamp now) override;
  Result<void> add_bytes(const ShareId& id, std::int64_t bytes) override;
  Result<void> end(const ShareId& id, Timestamp now) override;
  Result<std::int64_t> forget_ended(Timestamp before, std::size_t limit) override;

  /// Those on `file` go with it, and their uploads with them.
  void forget_on(FileId file);

  /// The same for those that a user made, and that lay in a user's home.
  void forget_of(UserId user);

 private:
  void forget(const ShareId& id);
  State& state_;
};

class MemoryFiles final : public FileRepository {
 public:
  explicit MemoryFiles(State& state) : state_(state) {}
  Result<Resolution> resolve(const FilePath& path) const override;
  Result<Resolution> resolve_below(FileId root, std::span<const FileName> below) const override;
  Result<std::optional<FileEntry>> find(FileId id) const override;
  Result<FilePath> path_of(FileId id) const override;
  Result<std::vector<FileEntry>> children(FileId directory, const std::optional<FileName>& after,
                                          std::size_t limit) const override;
  Result<std::vector<FileEntry>> sorted_children(FileId directory, DirectoryOrder order,
                                                 const std::optional<SortedPlace>& after,
                                                 std::size_t limit) const override;
  Result<std::vector<FileEntry>> children_of(std::span<const FileId> directories,
                                             std::size_t limit) const override;
  Result<std::vector<FileEntry>> homes(const std::optional<FileName>& after,
                                       std::size_t limit) const override;
  Result<bool> is_empty(FileId directory) const override;
  Result<TreeTotals> totals(FileId root) const override;
  Result<std::vector<TreeNode>> bottom_up(FileId root, std::size_t limit) const override;
  Result<std::vector<TreeNode>> top_down(FileId root, std::string_view position,
                                         std::size_t limit) const override;
  Result<bool> references(const BlobId& blob) const override;
  Result<std::vector<Content>> contents(const std::optional<BlobId>& after,
                                        std::size_t limit) const override;
  Result<std::vector<FilePath>> paths_of_blob(const BlobId& blob, std::size_t limit) const override;
  Result<void> lock_home(UserId owner) override;
  Result<FileEntry> insert(const NewFileEntry& entry) override;
  Result<FileEntry> replace_content(FileId file, const Content& content,
                                    const Replacement& how) override;
  Result<FileEntry> relocate(FileId node, FileId parent, const FileName& name, UserId owner,
                             Timestamp now) override;
  Result<FileEntry> copy(FileId node, FileId parent, const FileName& name, UserId owner,
                         Timestamp now, const std::optional<std::string>& written_by) override;
  Result<void> note_checksums(std::span<const ContentChecksum> checksums) override;
  Result<void> remove(FileId node, Timestamp now) override;

 private:
  State& state_;
};

class MemorySearch final : public SearchRepository {
 public:
  explicit MemorySearch(State& state) : state_(state) {}
  Result<std::vector<FileEntry>> matches(const NameQuery& query, const SearchSpace& space,
                                         const std::optional<FileId>& before,
                                         std::size_t limit) const override;
  Result<std::vector<FileEntry>> ways_up(std::span<const FileId> files) const override;

 private:
  State& state_;
};

class MemoryArchives final : public ArchiveRepository {
 public:
  explicit MemoryArchives(State& state) : state_(state) {}
  Result<std::optional<Archive>> find(const ArchiveId& id, Timestamp now) const override;
  Result<ArchiveUse> use_of(UserId owner) const override;
  Result<std::vector<ArchiveEntry>> entries_at(const ArchiveId& id, std::int64_t offset,
                                               std::size_t limit) const override;
  Result<std::vector<ArchiveEntry>> directory_at(const ArchiveId& id, std::int64_t offset,
                                                 std::size_t limit) const override;
  Result<std::vector<ArchiveEntry>> directories_after(const ArchiveId& id, std::int64_t after,
                                                      std::size_t limit) const override;
  Result<std::vector<ArchiveId>> ended(Timestamp unused_since, Timestamp now,
                                       std::size_t limit) const override;
  Result<void> insert(const Archive& archive) override;
  Result<void> append(const ArchiveId& id, std::span<const ArchiveEntry> entries) override;
  Result<void> update(const Archive& archive) override;
  Result<void> touch(const ArchiveId& id, Timestamp now) override;
  Result<bool> remove(const ArchiveId& id, std::size_t limit, Timestamp now) override;

 private:
  State& state_;
};

class MemoryUploads final : public UploadRepository {
 public:
  explicit MemoryUploads(State& state) : state_(state) {}
  Result<std::optional<PendingUpload>> find(const UploadId& id) const override;
  Result<std::vector<PendingUpload>> expired(Timestamp now, std::size_t limit) const override;
  Result<std::vector<UnfinishedUpload>> list_unfinished(const UploadFilter& filter,
                                                        const std::optional<UploadId>& after,
                                                        std::size_t limit) const override;
  Result<std::int64_t> reserved_bytes(const Username& owner) const override;
  Result<std::int64_t> unfinished(UserId creator) const override;
  Result<void> insert(const PendingUpload& upload) override;
  Result<void> advance(const UploadId& id, std::int64_t offset, Timestamp expires_at) override;
  Result<void> remove(const UploadId& id) override;

 private:
  State& state_;
};

class MemoryBlobs final : public BlobRepository {
 public:
  explicit MemoryBlobs(State& state) : state_(state) {}
  Result<std::vector<DoomedBlob>> doomed(std::size_t limit) const override;
  Result<void> forget_doomed(const BlobId& blob) override;
  Result<bool> mark_damaged(const BlobId& blob, std::string_view finding, Timestamp now) override;
  Result<bool> clear_damaged(const BlobId& blob) override;
  Result<std::vector<BlobId>> missing(std::size_t limit) const override;

 private:
  State& state_;
};

class MemoryTransfers final : public TransferRepository {
 public:
  explicit MemoryTransfers(State& state) : state_(state) {}
  Result<std::vector<TransferGroup>> groups(const InstanceId& instance, TransferId after,
                                            std::size_t limit) const override;
  Result<void> begin(const TransferGroup& group) override;
  Result<bool> end(const InstanceId& instance, const OpenTransfers& seen,
                   const OpenTransfers& transfers, std::span<const TransferId> over) override;
  Result<std::vector<Instance>> instances() const override;
  Result<std::optional<Instance>> instance(const InstanceId& id) const override;
  Result<void> put_instance(const Instance& instance) override;
  Result<void> remove_instance(const InstanceId& id) override;

 private:
  State& state_;
};

/// Whether an entry of an archive refers to `blob`.
bool is_in_archive(const State& state, const BlobId& blob);

/// Keeps the checksum of a content in the entries that have none.
void note_in_archives(State& state, const BlobId& blob, std::uint32_t crc32);

/// Dooms a content that no file refers to.
void doom_if_unused(State& state, const std::optional<Content>& content, Timestamp now);

/// `root` and every node below it, each directory after what is in it, children by name, with its
/// path below `root`. Empty if `root` is not there.
std::vector<TreeNode> subtree(const State& state, FileId root);

} // namespace baluhost::memory
