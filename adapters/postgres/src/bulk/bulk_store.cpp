#include "baluhost/postgres/postgres_bulk_store.hpp"

#include "bulk/bulk_reader.hpp"
#include "bulk/bulk_writer.hpp"

#include "baluhost/sql_common/tables.hpp"

namespace baluhost {
namespace {

class PostgresBulkStore final : public BulkStore {
 public:
  explicit PostgresBulkStore(PostgresOptions options) : options_(std::move(options)) {}

  std::span<const bulk::Table> tables() const override { return sql::moved_tables(); }
  std::int64_t needed_version() const override { return postgres_schema_version(); }
  bool is_concurrent() const override { return true; }
  bool notices_changes() const override { return false; }

  Result<std::unique_ptr<BulkReader>> open_reader() override {
    BALUHOST_TRY(auto connection, postgres::BulkConnection::open(options_));
    return std::unique_ptr<BulkReader>{
        std::make_unique<postgres::PostgresBulkReader>(std::move(connection))};
  }

  Result<std::unique_ptr<BulkWriter>> open_writer() override {
    BALUHOST_TRY(auto connection, postgres::BulkConnection::open(options_));
    return std::unique_ptr<BulkWriter>{
        std::make_unique<postgres::PostgresBulkWriter>(std::move(connection))};
  }

 private:
  PostgresOptions options_;
};

} // namespace

std::unique_ptr<BulkStore> make_postgres_bulk_store(PostgresOptions options) {
  return std::make_unique<PostgresBulkStore>(std::move(options));
}

} // namespace baluhost
