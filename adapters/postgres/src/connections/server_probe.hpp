#pragma once

#include "baluhost/postgres/postgres_database.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <memory>

namespace baluhost::postgres {

/// Tells a server that is slow from one that is gone without a word: a connection of its own that
/// never has anything to do, so that it answers at once as long as anybody is there. For one thread
/// at a time.
class ServerProbe {
 public:
  enum class Answer {
    came,
    none, ///< within the patience; the connection is closed
    lost, ///< the connection had ended, and is closed
  };

  explicit ServerProbe(const PostgresOptions& options) : options_(options) {}

  /// Closes a connection that the server has ended.
  [[nodiscard]] bool is_open();

  /// Opens the connection, which takes as long as libpq waits. Whether the server said anything, be
  /// it a refusal.
  bool open();

  /// Needs the connection.
  Answer probe(std::chrono::milliseconds patience);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  Answer answer(std::chrono::milliseconds patience);

  const PostgresOptions& options_;
  std::unique_ptr<PGconn, Finish> connection_;
};

} // namespace baluhost::postgres
