#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/common/schema_change.hpp"
#include "baluhost/ports/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// Of `make_postgres_database`.
struct PostgresOptions {
  /// `postgresql://user@host:port/database?sslmode=…`, or libpq's key=value form. What it leaves
  /// out comes by libpq's ways: PGPASSWORD, PGPASSFILE, ~/.pgpass, PGSSLROOTCERT, …
  std::string url;

  /// What a password file of ours held; before libpq's ways.
  std::optional<Secret> password;

  /// Connections at most; opened as they are needed.
  int pool_size{8};

  /// Make the schema if there is none, upgrade an old one; else an old one is refused.
  bool create{true};

  /// Also a database whose migration is not finished: for the tool that looks at it, read only.
  bool unfinished{false};

  /// Refuse every write, with forbidden.
  bool read_only{false};

  /// Writes that wait, at most; more are refused with unavailable, at once.
  std::size_t max_queue{10000};

  /// For a write to begin, for a connection to be free and for the server to answer its first word;
  /// then unavailable.
  std::chrono::milliseconds deadline{2000};

  /// For one statement, locks it waits for included.
  std::chrono::milliseconds statement_timeout{30'000};

  /// Told the size of each group of writes after its commit.
  std::function<void(std::size_t)> on_group;

  /// After a conflict between transactions.
  int max_retries{5};

  /// Told of each, on the caller's thread.
  std::function<void()> on_retry;

  /// Told what a commit listener threw.
  std::function<void(std::string_view what)> on_listener_failure;

  /// Told before the factory returns.
  std::function<void(const SchemaChange&)> on_schema_change;
};

/// Connects and checks the schema; a role without rights to create anything will do where it is up
/// to date. conflict: the schema is newer than this program, or older and may not be upgraded, the
/// tables are another program's, a migration into it was not finished, the encoding of the database
/// or of the connection is not UTF8, or as of `check_postgres_pooling`. unavailable: the server
/// does not answer, or refuses (`detail` says what it said). invalid_request: the URL.
///
/// One thread writes; writes that wait share its transaction, each in a savepoint of its own. One
/// that waits for a lock or takes its time there is undone and runs again, by itself and on its own
/// thread; so does one that lost a conflict with another transaction. A connection that the
/// server dropped is replaced, unseen where nothing was under way on it.
Result<std::unique_ptr<Database>> make_postgres_database(const PostgresOptions& options);

/// Runs `work` on one view of the database, which another connection can share by `snapshot`
/// until `work` returns: pg_dump --snapshot, for one. Opens a connection of its own for it. Errors
/// as of `make_postgres_database`, and what `work` returns.
Result<void> share_postgres_snapshot(
    const PostgresOptions& options,
    const std::function<Result<void>(ReadTransaction& tx, const std::string& snapshot)>& work);

/// conflict if a connection pooler takes the server's process away between two transactions, as
/// PgBouncer does with pool_mode = transaction or statement; `detail` says what to do. unavailable.
/// For tools that speak to the server themselves.
Result<void> check_postgres_pooling(const PostgresOptions& options);

/// The schema version that this program makes and needs.
std::int64_t postgres_schema_version() noexcept;

/// Whether the schema that new tables would go to holds none, nor a view or a sequence, of whatever
/// program. unavailable, invalid_request.
Result<bool> is_empty_postgres_database(const PostgresOptions& options);

/// What is wrong with the search keys, and which contents a scrub or a restore found damaged, a
/// sentence each: all else is the server's matter. unavailable, invalid_request.
Result<std::vector<std::string>> check_postgres(const PostgresOptions& options);

/// Writes the search keys that are not those of their names, and the index of names anew; returns
/// how many keys were wrong. Others that write names wait meanwhile. unavailable, invalid_request.
Result<std::int64_t> reindex_postgres(const PostgresOptions& options);

/// Drops the tables and functions that a BaluHost has, in one transaction: what a restore that
/// failed left behind. conflict: connections of others stay in this database for longer than some
/// seconds. unavailable, invalid_request.
Result<void> clear_postgres_database(const PostgresOptions& options);

/// The statements that make the present schema in an empty database, version included: for tools
/// that fill one themselves.
std::string postgres_schema_sql();

/// Whether `url` is in one of libpq's spellings (a URL or key=value) and means what it seems to
/// mean. invalid_request: it cannot be read, or it reads as if a "/" or "@" of a password ended it,
/// so that the rest of the password would count as a host, a port or a database; `fields` says what
/// is allowed, and repeats nothing of `url`.
Result<void> check_postgres_url(std::string_view url);

/// `url` without its secrets, fit to be printed; "postgresql://…" where `check_postgres_url`
/// refuses it.
std::string redacted_postgres_url(std::string_view url);

/// How a program of PostgreSQL's own (pg_dump) reaches the database.
struct PostgresToolAccess {
  /// Without secrets: the arguments of a program are everybody's to read.
  std::string url;

  /// For PGPASSWORD in the environment of that program; none: by libpq's ways.
  std::optional<Secret> password;
};

/// invalid_request: the URL, or a secret in it that no environment variable carries
/// (`sslpassword`).
Result<PostgresToolAccess> postgres_tool_access(const PostgresOptions& options);

/// The parameters of a connection as a URL for libpq: those of `options`, and its defaults for what
/// they leave out (time limits, UTF-8, the program's name). Holds the password if there is one. For
/// tools that speak to the server themselves. invalid_request.
Result<Secret> postgres_connection_url(const PostgresOptions& options);

} // namespace baluhost
