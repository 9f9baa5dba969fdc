#pragma once

#include "baluhost/ports/database.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <memory>

namespace baluhost::sql {

/// The repositories over one connection, inside whatever transaction is open on it.
class SqlTransaction final {
 public:
  explicit SqlTransaction(Connection& connection);
  ~SqlTransaction();
  [[nodiscard]] Transaction& transaction() noexcept;
  [[nodiscard]] Bookkeeping& bookkeeping() noexcept;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Runs what a caller gave; an exception of his becomes internal.
template <class Work, class Argument>
auto run_work(const Work& work, Argument& argument) -> decltype(work(argument)) {
  try {
    return work(argument);
  } catch (const std::exception& error) {
    return Error{Errc::internal, std::string{"the work of a transaction threw: "} + error.what()};
  } catch (...) {
    return Error{Errc::internal, "the work of a transaction threw"};
  }
}

} // namespace baluhost::sql
