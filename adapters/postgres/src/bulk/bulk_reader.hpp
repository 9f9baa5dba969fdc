#pragma once

#include "bulk/bulk_connection.hpp"

#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/sql_common/bulk_statements.hpp"

#include <memory>
#include <string_view>

namespace baluhost::postgres {

class PostgresBulkReader final : public sql::SqlBulkReader<BulkConnection> {
 public:
  using SqlBulkReader::SqlBulkReader;

  Result<std::int64_t> schema_version() override;
  Result<std::vector<bulk::Finding>> structure() override;
  Result<std::vector<bulk::Finding>> damage() override { return std::vector<bulk::Finding>{}; }
  Result<void> begin_snapshot() override;
  void end_snapshot() override;
  Result<bool> changed() override { return true; }
  Result<void> scan(const bulk::Table& table, bulk::Range range, bulk::RowSink sink) override;
  Result<std::int64_t> last_identity(const bulk::Table& table) override;

 private:
  Result<std::optional<std::int64_t>> bound(const bulk::Table& table,
                                            std::string_view function) override;
};

} // namespace baluhost::postgres
