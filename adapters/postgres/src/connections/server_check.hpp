#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/postgres/postgres_database.hpp"

#include <libpq-fe.h>

#include <string>

/// What this adapter relies on, and no server or pooler says of itself: UTF-8, and a process that
/// stays the connection's.
namespace baluhost::postgres {

/// The process of the server's that executes what a connection sends.
struct ServerProcess {
  std::string id;
  bool is_pooled{false}; ///< it is not the one that greeted us: a pooler stands between
};

inline constexpr const char* kProcessQuery = "select pg_backend_pid()";

/// conflict: the encoding of the database or of the connection is not UTF8, or a pooler takes the
/// server's process away between two transactions; `detail` says what to do. unavailable. Behind a
/// pooler it opens a second connection for a moment.
Result<void> check_server(PGconn* connection, const PostgresOptions& options);

/// That a connection has changed its process, or shares it.
Error lost_process(Errc code);

} // namespace baluhost::postgres
