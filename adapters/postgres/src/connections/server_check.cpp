#include "connections/server_check.hpp"

#include "baluhost/domain/text.hpp"

#include <poll.h>

#include <chrono>
#include <memory>
#include <string_view>

/// A pooler that lends a process of the server's for one transaction (PgBouncer's pool_mode =
/// transaction) or one statement takes with it what belongs to the process: settings, and prepared
/// statements, whose names then meet those of others. It shows in the process that executes: a
/// transaction of another connection's, held open, gets the one that was ours, or drives ours to
/// another.
namespace baluhost::postgres {
namespace {

using Clock = std::chrono::steady_clock;

/// Others that come between may hide the change once.
constexpr int kRounds = 3;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;
using ConnectionPtr = std::unique_ptr<PGconn, Finish>;

Error unavailable(std::string_view message) {
  return Error{.code = Errc::unavailable,
               .detail = "PostgreSQL: " + printable(message.substr(0, message.find('\n'))),
               .retry_after = std::chrono::seconds{1}};
}

Error conflict(std::string detail) { return Error{Errc::conflict, std::move(detail)}; }

/// The result of the last statement in `sql`.
Result<ResultPtr> execute(PGconn* connection, const char* sql, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  if (PQsendQuery(connection, sql) == 0) return unavailable(PQerrorMessage(connection));
  ResultPtr last;
  for (;;) {
    while (PQisBusy(connection) == 0) {
      ResultPtr next(PQgetResult(connection));
      if (!next) {
        const auto status = PQresultStatus(last.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
          return unavailable(PQerrorMessage(connection));
        return last;
      }
      if (PQresultStatus(last.get()) != PGRES_FATAL_ERROR || !last) last = std::move(next);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return unavailable("the database does not answer");
    pollfd waiting{PQsocket(connection), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (waiting.revents != 0 && PQconsumeInput(connection) == 0)
      return unavailable(PQerrorMessage(connection));
  }
}

Result<std::string> value(PGconn* connection, const char* sql, std::chrono::milliseconds patience) {
  BALUHOST_TRY(const auto result, execute(connection, sql, patience));
  if (PQntuples(result.get()) == 0) return unavailable("the server said nothing");
  return std::string{PQgetvalue(result.get(), 0, 0)};
}

Result<void> check_encoding(PGconn* connection, std::chrono::milliseconds patience) {
  BALUHOST_TRY(
      const auto result,
      execute(connection,
              "select current_setting('server_encoding'), current_setting('client_encoding')",
              patience));
  if (PQntuples(result.get()) == 0) return unavailable("the server said nothing");
  const std::string of_database = PQgetvalue(result.get(), 0, 0);
  if (of_database != "UTF8") {
    return conflict("the database has the encoding " + printable(of_database) +
                    ", which cannot hold every name: make one with"
                    " \"create database … encoding 'UTF8' template template0\", and move what this "
                    "one holds there");
  }
  const std::string of_connection = PQgetvalue(result.get(), 0, 1);
  if (of_connection == "UTF8") return {};
  return conflict("the connection has the encoding " + printable(of_connection) +
                  " and needs UTF8: leave client_encoding out of the database's URL");
}

/// Whether another connection's transaction and this connection meet in one process, or avoid each
/// other. None: not this time.
Result<bool> meets_another(PGconn* connection, PGconn* other, std::chrono::milliseconds patience) {
  BALUHOST_TRY(const auto before, value(connection, kProcessQuery, patience));
  BALUHOST_CHECK(execute(other, "begin", patience));
  const auto held = value(other, kProcessQuery, patience);
  if (!held) return held.error();
  const bool is_same = *held == before;
  auto after = is_same ? held : value(connection, kProcessQuery, patience);
  BALUHOST_CHECK(execute(other, "rollback", patience));
  if (!after) return after.error();
  return is_same || *after != before;
}

Result<ConnectionPtr> connect(const PostgresOptions& options) {
  BALUHOST_TRY(const auto url, postgres_connection_url(options));
  ConnectionPtr connection(PQconnectdb(std::string{url.reveal()}.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return unavailable(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

Result<void> check_pooler(PGconn* connection, const PostgresOptions& options) {
  BALUHOST_TRY(const auto process, value(connection, kProcessQuery, options.deadline));
  if (process == std::to_string(PQbackendPID(connection))) return {};
  BALUHOST_TRY(const auto other, connect(options));
  for (int round = 0; round < kRounds; ++round) {
    const auto meets = meets_another(connection, other.get(), options.deadline);
    // In statement mode PgBouncer refuses every transaction, and closes the connection.
    if (!meets && std::string_view{PQerrorMessage(other.get())}.find("statement pooling") !=
                      std::string_view::npos)
      return lost_process(Errc::conflict);
    if (!meets) return meets.error();
    if (*meets) return lost_process(Errc::conflict);
  }
  return {};
}

} // namespace

Error lost_process(Errc code) {
  return Error{.code = code,
               .detail =
                   "a connection pooler lends each transaction another process of the "
                   "server's, so that settings and prepared statements are lost or mixed "
                   "up: set pool_mode = session for this database in PgBouncer, or connect "
                   "to the server itself",
               .retry_after = std::chrono::seconds{code == Errc::unavailable ? 1 : 0}};
}

Result<void> check_server(PGconn* connection, const PostgresOptions& options) {
  BALUHOST_CHECK(check_encoding(connection, options.deadline));
  return check_pooler(connection, options);
}

} // namespace baluhost::postgres

namespace baluhost {

Result<void> check_postgres_pooling(const PostgresOptions& options) {
  BALUHOST_TRY(const auto connection, postgres::connect(options));
  return postgres::check_pooler(connection.get(), options);
}

} // namespace baluhost
