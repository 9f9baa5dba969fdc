#include "connections/native.hpp"

#include "dialect.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <sys/socket.h>

namespace baluhost::postgres {
namespace {

soci::postgresql_session_backend* backend_of(sql::Connection& connection) noexcept {
  return static_cast<soci::postgresql_session_backend*>(connection.soci().get_backend());
}

/// The only kind of connection that this adapter makes.
class PostgresConnection final : public sql::Connection {
 public:
  explicit PostgresConnection(std::unique_ptr<soci::session> soci)
      : Connection(postgres_dialect(), std::move(soci)), pipeline(backend_of(*this)->conn_) {}
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection() override { forget_statements(); }

  Pipeline pipeline;
};

} // namespace

PGconn* handle_of(sql::Connection& connection) noexcept { return backend_of(connection)->conn_; }

Pipeline& pipeline_of(sql::Connection& connection) noexcept {
  return static_cast<PostgresConnection&>(connection).pipeline;
}

OpenedConnection open_connection(const PostgresOptions& options) {
  auto url = postgres_connection_url(options);
  if (!url) throw soci::soci_error("the URL of the database cannot be read");
  auto connection = std::make_unique<PostgresConnection>(
      std::make_unique<soci::session>(soci::postgresql, std::string{url->reveal()}));
  PQsetNoticeProcessor(
      handle_of(*connection), [](void*, const char*) {}, nullptr);
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
  const sql::UnderWay under_way(connection);
  pipeline_of(connection).run(sql.c_str());
}

std::string script_value(sql::Connection& connection, const std::string& sql) {
  const sql::UnderWay under_way(connection);
  const auto result = pipeline_of(connection).run(sql.c_str());
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

bool commit(sql::Connection& connection) {
  const sql::UnderWay under_way(connection);
  pipeline_of(connection).put_off("commit");
  return std::string_view{PQcmdStatus(pipeline_of(connection).exchange().get())} == "COMMIT";
}

void leave(sql::Connection& connection) noexcept { pipeline_of(connection).leave(); }

void settle(sql::Connection& connection) noexcept {
  try {
    pipeline_of(connection).settle();
  } catch (const std::exception&) {
    // The connection is gone, and the transaction with it.
  }
}

void roll_back(sql::Connection& connection) noexcept {
  try {
    pipeline_of(connection).roll_back();
  } catch (const std::exception&) {
    // The connection is gone, and the transaction with it.
  }
}

bool is_alive(sql::Connection& connection) noexcept {
  return PQstatus(handle_of(connection)) == CONNECTION_OK && pipeline_of(connection).is_idle();
}

void cut(sql::Connection& connection) noexcept {
  const int socket = PQsocket(handle_of(connection));
  if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

} // namespace baluhost::postgres
