#pragma once

#include "baluhost/sql_common/dialect.hpp"

namespace baluhost::sqlite {

/// The one dialect of SQLite; it has no state.
const sql::Dialect& sqlite_dialect() noexcept;

/// True if `error` says that another program holds the lock.
bool is_busy(const sql::Connection::Trouble& trouble) noexcept;

/// A page of events, by the index that suits the filter.
std::vector<AuditEvent> audit_page(sql::Connection& db, const AuditFilter& filter, SortOrder order,
                                   const std::optional<EventPosition>& after, std::size_t limit);

} // namespace baluhost::sqlite
