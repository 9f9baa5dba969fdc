#include "baluhost/core/operations/sweep.hpp"

#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

// The file goes before its entry in the list of doomed blobs: a crash between the two repeats a
// removal, which is no error, where the other order would leave an orphan.
namespace baluhost {
namespace {

constexpr std::size_t kBatch = 500;

/// Which of `blobs` files refer to.
Result<std::vector<bool>> referenced(Database& database, const std::vector<BlobId>& blobs) {
  return query(database, [&](ReadTransaction& tx) -> Result<std::vector<bool>> {
    std::vector<bool> answers;
    for (const auto& blob : blobs) {
      BALUHOST_TRY(const bool is_referenced, tx.files().references(blob));
      answers.push_back(is_referenced);
    }
    return answers;
  });
}

Result<void> forget(Database& database, const std::vector<BlobId>& blobs) {
  return database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    for (const auto& blob : blobs) BALUHOST_CHECK(tx.blobs().forget_doomed(blob));
    return {};
  });
}

Result<void> remove_counted(BlobStore& blobs, const BlobId& blob, SweepResult& result) {
  const auto reader = blobs.open(blob);
  BALUHOST_CHECK(blobs.remove(blob));
  ++result.blobs;
  if (reader) result.bytes += (*reader)->size();
  return {};
}

} // namespace

Result<void> sweep_staged(Database& database, BlobStore& blobs) {
  BALUHOST_TRY(const auto staged, blobs.list_staged());
  for (const auto& id : staged) {
    BALUHOST_TRY(const auto upload,
                 query(database, [&](ReadTransaction& tx) { return tx.uploads().find(id); }));
    if (!upload) BALUHOST_CHECK(blobs.discard_staged(id));
  }
  return {};
}

Result<SweepResult> sweep_doomed(Database& database, BlobStore& blobs) {
  SweepResult result;
  std::set<BlobId> stuck;
  std::optional<Error> failure;
  while (stuck.size() < kBatch) {
    const std::size_t limit = kBatch + stuck.size();
    BALUHOST_TRY(const auto rows,
                 query(database, [&](ReadTransaction& tx) { return tx.blobs().doomed(limit); }));
    std::vector<BlobId> doomed;
    for (const auto& row : rows) {
      if (!stuck.contains(row.blob)) doomed.push_back(row.blob);
    }
    if (doomed.empty()) break;
    BALUHOST_TRY(const auto needed, referenced(database, doomed));
    std::vector<BlobId> done;
    for (std::size_t i = 0; i < doomed.size(); ++i) {
      const auto removed = needed[i] ? Result<void>{} : remove_counted(blobs, doomed[i], result);
      if (removed) {
        done.push_back(doomed[i]);
      } else {
        stuck.insert(doomed[i]);
        failure = removed.error();
      }
    }
    BALUHOST_CHECK(forget(database, done));
    if (rows.size() < limit) break;
  }
  if (failure) return *std::move(failure);
  return result;
}

Result<SweepResult> sweep_orphans(Database& database, BlobStore& blobs, Timestamp older_than,
                                  const std::function<void(std::int64_t seen)>& progress) {
  SweepResult result;
  std::int64_t seen = 0;
  std::optional<BlobId> after;
  for (;;) {
    BALUHOST_TRY(const auto page, blobs.list(after, kBatch));
    if (page.empty()) break;
    after = page.back().id;
    std::vector<BlobId> old;
    std::vector<std::int64_t> sizes;
    for (const auto& blob : page) {
      if (blob.published_at >= older_than) continue;
      old.push_back(blob.id);
      sizes.push_back(blob.size);
    }
    BALUHOST_TRY(const auto needed, referenced(database, old));
    std::vector<BlobId> removed;
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (needed[i]) continue;
      BALUHOST_CHECK(blobs.remove(old[i]));
      removed.push_back(old[i]);
      ++result.blobs;
      result.bytes += sizes[i];
    }
    if (!removed.empty()) BALUHOST_CHECK(forget(database, removed));
    seen += static_cast<std::int64_t>(page.size());
    if (progress) progress(seen);
  }
  BALUHOST_CHECK(sweep_staged(database, blobs));
  return result;
}

} // namespace baluhost
