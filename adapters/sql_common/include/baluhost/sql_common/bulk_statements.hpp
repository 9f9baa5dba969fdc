#pragma once

#include "baluhost/domain/concat.hpp"
#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/sql_common/tables.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace baluhost::sql {

/// What a reader asks for in the same words on either database. `Connection` has `number(sql)`.
template <class Connection>
class SqlBulkReader : public BulkReader {
 public:
  explicit SqlBulkReader(std::shared_ptr<Connection> connection) : db_(std::move(connection)) {}

  Result<std::int64_t> count(const bulk::Table& table) final {
    return db_->number("select count(*) from " + rows_of(table));
  }
  Result<std::optional<std::int64_t>> least_key(const bulk::Table& table) final {
    return bound(table, "min");
  }
  Result<std::optional<std::int64_t>> greatest_key(const bulk::Table& table) final {
    return bound(table, "max");
  }

 protected:
  virtual Result<std::optional<std::int64_t>> bound(const bulk::Table& table,
                                                    std::string_view function) = 0;

  const std::shared_ptr<Connection> db_;
};

/// The same of a writer, whose reader is a `Reader`. `Connection` has `execute(sql)` too.
template <class Connection, class Reader>
class SqlBulkWriter : public BulkWriter {
 public:
  explicit SqlBulkWriter(std::shared_ptr<Connection> connection)
      : db_(std::move(connection)), reader_(db_) {}

  BulkReader& reader() final { return reader_; }
  Result<void> empty(const bulk::Table& table) final {
    return db_->execute("delete from " + quoted(table.name));
  }
  Result<void> remove_before(const bulk::Table& table, std::int64_t key) final {
    return db_->execute(
        concat("delete from ", quoted(table.name), " where ", key_list(table), " < ", key));
  }

 protected:
  const std::shared_ptr<Connection> db_;
  Reader reader_;
};

} // namespace baluhost::sql
