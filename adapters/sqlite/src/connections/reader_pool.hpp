#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/transaction.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace baluhost::sqlite {

/// Connections that only read, opened as they are needed.
class ReaderPool {
 public:
  struct Reader {
    explicit Reader(std::unique_ptr<sql::Connection> opened)
        : db(std::move(opened)), transaction(*db) {}
    std::unique_ptr<sql::Connection> db;
    sql::SqlTransaction transaction;
  };
  using Open = std::function<std::unique_ptr<sql::Connection>()>;

  ReaderPool(std::size_t size, Open open) : size_(size), open_(std::move(open)) {}

  /// unavailable if no connection is free until the deadline.
  Result<std::unique_ptr<Reader>> take(std::chrono::milliseconds deadline);
  void give_back(std::unique_ptr<Reader> reader);

 private:
  const std::size_t size_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Reader>> free_;
  std::size_t opened_{0};
};

} // namespace baluhost::sqlite
