#include "migration/rows/copy_rows.hpp"

#include "migration/rows/progress_meter.hpp"

#include "baluhost/domain/concat.hpp"

namespace baluhost::migration {
namespace {

Result<void> begin_batch(BulkWriter& target, const bulk::Table& table) {
  BALUHOST_CHECK(target.begin());
  return target.begin_rows(table);
}

Result<void> end_batch(BulkWriter& target) {
  BALUHOST_CHECK(target.end_rows());
  return target.commit();
}

Result<void> copy_identity(BulkReader& source, BulkWriter& target, const bulk::Table& table) {
  if (!table.has_identity) return {};
  BALUHOST_TRY(const auto last, source.last_identity(table));
  return target.set_last_identity(table, last);
}

Result<void> copy(BulkReader& source, BulkWriter& target, const bulk::Table& table,
                  const CopyOptions& options, FunctionRef<bool(const bulk::Row&)> seen) {
  const bool own = options.transactions == Transactions::own;
  const bool batched = own && table.growth == bulk::Growth::appended;
  if (own) BALUHOST_CHECK(target.begin());
  if (table.derived) BALUHOST_CHECK(target.empty(table));
  BALUHOST_CHECK(target.begin_rows(table));
  std::int64_t in_batch = 0;
  const auto put = [&](const bulk::Row& row) -> Result<void> {
    if (batched && in_batch == options.batch) {
      BALUHOST_CHECK(end_batch(target));
      BALUHOST_CHECK(begin_batch(target, table));
      in_batch = 0;
    }
    ++in_batch;
    if (!seen(row)) return stopped();
    return target.put(table, row);
  };
  BALUHOST_CHECK(source.scan(table, {.after = options.after}, put));
  BALUHOST_CHECK(target.end_rows());
  BALUHOST_CHECK(copy_identity(source, target, table));
  return own ? target.commit() : Result<void>{};
}

} // namespace

Result<void> copy_rows(BulkReader& source, BulkWriter& target, const bulk::Table& table,
                       const CopyOptions& options, FunctionRef<bool(const bulk::Row&)> seen) {
  auto done = copy(source, target, table, options, seen);
  if (done) return {};
  if (options.transactions == Transactions::own) target.roll_back();
  return Error{done.error().code, concat("copying ", table.name, ": ", done.error().detail)};
}

} // namespace baluhost::migration
