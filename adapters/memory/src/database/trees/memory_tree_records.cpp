#include "database/trees/nodes.hpp"
#include "database/trees/tree_repositories.hpp"

namespace baluhost::memory {
namespace {

Error is_over() { return Error{Errc::conflict, "another was faster"}; }

void count_record(State& state, FileId root, std::int64_t records) {
  FileEntry entry = *state.files.find(root);
  entry.pending_records += records;
  state.files.put(root, std::move(entry));
}

} // namespace

Result<std::vector<TreeRecord>> MemoryTreeRecords::pending(TreeRecordId after,
                                                           std::size_t limit) const {
  return state_.tree_records.values_after(after, limit);
}

Result<std::vector<TreeRecord>> MemoryTreeRecords::pending_below(FileId root, TreeRecordId after,
                                                                 std::size_t limit) const {
  std::vector<TreeRecord> records;
  state_.tree_records.each_after(after, [&](TreeRecordId, const TreeRecord& record) {
    if (records.size() >= limit) return false;
    if (lies_in(state_, record.root, root)) records.push_back(record);
    return true;
  });
  return records;
}

Result<TreeRecord> MemoryTreeRecords::begin(const NewTreeRecord& fresh) {
  if (!state_.files.contains(fresh.root)) return Error{Errc::not_found, "no such node"};
  TreeRecord record{fresh};
  record.id = TreeRecordId{++state_.last_tree_record};
  state_.tree_records.put(record.id, record);
  count_record(state_, fresh.root, 1);
  return record;
}

Result<void> MemoryTreeRecords::advance(TreeRecordId id, std::string_view from,
                                        std::string_view to) {
  auto record = copy_of(state_.tree_records.find(id));
  if (!record || record->position != from) return is_over();
  record->position = to;
  state_.tree_records.put(id, *std::move(record));
  return {};
}

Result<void> MemoryTreeRecords::end(TreeRecordId id) {
  const auto record = copy_of(state_.tree_records.find(id));
  if (!record) return is_over();
  state_.tree_records.erase(id);
  count_record(state_, record->root, -1);
  return {};
}

} // namespace baluhost::memory
