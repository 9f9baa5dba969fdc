#include "baluhost/sqlite/sqlite_bulk_store.hpp"

#include "bulk/bulk_reader.hpp"
#include "bulk/bulk_writer.hpp"

#include "baluhost/sql_common/tables.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"

namespace baluhost {
namespace {

using sqlite::BulkConnection;

class SqliteBulkStore final : public BulkStore {
 public:
  SqliteBulkStore(std::string path, SqliteFile file) : path_(std::move(path)), file_(file) {}

  std::span<const bulk::Table> tables() const override { return sql::moved_tables(); }
  std::int64_t needed_version() const override { return sqlite_schema_version(); }
  bool is_concurrent() const override { return false; }
  bool notices_changes() const override { return true; }

  Result<std::unique_ptr<BulkReader>> open_reader() override {
    BALUHOST_TRY(auto connection, BulkConnection::open(path_, file_, BulkConnection::Access::read));
    return std::unique_ptr<BulkReader>{
        std::make_unique<sqlite::SqliteBulkReader>(std::move(connection))};
  }

  Result<std::unique_ptr<BulkWriter>> open_writer() override {
    if (file_ == SqliteFile::frozen) return Error{Errc::forbidden, path_ + " is not to be written"};
    BALUHOST_TRY(auto connection,
                 BulkConnection::open(path_, file_, BulkConnection::Access::write));
    return std::unique_ptr<BulkWriter>{
        std::make_unique<sqlite::SqliteBulkWriter>(std::move(connection))};
  }

 private:
  std::string path_;
  SqliteFile file_;
};

} // namespace

std::unique_ptr<BulkStore> make_sqlite_bulk_store(std::string path, SqliteFile file) {
  return std::make_unique<SqliteBulkStore>(std::move(path), file);
}

} // namespace baluhost
