#pragma once

#include "bulk/bulk_connection.hpp"

#include "baluhost/ports/bulk_store.hpp"

#include <memory>
#include <string_view>

namespace baluhost::sqlite {

class SqliteBulkReader final : public BulkReader {
 public:
  explicit SqliteBulkReader(std::shared_ptr<BulkConnection> connection)
      : db_(std::move(connection)) {}

  Result<std::int64_t> schema_version() override;
  Result<std::vector<bulk::Finding>> structure() override;
  Result<std::vector<bulk::Finding>> damage() override;
  Result<void> begin_snapshot() override;
  void end_snapshot() override;
  Result<bool> changed() override;
  Result<void> scan(const bulk::Table& table, bulk::Range range, bulk::RowSink sink) override;
  Result<std::int64_t> count(const bulk::Table& table) override;
  Result<std::optional<std::int64_t>> least_key(const bulk::Table& table) override;
  Result<std::optional<std::int64_t>> greatest_key(const bulk::Table& table) override;
  Result<std::int64_t> last_identity(const bulk::Table& table) override;

 private:
  using Findings = std::vector<bulk::Finding>;

  Result<void> find_broken_pages(Findings& findings);
  Result<void> find_broken_references(Findings& findings);
  Result<void> find_forbidden_values(Findings& findings);
  Result<void> find_duplicates(Findings& findings);
  Result<std::optional<std::int64_t>> bound(const bulk::Table& table, std::string_view function);

  std::shared_ptr<BulkConnection> db_;
  std::int64_t data_version_{0};
};

} // namespace baluhost::sqlite
