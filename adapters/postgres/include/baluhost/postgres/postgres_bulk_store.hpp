#pragma once

#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/postgres/postgres_database.hpp"

#include <memory>

namespace baluhost {

/// Reads or fills a PostgreSQL database as a whole. Of `options` it uses what makes a connection.
/// Opens nothing yet.
std::unique_ptr<BulkStore> make_postgres_bulk_store(PostgresOptions options);

} // namespace baluhost
