#pragma once

#include "bulk/bulk_connection.hpp"
#include "bulk/bulk_reader.hpp"

#include "baluhost/ports/bulk_store.hpp"

#include <memory>

namespace baluhost::sqlite {

class SqliteBulkWriter final : public sql::SqlBulkWriter<BulkConnection, SqliteBulkReader> {
 public:
  using SqlBulkWriter::SqlBulkWriter;
  SqliteBulkWriter(const SqliteBulkWriter&) = delete;
  SqliteBulkWriter& operator=(const SqliteBulkWriter&) = delete;
  ~SqliteBulkWriter() override;

  Result<std::vector<bulk::Finding>> obstacles() override;
  Result<bulk::Run> run() override;
  Result<void> set_state(bulk::RunState state, std::string_view detail) override;
  Result<void> begin() override { return db_->execute("begin immediate"); }
  Result<void> commit() override { return db_->execute("commit"); }
  void roll_back() noexcept override;
  Result<void> create_schema(std::string_view source) override;
  Result<void> empty_rewritten_tables() override;
  Result<void> begin_rows(const bulk::Table& table) override;
  Result<void> put(const bulk::Table& table, const bulk::Row& row) override;
  Result<void> end_rows() override;
  Result<void> set_last_identity(const bulk::Table& table, std::int64_t last) override;
  Result<std::vector<bulk::SchemaPart>> missing_parts() override;
  Result<void> make_part(const bulk::SchemaPart& part) override;
  Result<void> finish_schema() override;
  Result<void> remove_everything() override;

 private:
  Statement insert_;
};

} // namespace baluhost::sqlite
