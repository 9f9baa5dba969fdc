#pragma once

#include "baluhost/sql_common/dialect.hpp"

namespace baluhost::postgres {

/// The one dialect of PostgreSQL; what it has to remember lies in the connection.
const sql::Dialect& postgres_dialect() noexcept;

/// The advisory locks of a database
/// (https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS).
enum class AdvisoryLock { schema = 1, roles = 2, chain = 3, blobs = 4 };

/// Takes `lock` until the end of the transaction.
void take(sql::Connection& connection, AdvisoryLock lock);

} // namespace baluhost::postgres
