#pragma once

#include "baluhost/sql_common/connection.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <string_view>

namespace baluhost::sqlite {

/// A statement of the connection `handle`, which outlives it. Throws what SOCI throws, here and
/// later.
std::unique_ptr<sql::Statement> make_statement(sqlite_api::sqlite3* handle, std::string_view sql,
                                               std::string_view shape);

} // namespace baluhost::sqlite
