#pragma once

#include "bulk/bulk_connection.hpp"

#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/sql_common/bulk_statements.hpp"

#include <memory>
#include <string_view>

namespace baluhost::sqlite {

class SqliteBulkReader final : public sql::SqlBulkReader<BulkConnection> {
 public:
  using SqlBulkReader::SqlBulkReader;

  Result<std::int64_t> schema_version() override;
  Result<std::vector<bulk::Finding>> structure() override;
  Result<std::vector<bulk::Finding>> damage() override;
  Result<void> begin_snapshot() override;
  void end_snapshot() override;
  Result<bool> changed() override;
  Result<void> scan(const bulk::Table& table, bulk::Range range, bulk::RowSink sink) override;
  Result<std::int64_t> last_identity(const bulk::Table& table) override;

 private:
  using Findings = std::vector<bulk::Finding>;

  Result<void> find_broken_pages(Findings& findings);
  Result<void> find_broken_references(Findings& findings);
  Result<void> find_forbidden_values(Findings& findings);
  Result<void> find_duplicates(Findings& findings);
  Result<std::optional<std::int64_t>> bound(const bulk::Table& table,
                                            std::string_view function) override;

  std::int64_t data_version_{0};
};

} // namespace baluhost::sqlite
