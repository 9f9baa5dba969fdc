#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "connections/pipeline.hpp"
#include "connections/server_check.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string>

/// What SOCI has no words for, through the handle of its connection.
namespace baluhost::postgres {

struct OpenedConnection {
  std::unique_ptr<sql::Connection> db;
  ServerProcess process; ///< the one that has the settings
};

/// A connection with every setting it needs. Throws what SOCI throws.
OpenedConnection open_connection(const PostgresOptions& options);

PGconn* handle_of(sql::Connection& connection) noexcept;

Pipeline& pipeline_of(sql::Connection& connection) noexcept;

/// Runs statements one after the other, unprepared, as the server does for a simple query. Only for
/// text that is written in this program. Throws what SOCI throws.
void run_script(sql::Connection& connection, const std::string& sql);

/// As `run_script`; the first value of the last statement, "" if it has none.
std::string script_value(sql::Connection& connection, const std::string& sql);

/// Commits. False if the server rolled back instead, as it does without an error when a statement
/// had failed.
bool commit(sql::Connection& connection);

/// Ends a transaction that only read, with what is sent next, or when it is settled.
void leave(sql::Connection& connection) noexcept;

/// Sends the end of a transaction that was left, and waits for no answer.
void settle(sql::Connection& connection) noexcept;

/// Waits for no answer.
void roll_back(sql::Connection& connection) noexcept;
bool is_alive(sql::Connection& connection) noexcept;

/// Makes whoever waits for the server on this connection see it end. From any thread.
void cut(sql::Connection& connection) noexcept;

} // namespace baluhost::postgres
