#pragma once

#include "baluhost/memory/memory_bulk_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::memory {

inline constexpr std::int64_t kBulkVersion = 1;

using StoredRow = MemoryBulkStore::Row;
using StoredRows = std::map<StoredRow, StoredRow>; ///< by key

std::span<const bulk::Table> bulk_tables();
const bulk::Table& bulk_table(std::string_view name);
StoredRow key_of(const bulk::Table& table, const StoredRow& row);

/// Everything that a store holds.
struct BulkState {
  bool has_schema{false};
  std::int64_t version{0};
  bulk::Run run;
  std::vector<bulk::SchemaPart> missing;
  std::map<std::string, StoredRows, std::less<>> tables;
  std::map<std::string, std::int64_t, std::less<>> identities;
  std::vector<bulk::Finding> structure;
  std::vector<bulk::Finding> damage;

  [[nodiscard]] StoredRows rows(std::string_view table) const {
    const auto found = tables.find(table);
    return found == tables.end() ? StoredRows{} : found->second;
  }
};

using BulkChange = std::function<void(BulkState&)>;

/// The state that all connections to a store share. Safe from many threads.
class SharedBulkState {
 public:
  [[nodiscard]] BulkState look() const;
  [[nodiscard]] std::int64_t changes() const;
  void change(const BulkChange& change);

  /// All of them, as one change.
  void change(const std::vector<BulkChange>& changes);

  void fail_write(int nth);
  [[nodiscard]] bool is_about_to_fail() const;

  /// unavailable, when it is its turn.
  Result<void> may_write();

 private:
  mutable std::mutex mutex_;
  BulkState state_;
  std::int64_t changes_{0};
  int until_failure_{0};
};

} // namespace baluhost::memory
