#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/postgres/postgres_database.hpp"

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::postgres {

struct AnswerDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, AnswerDeleter>;

std::int64_t number_of(std::string_view text);

/// A connection through libpq. Errors are unavailable, with what the server says.
class BulkConnection {
 public:
  /// Errors as of `BulkStore::open_reader`.
  static Result<std::shared_ptr<BulkConnection>> open(const PostgresOptions& options);

  [[nodiscard]] PGconn* handle() const { return connection_.get(); }

  [[nodiscard]] Error failure() const;
  Result<Answer> query(const std::string& sql) const;
  Result<Answer> query(std::string_view sql, const std::vector<std::string>& values) const;
  Result<void> execute(const std::string& sql) const;
  Result<void> execute(std::string_view sql, const std::vector<std::string>& values) const;

  /// The first value of the first row; "" without rows.
  Result<std::string> value(const std::string& sql) const;
  Result<std::string> value(std::string_view sql, const std::vector<std::string>& values) const;
  Result<std::int64_t> number(const std::string& sql) const;

  /// Begins a COPY.
  Result<void> start_copy(const std::string& sql, ExecStatusType expected) const;

  /// Takes what the server says at its end.
  Result<void> finish_copy() const;

 private:
  struct ConnectionDeleter {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
};

} // namespace baluhost::postgres
