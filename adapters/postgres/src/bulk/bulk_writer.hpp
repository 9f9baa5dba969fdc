#pragma once

#include "bulk/bulk_connection.hpp"
#include "bulk/bulk_reader.hpp"

#include "baluhost/ports/bulk_store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace baluhost::postgres {

class PostgresBulkWriter final : public sql::SqlBulkWriter<BulkConnection, PostgresBulkReader> {
 public:
  using SqlBulkWriter::SqlBulkWriter;

  Result<std::vector<bulk::Finding>> obstacles() override;
  Result<bulk::Run> run() override;
  Result<void> set_state(bulk::RunState state, std::string_view detail) override;
  Result<void> begin() override { return db_->execute("begin"); }
  Result<void> commit() override;
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
  /// Statements that take parts of the schema away, and what puts each back.
  struct LeftOut {
    std::vector<std::string> drop;
    std::vector<std::string> restore;
  };

  Result<void> leave_out_constraints(const bulk::Table& table, LeftOut& parts);
  Result<void> leave_out_indexes(const bulk::Table& table, LeftOut& parts);
  Result<bool> is_there(const bulk::SchemaPart& part);
  bool append(const bulk::Column& column, std::int64_t number);
  Result<void> flush();

  std::string buffer_;
};

} // namespace baluhost::postgres
