#pragma once

#include "baluhost/ports/common/bulk_rows.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// Of `make_memory_bulk_store`.
struct MemoryBulkStoreOptions {
  bool concurrent{false};
  bool notices_changes{true};
};

/// A BaluHost in miniature: some users, the servers, and an audit trail with its figures. Keeps no
/// derived table by itself. Fails when it is told to.
class MemoryBulkStore : public BulkStore {
 public:
  /// As of `bulk`, with text of their own.
  using Cell = bulk::StoredCell;
  using Row = bulk::StoredRow;

  /// Makes the schema, with all its parts and `version`: another program's where that is 0.
  virtual void make_schema(std::int64_t version) = 0;

  /// Writes a row as a server does; over that of the same key, if there is one.
  virtual void put_row(std::string_view table, Row row) = 0;

  /// By key.
  [[nodiscard]] virtual std::vector<Row> rows(std::string_view table) const = 0;

  /// What readers find from now on.
  virtual void set_structure(std::vector<bulk::Finding> findings) = 0;
  virtual void set_damage(std::vector<bulk::Finding> findings) = 0;

  /// The `nth` call of a writer from now on (1: the next) fails with unavailable, once; 0: none.
  virtual void fail_write(int nth) = 0;

  /// Whether a call that was to fail is still to come.
  [[nodiscard]] virtual bool is_about_to_fail() const = 0;

  /// Another store that holds the same.
  [[nodiscard]] virtual std::unique_ptr<MemoryBulkStore> copy() const = 0;
};

/// Empty: its schema is made by a writer, or by `make_schema`. What is opened from it must not
/// outlive it.
std::unique_ptr<MemoryBulkStore> make_memory_bulk_store(const MemoryBulkStoreOptions& options = {});

} // namespace baluhost
