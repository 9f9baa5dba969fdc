#pragma once

#include "baluhost/ports/repositories/roll_up_repository.hpp"
#include "baluhost/sql_common/connection.hpp"

namespace baluhost::sql {

class SqlRollUp final : public RollUpRepository {
 public:
  explicit SqlRollUp(Connection& db) : db_(db) {}
  Result<std::optional<std::int64_t>> next(std::int64_t before) const override;
  Result<void> mark(std::int64_t day) override;
  Result<void> settle(std::int64_t day) override;
  Result<std::optional<DayFigures>> count(std::int64_t day) const override;
  Result<bool> keep(const DayFigures& figures) override;

 private:
  Connection& db_;
};

} // namespace baluhost::sql
