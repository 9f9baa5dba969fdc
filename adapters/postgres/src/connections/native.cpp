#include "connections/native.hpp"

#include "dialect.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <sys/socket.h>

#include <random>

namespace baluhost::postgres {
namespace {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

/// Runs `sql` under the watch of the connection's patience.
ResultPtr run(sql::Connection& connection, const char* sql) {
  connection.dialect().statement_begins(connection);
  ResultPtr result(PQexec(handle_of(connection), sql));
  connection.dialect().statement_ends(connection);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const char* message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    throw soci::postgresql_soci_error(message != nullptr ? message : "the server does not answer",
                                      state != nullptr ? state : "08000");
  }
  return result;
}

soci::postgresql_session_backend* backend_of(sql::Connection& connection) noexcept {
  return static_cast<soci::postgresql_session_backend*>(connection.session().get_backend());
}

/// Statements are named by a count. Where a pooler gives one session of the server's to several
/// connections after all, a name of one must not be another's: what is executed would be mixed up,
/// and without an error.
void name_statements_apart(sql::Connection& connection) {
  std::random_device random;
  constexpr unsigned kFirst = 1U << 30;
  backend_of(connection)->statementCount_ = static_cast<int>(random() % kFirst);
}

} // namespace

PGconn* handle_of(sql::Connection& connection) noexcept { return backend_of(connection)->conn_; }

OpenedConnection open_connection(const PostgresOptions& options) {
  auto url = postgres_connection_url(options);
  if (!url) throw soci::soci_error("the URL of the database cannot be read");
  auto session = std::make_unique<soci::session>(soci::postgresql, std::string{url->reveal()});
  auto connection = std::make_unique<sql::Connection>(postgres_dialect(), std::move(session));
  PQsetNoticeProcessor(
      handle_of(*connection), [](void*, const char*) {}, nullptr);
  name_statements_apart(*connection);
  connection->patience = options.deadline;
  const auto limit = std::to_string(options.statement_timeout.count());
  // No statement here is worth compiling, which takes a tenth of a second. One message, so that it
  // is the process with the settings that says its number.
  auto process = script_value(
      *connection,
      "set statement_timeout = " + limit + "; set lock_timeout = " + limit +
          "; set idle_in_transaction_session_timeout = 60000; set synchronous_commit = on;"
          " set client_min_messages = error; set timezone = 'UTC'; set jit = off; " +
          kProcessQuery);
  const bool is_pooled = process != std::to_string(PQbackendPID(handle_of(*connection)));
  return {std::move(connection), {std::move(process), is_pooled}};
}

void run_script(sql::Connection& connection, const std::string& sql) {
  run(connection, sql.c_str());
}

std::string script_value(sql::Connection& connection, const std::string& sql) {
  const auto result = run(connection, sql.c_str());
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

bool commit(sql::Connection& connection) {
  return std::string_view{PQcmdStatus(run(connection, "commit").get())} == "COMMIT";
}

void roll_back(sql::Connection& connection) noexcept {
  if (PQtransactionStatus(handle_of(connection)) == PQTRANS_IDLE) return;
  try {
    run(connection, "rollback");
  } catch (const std::exception&) {
    // The connection is gone, and the transaction with it.
  }
}

bool is_alive(sql::Connection& connection) noexcept {
  return PQstatus(handle_of(connection)) == CONNECTION_OK &&
         PQtransactionStatus(handle_of(connection)) == PQTRANS_IDLE;
}

void cut(sql::Connection& connection) noexcept {
  const int socket = PQsocket(handle_of(connection));
  if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

} // namespace baluhost::postgres
