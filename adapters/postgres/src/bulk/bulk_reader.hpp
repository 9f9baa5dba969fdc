#pragma once

#include "bulk/bulk_connection.hpp"

#include "baluhost/ports/bulk_store.hpp"

#include <memory>
#include <string_view>

namespace baluhost::postgres {

class PostgresBulkReader final : public BulkReader {
 public:
  explicit PostgresBulkReader(std::shared_ptr<BulkConnection> connection)
      : db_(std::move(connection)) {}

  Result<std::int64_t> schema_version() override;
  Result<std::vector<bulk::Finding>> structure() override;
  Result<std::vector<bulk::Finding>> damage() override { return std::vector<bulk::Finding>{}; }
  Result<void> begin_snapshot() override;
  void end_snapshot() override;
  Result<bool> changed() override { return true; }
  Result<void> scan(const bulk::Table& table, bulk::Range range, bulk::RowSink sink) override;
  Result<std::int64_t> count(const bulk::Table& table) override;
  Result<std::optional<std::int64_t>> least_key(const bulk::Table& table) override;
  Result<std::optional<std::int64_t>> greatest_key(const bulk::Table& table) override;
  Result<std::int64_t> last_identity(const bulk::Table& table) override;

 private:
  Result<std::optional<std::int64_t>> bound(const bulk::Table& table, std::string_view function);

  std::shared_ptr<BulkConnection> db_;
};

} // namespace baluhost::postgres
